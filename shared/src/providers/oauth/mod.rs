//! How a drive's vendor is asked for a person's consent, and what the consent is turned into.
//!
//! One flow for all (RFC 6749 with PKCE, RFC 7636); what sets a vendor apart is its [`Vendor`], in
//! the vendor's own folder.

mod refusal;
mod transport;
mod vendor;

use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl as OAuthRedirectUrl, RefreshToken, Scope,
    TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};

pub use refusal::{Refusal, Verdict};
use transport::Transport;
pub(super) use vendor::standard_verdict;
pub use vendor::{Address, Revocation, Vendor};

use super::http::DriveHttp;
use crate::deadline;
use crate::domain::oauth_tokens::{LIFETIME_MAX, OAuthTokens};
use crate::domain::redirect_url::RedirectUrl;
use crate::domain::{Error, Result};
use crate::secrets::OAuthApp;

/// An access token of unknown life is taken to live so long.
const LIFETIME_DEFAULT: SignedDuration = SignedDuration::from_hours(1);
/// Outside of any request, a vendor has so long to turn a code into tokens.
const EXCHANGE_TIME: Duration = Duration::from_secs(20);
/// What is kept of a request's time to store what a code is exchanged for.
const STORE_RESERVE: Duration = Duration::from_secs(8);
/// A vendor has so long to renew what is renewed only to be ended.
const REVOKE_TIME: Duration = Duration::from_secs(5);

/// A fresh PKCE verifier: 43 characters that hold 256 random bits (RFC 7636 §4.1).
pub fn new_verifier() -> Result<SecretString> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::internal("a verifier could not be made"))?;
    Ok(BASE64URL_NOPAD.encode(&bytes).into())
}

/// The platform's app at one vendor.
pub struct OAuthClient<'a> {
    http: &'a DriveHttp,
    vendor: &'static Vendor,
    app: &'a OAuthApp,
}

type Configured =
    BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

impl<'a> OAuthClient<'a> {
    pub(super) fn new(http: &'a DriveHttp, vendor: &'static Vendor, app: &'a OAuthApp) -> Self {
        Self { http, vendor, app }
    }

