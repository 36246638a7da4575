//! Consent and tokens: guides "Authentication > OAuth 2.0" and "Authentication > Tokens".

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::super::Simulator;
use super::super::consent::{self, Decision};
use super::super::grants::{Consent, GrantError, Issued};
use super::access::{READ, WRITE};

/// `GET https://account.box.com/api/oauth2/authorize`
pub(super) async fn authorize(
    State(simulator): State<Simulator>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let parameter = |name: &str| find(&query, name);
    if parameter("client_id") != Some(&simulator.vendor().client_id()) {
        return page("invalid_client", "The client_id is not known.");
    }
    let Some(redirect_uri) = parameter("redirect_uri").filter(|uri| is_redirect_uri(uri)) else {
        return page(
            "redirect_uri_mismatch",
            "The redirect_uri does not match the one registered for this application.",
        );
    };
    let state = parameter("state").unwrap_or_default();
    let refuse = |error: &str, description: &str| {
        let answer = [
            ("error", error),
            ("error_description", description),
            ("state", state),
        ];
        consent::back(redirect_uri, &answer)
    };
    if parameter("response_type") != Some("code") {
        return refuse(
            "unsupported_response_type",
            "The response_type must be code.",
        );
    }
    // Without `scope`, all that the app is registered for.
    let scopes: Vec<_> = match parameter("scope") {
        None | Some("") => vec![READ.to_owned(), WRITE.to_owned()],
        Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
    };
    if !scopes.iter().all(|scope| [READ, WRITE].contains(&&**scope)) {
        return refuse("invalid_scope", "The requested scope is invalid.");
    }
    match Decision::in_query(&query) {
        Decision::Ask => consent::page(simulator.vendor(), &scopes, &query),
        Decision::Deny => refuse(
            "access_denied",
            "The user denied access to your application",
        ),
        Decision::Approve => {
            let consent = Consent {
                redirect_uri: redirect_uri.to_owned(),
                scopes,
                // Box has no PKCE: a challenge is ignored.
                challenge: None,
                offline: true,
            };
            let now = simulator.clock().now();
            let code = simulator
                .grants()
                .issue_code(&simulator.policy(), now, consent);
            consent::back(redirect_uri, &[("state", state), ("code", &code)])
        }
    }
}

/// `POST https://api.box.com/oauth2/token`
pub(super) async fn token(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthError> {
    let form = credentials(&simulator, &headers, &body)?;
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    let mut grants = simulator.grants();
    let issued = match find(&form, "grant_type") {
        Some("authorization_code") => {
            let code = required(&form, "code", "The code parameter is missing")?;
            grants.token_calls += 1;
            grants.redeem(&policy, now, code, find(&form, "redirect_uri"), None)
        }
        Some("refresh_token") => {
            let missing = "The refresh_token parameter is missing";
            let token = required(&form, "refresh_token", missing)?;
            grants.token_calls += 1;
            grants.refresh_calls += 1;
            grants.refresh(&policy, now, token)
        }
        _ => return Err(OAuthError("invalid_request", BAD_GRANT_TYPE)),
    };
    match issued {
        Ok(issued) => Ok(tokens(&issued)),
        Err(error) => Err(OAuthError("invalid_grant", because(error))),
    }
}

/// `POST https://api.box.com/oauth2/revoke`: of an access or a refresh token, and with it of its
/// grant.
pub(super) async fn revoke(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, OAuthError> {
    let form = credentials(&simulator, &headers, &body)?;
    let token = required(&form, "token", "The token parameter is missing")?;
    if simulator.grants().revoke(token) {
        Ok(StatusCode::OK)
    } else {
        Err(OAuthError("invalid_token", "The token is not valid"))
    }
}

/// The `OAuth2Error` of the specification: a code and a description.
pub(super) struct OAuthError(&'static str, &'static str);

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.0, "error_description": self.1 });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

const BAD_GRANT_TYPE: &str = "Invalid grant_type parameter or parameter missing";

/// The fields of a form that has the right client id and secret: in the form, since Box reads no
/// `Authorization` here.
fn credentials(
    simulator: &Simulator,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<(String, String)>, OAuthError> {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim() == "application/x-www-form-urlencoded");
    if !is_form {
        return Err(OAuthError("invalid_request", BAD_GRANT_TYPE));
    }
    let form: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
    let vendor = simulator.vendor();
    if find(&form, "client_id") != Some(&vendor.client_id())
        || find(&form, "client_secret") != Some(&vendor.client_secret())
    {
        let description = "The client credentials are invalid";
        return Err(OAuthError("invalid_client", description));
    }
    Ok(form)
}

fn required<'a>(
    form: &'a [(String, String)],
    name: &str,
    missing: &'static str,
) -> Result<&'a str, OAuthError> {
    find(form, name).ok_or(OAuthError("invalid_request", missing))
}

fn tokens(issued: &Issued) -> Response {
    let body = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in.as_secs(),
        "restricted_to": [],
        "refresh_token": issued.refresh_token,
        "token_type": "bearer",
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn because(error: GrantError) -> &'static str {
    match error {
        GrantError::UnknownCode => "Auth code doesn't exist or is invalid for the client",
        GrantError::ExpiredCode => "The authorization code has expired",
        GrantError::RedirectMismatch => {
            "The redirect_uri parameter does not match that of the authorization request"
        }
        GrantError::ExpiredRefreshToken => "Refresh token has expired",
        GrantError::VerifierMismatch | GrantError::UnknownRefreshToken | GrantError::Revoked => {
            "Invalid refresh token"
        }
    }
}

/// What a person reads where the browser cannot be sent back.
fn page(error: &str, description: &str) -> Response {
    let text = format!("Error: {error}\n{description}\n");
    (StatusCode::BAD_REQUEST, text).into_response()
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let pair = pairs.iter().find(|(given, _)| given == name);
    pair.map(|(_, value)| value.as_str())
}

/// Over TLS, or to the app's own machine.
fn is_redirect_uri(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let at_home = matches!(host, "localhost" | "127.0.0.1");
        url.scheme() == "https" || (url.scheme() == "http" && at_home)
    })
}
