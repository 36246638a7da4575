//! Google's identity service: tokens and their revocation.
//!
//! <https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::json;

use super::call::header_text;
use super::identity::{Pairs, pairs, value};
use crate::drives::Simulator;
use crate::drives::grants::{GrantError, Issued};

/// A refusal of the identity service (RFC 6749 §5.2).
pub(super) struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        (self.status, NO_STORE, Json(body)).into_response()
    }
}

fn refusal(status: StatusCode, error: &'static str, description: impl Into<String>) -> Refused {
    Refused {
        status,
        error,
        description: description.into(),
    }
}

fn bad(error: &'static str, description: impl Into<String>) -> Refused {
    refusal(StatusCode::BAD_REQUEST, error, description)
}

const NO_STORE: [(header::HeaderName, &str); 2] = [
    (
        header::CACHE_CONTROL,
        "no-cache, no-store, max-age=0, must-revalidate",
    ),
    (header::PRAGMA, "no-cache"),
];

/// The form in a body.
fn form(headers: &HeaderMap, body: &str) -> Result<Pairs, Refused> {
    let content_type = header_text(headers, "content-type");
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence != "application/x-www-form-urlencoded" {
        return Err(bad("invalid_request", "Bad Request"));
    }
    let form = pairs(body);
    for (position, (name, _)) in form.iter().enumerate() {
        if form[..position].iter().any(|(other, _)| other == name) {
            let description = format!("Parameter {name} was given twice.");
            return Err(bad("invalid_request", description));
        }
    }
    Ok(form)
}

/// Refuses who is not the app: the secret is in the form, or in `Authorization: Basic`.
fn check_client(simulator: &Simulator, headers: &HeaderMap, form: &Pairs) -> Result<(), Refused> {
    let basic = header_text(headers, "authorization")
        .strip_prefix("Basic ")
        .and_then(|encoded| BASE64.decode(encoded.as_bytes()).ok())
        .and_then(|decoded| String::from_utf8(decoded).ok())
        .and_then(|pair| {
            let (id, secret) = pair.split_once(':')?;
            Some((id.to_owned(), secret.to_owned()))
        });
    let (id, secret) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (value(form, "client_id"), value(form, "client_secret")),
    };
    let id = id.ok_or_else(|| {
        bad(
            "invalid_request",
            "Could not determine client ID from request.",
        )
    })?;
    if id != simulator.vendor().client_id() {
        return Err(refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The OAuth client was not found.",
        ));
    }
    match secret {
        None => Err(bad("invalid_request", "client_secret is missing.")),
        Some(secret) if secret != simulator.vendor().client_secret() => Err(refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The provided client secret is invalid.",
        )),
        Some(_) => Ok(()),
    }
}

/// Tokens for a code or a refresh token.
pub(super) async fn token(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refused> {
    let form = form(&headers, &body)?;
    let required = |name: &str| {
        value(&form, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                let description = format!("Missing required parameter: {name}");
                bad("invalid_request", description)
            })
    };
    let grant_type = required("grant_type")?;
    check_client(&simulator, &headers, &form)?;
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    match grant_type {
        "authorization_code" => {
            let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
            let verifier = value(&form, "code_verifier");
            let mut grants = simulator.grants();
            grants.token_calls += 1;
            grants
                .redeem(&policy, now, code, Some(redirect_uri), verifier)
                .map(|issued| answer(&issued))
                .map_err(|error| refused(error, verifier))
        }
        "refresh_token" => {
            let refresh_token = required("refresh_token")?;
            let mut grants = simulator.grants();
            grants.token_calls += 1;
            grants.refresh_calls += 1;
            let issued = grants
                .refresh(&policy, now, refresh_token)
                .map_err(|error| refused(error, None))?;
            let asked = value(&form, "scope").unwrap_or_default();
            if asked
                .split_whitespace()
                .any(|scope| !issued.scopes.iter().any(|agreed| agreed == scope))
            {
                return Err(bad("invalid_scope", "Bad Request"));
            }
            Ok(answer(&issued))
        }
        other => {
            let description = format!("Invalid grant_type: {other}");
            Err(bad("unsupported_grant_type", description))
        }
    }
}

fn answer(issued: &Issued) -> Response {
    let mut body = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in.as_secs(),
        "scope": issued.scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(refresh_token) = &issued.refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    (NO_STORE, Json(body)).into_response()
}

fn refused(error: GrantError, verifier: Option<&str>) -> Refused {
    let (code, description) = match error {
        GrantError::UnknownCode => ("invalid_grant", "Malformed auth code."),
        GrantError::RedirectMismatch => ("redirect_uri_mismatch", "Bad Request"),
        GrantError::VerifierMismatch if verifier.is_none() => {
            ("invalid_grant", "Missing code verifier.")
        }
        GrantError::VerifierMismatch => ("invalid_grant", "Invalid code verifier."),
        GrantError::ExpiredCode | GrantError::UnknownRefreshToken => {
            ("invalid_grant", "Bad Request")
        }
        GrantError::ExpiredRefreshToken | GrantError::Revoked => {
            ("invalid_grant", "Token has been expired or revoked.")
        }
    };
    bad(code, description)
}

/// Takes a grant back, by its access or refresh token.
pub(super) async fn revoke(
    State(simulator): State<Simulator>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refused> {
    let in_query = pairs(&query.unwrap_or_default());
    // Samples give the token in the query, with an empty form.
    let in_body = form(&headers, &body)?;
    let token = value(&in_body, "token")
        .or_else(|| value(&in_query, "token"))
        .ok_or_else(|| bad("invalid_request", "Missing required parameter: token"))?;
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    let mut grants = simulator.grants();
    let live = grants.check(now, token).is_ok() || grants.is_live(&policy, now, token);
    if !live || !grants.revoke(token) {
        return Err(bad("invalid_token", "Token expired or revoked"));
    }
    // One person's consents are one to Google: all of them end.
    grants.revoke_all();
    Ok(Json(json!({})).into_response())
}
