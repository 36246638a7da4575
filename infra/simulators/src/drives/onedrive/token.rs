//! Where codes and refresh tokens become access tokens: entra-docs
//! `identity-platform/{v2-oauth2-auth-code-flow,refresh-tokens,reference-error-codes}.md`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use percent_encoding::percent_decode_str;
use serde_json::json;
use url::form_urlencoded;
use uuid::Uuid;

use super::authorize::is_tenant;
use super::scopes;
use crate::drives::Simulator;
use crate::drives::grants::{GrantError, Issued};

/// A refusal: status, OAuth error, AADSTS code, text.
struct TokenError(u16, &'static str, u32, String);

impl TokenError {
    fn invalid_request(code: u32, text: impl Into<String>) -> Self {
        Self(400, "invalid_request", code, text.into())
    }

    fn invalid_grant(code: u32, text: &str) -> Self {
        Self(400, "invalid_grant", code, text.to_owned())
    }

    fn invalid_client(code: u32, text: &str) -> Self {
        Self(401, "invalid_client", code, text.to_owned())
    }

    fn missing(parameter: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::invalid_request(900_144, text)
    }
}

impl From<GrantError> for TokenError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::UnknownCode => Self::invalid_grant(
                9_002_313,
                "Invalid request. Request is malformed or invalid.",
            ),
            GrantError::ExpiredCode => Self::invalid_grant(
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity.",
            ),
            GrantError::RedirectMismatch => Self::invalid_grant(
                500_112,
                "The reply address does not match the reply address provided when requesting Authorization code.",
            ),
            GrantError::VerifierMismatch => Self::invalid_grant(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ),
            GrantError::UnknownRefreshToken => {
                Self::invalid_grant(70_000, "Provided grant is invalid or malformed.")
            }
            GrantError::ExpiredRefreshToken => {
                Self::invalid_grant(700_082, "The refresh token has expired due to inactivity.")
            }
            GrantError::Revoked => Self::invalid_grant(
                50_173,
                "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
            ),
        }
    }
}

/// `POST /TENANT/oauth2/v2.0/token`.
pub(super) async fn issue(
    State(simulator): State<Simulator>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match try_issue(&simulator, &tenant, &headers, &body) {
        Ok(issued) => success(issued),
        Err(error) => refusal(&simulator, &error),
    }
}

fn try_issue(
    simulator: &Simulator,
    tenant: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Issued, TokenError> {
    if !is_tenant(tenant) {
        return Err(TokenError::invalid_request(90_002, "Tenant not found."));
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    let is_form = content_type
        .and_then(|value| value.to_str().ok()?.split(';').next())
        .is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
    // A body of another kind is not read.
    let form: Vec<(String, String)> = if is_form {
        form_urlencoded::parse(body).into_owned().collect()
    } else {
        Vec::new()
    };
    let get = |name: &str| {
        let pair = form.iter().find(|(one, _)| one == name);
        pair.map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    };
    let need = |name: &str| get(name).ok_or_else(|| TokenError::missing(name));

    let grant_type = need("grant_type")?;
    check_client(simulator, headers, &get)?;
    let wanted = get("scope").unwrap_or_default().split_ascii_whitespace();
    if wanted.clone().any(|scope| scopes::known(scope).is_none()) {
        let text = "The provided value for the input parameter 'scope' is not valid.";
        return Err(TokenError(400, "invalid_scope", 70_011, text.to_owned()));
    }
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    let issued = match grant_type {
        "authorization_code" => {
            let (code, redirect_uri) = (need("code")?, need("redirect_uri")?);
            let mut grants = simulator.grants();
            grants.token_calls += 1;
            let verifier = get("code_verifier");
            grants.redeem(&policy, now, code, Some(redirect_uri), verifier)?
        }
        "refresh_token" => {
            let token = need("refresh_token")?;
            let mut grants = simulator.grants();
            grants.token_calls += 1;
            grants.refresh_calls += 1;
            grants.refresh(&policy, now, token)?
        }
        _ => {
            let text = "The app requested an unsupported grant type.";
            return Err(TokenError(
                400,
                "unsupported_grant_type",
                70_003,
                text.to_owned(),
            ));
        }
    };
    let agreed = |scope: &str| {
        let wanted = scopes::known(scope);
        // Those of OpenID need no consent of their own.
        matches!(scope, "openid" | "profile" | "email" | "offline_access")
            || issued.scopes.iter().any(|one| scopes::known(one) == wanted)
    };
    if !wanted.into_iter().all(agreed) {
        let text = "The user or administrator has not consented to use the application.";
        return Err(TokenError::invalid_grant(65_001, text));
    }
    Ok(issued)
}

/// Id and secret, in the body or by Basic authentication, where both are encoded once more
/// (RFC 6749 §2.3.1).
fn check_client<'a>(
    simulator: &Simulator,
    headers: &HeaderMap,
    get: &impl Fn(&str) -> Option<&'a str>,
) -> Result<(), TokenError> {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|text| String::from_utf8(BASE64.decode(text.as_bytes()).ok()?).ok())
        .and_then(|text| {
            let (id, secret) = text.split_once(':')?;
            let decode = |text| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned());
            Some((decode(id)?, decode(secret)?))
        });
    let id = get("client_id").or(basic.as_ref().map(|(id, _)| id.as_str()));
    let secret = get("client_secret").or(basic.as_ref().map(|(_, secret)| secret.as_str()));
    match (id, secret) {
        (None, _) => Err(TokenError::missing("client_id")),
        (Some(id), _) if id != simulator.vendor().client_id() => Err(TokenError(
            400,
            "unauthorized_client",
            700_016,
            "Application was not found in the directory.".to_owned(),
        )),
        (_, None) => Err(TokenError::invalid_client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )),
        (_, Some(secret)) if secret != simulator.vendor().client_secret() => Err(
            TokenError::invalid_client(7_000_215, "Invalid client secret provided."),
        ),
        _ => Ok(()),
    }
}

fn success(issued: Issued) -> Response {
    // The scopes that the token is for; offline_access is none of them.
    let scopes: Vec<_> = issued
        .scopes
        .iter()
        .filter(|scope| *scope != "offline_access")
        .map(String::as_str)
        .collect();
    let seconds = issued.expires_in.as_secs();
    let mut body = json!({
        "token_type": "Bearer",
        "scope": scopes.join(" "),
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": issued.access_token,
    });
    if let Some(token) = issued.refresh_token {
        body["refresh_token"] = token.into();
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn refusal(simulator: &Simulator, error: &TokenError) -> Response {
    let TokenError(status, error, code, text) = error;
    let now = simulator
        .clock()
        .now()
        .strftime("%Y-%m-%d %H:%M:%SZ")
        .to_string();
    let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
    let body = json!({
        "error": error,
        "error_description": format!(
            "AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"
        ),
        "error_codes": [code],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    });
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
