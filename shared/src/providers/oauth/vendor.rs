//! What sets one vendor's OAuth apart from another's.

use jiff::SignedDuration;
use reqwest::Method;
use secrecy::ExposeSecret;

use crate::domain::oauth_tokens::OAuthTokens;
use crate::domain::{Error, Result};
use crate::providers::failure::by_status;
use crate::providers::http::DriveHttp;
use crate::secrets::OAuthApp;

use super::Verdict;

/// A place at a vendor.
#[derive(Debug, Clone, Copy)]
pub struct Address {
    /// The host.
    pub host: &'static str,
    /// The path, beginning with a slash.
    pub path: &'static str,
}

/// The facts of one vendor.
pub struct Vendor {
    /// Where a person is asked.
    pub authorize: Address,
    /// Where codes and refresh tokens are turned into access tokens.
    pub token: Address,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// What of it must be granted.
    pub required_scopes: &'static [&'static str],
    /// What else the authorization URL carries, so that there is a refresh token.
    pub authorize_parameters: &'static [(&'static str, &'static str)],
    /// The vendor checks a PKCE verifier.
    pub pkce: bool,
    /// The redirect URL is sent again with the code.
    pub repeats_redirect: bool,
    /// A refresh token dies when it is used.
    pub single_use_refresh: bool,
    /// A grant that is not used for much longer than this dies; it is renewed then.
    pub keep_alive_after: Option<SignedDuration>,
    /// What an error code of the token endpoint means.
    pub verdict: fn(&str) -> Verdict,
    /// How a grant is ended.
    pub revocation: Option<Revocation>,
}

/// How a grant is ended.
pub enum Revocation {
    /// A `POST` with the access token as the bearer and nothing in it.
    Bearer(Address),
    /// A form with the refresh token and our own credentials.
    Form(Address),
}

impl Revocation {
    pub(super) async fn send(
        &self,
        http: &DriveHttp,
        app: &OAuthApp,
        tokens: &OAuthTokens,
    ) -> Result<()> {
        let request = match self {
            Self::Bearer(address) => http
                .request(Method::POST, address.host, address.path)?
                .bearer_auth(tokens.access_token.expose_secret()),
            Self::Form(address) => http
                .request(Method::POST, address.host, address.path)?
                .form(&[
                    ("token", tokens.refresh_token.expose_secret()),
                    ("client_id", &app.client_id),
                    ("client_secret", app.client_secret.expose_secret()),
                ]),
        };
        let answer = http.send(request).await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            let status = answer.status.as_u16();
            Err(Error::because(
                by_status(status),
                format!("revoke: {status}"),
            ))
        }
    }
}

/// The verdict on an error code of RFC 6749 §5.2, for a vendor that uses no others.
pub(in crate::providers) fn standard_verdict(code: &str) -> Verdict {
    match code {
        "invalid_grant" | "access_denied" => Verdict::Permanent,
        "invalid_client"
        | "unauthorized_client"
        | "invalid_request"
        | "invalid_scope"
        | "unsupported_grant_type" => Verdict::Ours,
        _ => Verdict::Transient,
    }
}
