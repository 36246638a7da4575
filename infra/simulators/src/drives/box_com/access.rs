//! Who may do what: the bearer token and its scopes (guide "API calls > Permissions and errors >
//! Scopes").

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::Simulator;
use super::errors::Refusal;

/// Read all files and folders.
pub(super) const READ: &str = "root_readonly";
/// Read and write all files and folders.
pub(super) const WRITE: &str = "root_readwrite";

/// Somebody with a token.
pub(super) struct Anybody;

/// Somebody who may read.
pub(super) struct Reader;

/// Somebody who may write.
pub(super) struct Writer;

impl FromRequestParts<Simulator> for Anybody {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, simulator: &Simulator) -> Result<Self, Denied> {
        scopes(parts, simulator).map(|_| Self)
    }
}

impl FromRequestParts<Simulator> for Reader {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, simulator: &Simulator) -> Result<Self, Denied> {
        allow(&scopes(parts, simulator)?, &[READ, WRITE]).map(|()| Self)
    }
}

impl FromRequestParts<Simulator> for Writer {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, simulator: &Simulator) -> Result<Self, Denied> {
        allow(&scopes(parts, simulator)?, &[WRITE]).map(|()| Self)
    }
}

/// Why somebody is not let in.
pub(super) enum Denied {
    /// No token came.
    Nobody,
    /// It is unknown, expired or revoked. Nobody outside can tell which.
    BadToken,
    /// It is not for this.
    Scope,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        // Box leaves the body of a 401 empty.
        match self {
            Self::Nobody => {
                let challenge = "Bearer realm=\"Service\"";
                challenged(challenge, StatusCode::UNAUTHORIZED)
            }
            Self::BadToken => {
                let challenge = "Bearer realm=\"Service\", error=\"invalid_token\", \
                     error_description=\"The access token provided is invalid.\"";
                challenged(challenge, StatusCode::UNAUTHORIZED)
            }
            Self::Scope => {
                let challenge = "Bearer realm=\"Service\", error=\"insufficient_scope\", \
                     error_description=\"The request requires higher privileges than provided by \
                     the access token.\"";
                challenged(challenge, Refusal::insufficient_scope())
            }
        }
    }
}

fn challenged(challenge: &'static str, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let challenge = HeaderValue::from_static(challenge);
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn scopes(parts: &Parts, simulator: &Simulator) -> Result<Vec<String>, Denied> {
    let authorization = parts
        .headers
        .get(header::AUTHORIZATION)
        .ok_or(Denied::Nobody)?;
    let token = authorization
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token)
        .ok_or(Denied::BadToken)?;
    let now = simulator.clock().now();
    let grants = simulator.grants();
    let scopes = grants.check(now, token).map_err(|_| Denied::BadToken)?;
    Ok(scopes.to_vec())
}

fn allow(scopes: &[String], one_of: &[&str]) -> Result<(), Denied> {
    if scopes.iter().any(|scope| one_of.contains(&scope.as_str())) {
        Ok(())
    } else {
        Err(Denied::Scope)
    }
}
