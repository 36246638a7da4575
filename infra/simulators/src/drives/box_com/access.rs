//! Who may do what: the bearer token and its scopes (guide "API calls > Permissions and errors >
//! Scopes").

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
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
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        simulator: &Simulator,
    ) -> Result<Self, Response> {
        scopes(parts, simulator).map(|_| Self)
    }
}

impl FromRequestParts<Simulator> for Reader {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        simulator: &Simulator,
    ) -> Result<Self, Response> {
        allow(&scopes(parts, simulator)?, &[READ, WRITE]).map(|()| Self)
    }
}

impl FromRequestParts<Simulator> for Writer {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        simulator: &Simulator,
    ) -> Result<Self, Response> {
        allow(&scopes(parts, simulator)?, &[WRITE]).map(|()| Self)
    }
}

fn scopes(parts: &Parts, simulator: &Simulator) -> Result<Vec<String>, Response> {
    let Some(authorization) = parts.headers.get(header::AUTHORIZATION) else {
        return Err(unauthorized("Bearer realm=\"Service\""));
    };
    let invalid = || {
        unauthorized(
            "Bearer realm=\"Service\", error=\"invalid_token\", \
             error_description=\"The access token provided is invalid.\"",
        )
    };
    let token = authorization
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token)
        .ok_or_else(invalid)?;
    let now = simulator.clock().now();
    let grants = simulator.grants();
    // Expired, revoked and unknown tokens are told apart by nobody outside.
    let scopes = grants.check(now, token).map_err(|_| invalid())?;
    Ok(scopes.to_vec())
}

fn allow(scopes: &[String], one_of: &[&str]) -> Result<(), Response> {
    if scopes.iter().any(|scope| one_of.contains(&scope.as_str())) {
        return Ok(());
    }
    let challenge = "Bearer realm=\"Service\", error=\"insufficient_scope\", \
         error_description=\"The request requires higher privileges than provided by the access \
         token.\"";
    Err((
        [(header::WWW_AUTHENTICATE, challenge)],
        Refusal::insufficient_scope(),
    )
        .into_response())
}

/// Box leaves the body of a 401 empty.
fn unauthorized(challenge: &'static str) -> Response {
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, challenge)],
    )
        .into_response()
}