    /// The vendor.
    pub fn vendor(&self) -> &'static Vendor {
        self.vendor
    }

    /// The URL where a person is asked. `state` comes back with the answer; the verifier of a
    /// challenge (PKCE S256) is asked for with the code, where the vendor does so.
    pub fn authorization_url(
        &self,
        redirect_url: &RedirectUrl,
        state: String,
        verifier: &SecretString,
    ) -> Result<String> {
        let client = self
            .configured()?
            .set_redirect_uri(redirect_uri(redirect_url)?);
        let scopes = self.vendor.scopes.iter();
        let mut request = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(scopes.map(|&scope| Scope::new(scope.to_owned())));
        for (name, value) in self.vendor.authorize_parameters {
            request = request.add_extra_param(*name, *value);
        }
        if self.vendor.pkce {
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&pkce(verifier));
            request = request.set_pkce_challenge(challenge);
        }
        let (url, _) = request.url();
        Ok(url.into())
    }

    /// Turns a code into tokens. Errors: `Token` if the vendor refuses the code; `AccessRefused` if
    /// the tokens could not be renewed or do less than we need; `Unavailable` if the vendor does not
    /// answer, or does not take our own credentials.
    pub async fn exchange(
        &self,
        code: SecretString,
        redirect_url: &RedirectUrl,
        verifier: &SecretString,
        now: Timestamp,
    ) -> Result<OAuthTokens> {
        let mut client = self.configured()?;
        if self.vendor.repeats_redirect {
            client = client.set_redirect_uri(redirect_uri(redirect_url)?);
        }
        let mut request =
            client.exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()));
        if self.vendor.pkce {
            request = request.set_pkce_verifier(pkce(verifier));
        }
        let answer = request
            .request_async(&Transport {
                http: self.http,
                time: deadline::left_or(EXCHANGE_TIME).saturating_sub(STORE_RESERVE),
            })
            .await
            .map_err(|error| match Refusal::read(self.vendor, error) {
                refusal if refusal.refuses_the_code() => Error::token("code").because(refusal),
                refusal => refusal.into_unavailable(),
            })?;
        let refusal = if let Some(missing) = self.missing_scope(&answer) {
            Error::access(format!(
                "The permission {missing} was not given. Connect again and allow all that is asked."
            ))
        } else if let Some(refresh_token) = answer.refresh_token() {
            return Ok(tokens(&answer, refresh_token.secret().clone().into(), now));
        } else {
            Error::access(
                "The storage provider gave no refresh token, so the connection would not last. \
                 Remove this app's access there and connect again.",
            )
        };
        // What cannot be used is given back. Either token stands for the grant.
        let any = answer.refresh_token().map_or_else(
            || answer.access_token().secret(),
            |refresh_token| refresh_token.secret(),
        );
        if let Err(error) = self
            .revoke(&tokens(&answer, any.clone().into(), now), now)
            .await
        {
            tracing::warn!(cause = error.causes(), "a grant was not given back");
        }
        Err(refusal)
    }

    /// Renews tokens; the vendor has `time` to answer. The answer holds the vendor's new refresh
    /// token, or the old one where it gives none.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        now: Timestamp,
        time: Duration,
    ) -> Result<OAuthTokens, Refusal> {
        let old = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let client = self.configured().map_err(|error| Refusal::ours(&error))?;
        let answer = client
            .exchange_refresh_token(&old)
            .request_async(&Transport {
                http: self.http,
                time,
            })
            .await
            .map_err(|error| Refusal::read(self.vendor, error))?;
        let next = answer.refresh_token().map_or_else(
            || refresh_token.clone(),
            |token| token.secret().clone().into(),
        );
        Ok(tokens(&answer, next, now))
    }

    /// Ends a grant at the vendor, where there is a way to.
    pub async fn revoke(&self, tokens: &OAuthTokens, now: Timestamp) -> Result<()> {
        let Some(revocation) = &self.vendor.revocation else {
            return Ok(());
        };
        let renewed = match revocation {
            Revocation::Bearer(_) if tokens.expires <= now => self
                .refresh(&tokens.refresh_token, now, REVOKE_TIME)
                .await
                .ok(),
            _ => None,
        };
        let tokens = renewed.as_ref().unwrap_or(tokens);
        revocation.send(self.http, self.app, tokens).await
    }

    /// A scope that we need and that the vendor says was not granted. A vendor that does not say
    /// granted what was asked for (RFC 6749 §5.1).
    fn missing_scope(&self, answer: &BasicTokenResponse) -> Option<&'static str> {
        let granted = answer.scopes()?;
        let name = |scope: &str| {
            // Microsoft answers some with their resource before them.
            scope
                .rsplit('/')
                .next()
                .unwrap_or(scope)
                .to_ascii_lowercase()
        };
        self.vendor
            .required_scopes
            .iter()
            .find(|needed| !granted.iter().any(|scope| name(scope) == name(needed)))
            .copied()
    }

    fn configured(&self) -> Result<Configured> {
        let malformed =
            |error| Error::internal("an OAuth endpoint's URL is malformed").because(error);
        let url = |address: Address| self.http.hosts().url(address.host, address.path);
        let authorize = AuthUrl::from_url(url(self.vendor.authorize)?);
        let token = TokenUrl::new(url(self.vendor.token)?.into()).map_err(malformed)?;
        // In the body: the one form that all of them take.
        Ok(BasicClient::new(ClientId::new(self.app.client_id.clone()))
            .set_client_secret(ClientSecret::new(
                self.app.client_secret.expose_secret().to_owned(),
            ))
            .set_auth_type(oauth2::AuthType::RequestBody)
            .set_auth_uri(authorize)
            .set_token_uri(token))
    }
}

fn redirect_uri(url: &RedirectUrl) -> Result<OAuthRedirectUrl> {
    OAuthRedirectUrl::new(url.as_str().to_owned())
        .map_err(|error| Error::internal("a redirect URL does not parse again").because(error))
}

fn pkce(verifier: &SecretString) -> PkceCodeVerifier {
    PkceCodeVerifier::new(verifier.expose_secret().to_owned())
}

fn tokens(answer: &BasicTokenResponse, refresh_token: SecretString, now: Timestamp) -> OAuthTokens {
    let lifetime = answer
        .expires_in()
        .and_then(|lifetime| SignedDuration::try_from(lifetime).ok())
        .map_or(LIFETIME_DEFAULT, |lifetime| lifetime.min(LIFETIME_MAX));
    OAuthTokens {
        access_token: answer.access_token().secret().clone().into(),
        expires: now + lifetime,
        refresh_token,
    }
}
