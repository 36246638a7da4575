//! The table from an error's kind to status and code: the page to open when a client asks when it
//! gets a 499.
#![deny(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::domain::{Error, ErrorKind};

/// The header that repeats the problem's code.
const ERROR_CODE: &str = "error-code";

/// Every application-level error that has no status of its own.
const APPLICATION_ERROR: u16 = 499;

fn status_and_code(kind: ErrorKind) -> (u16, &'static str) {
    match kind {
        ErrorKind::Invalid => (APPLICATION_ERROR, "DEFAULT"),
        ErrorKind::InvalidEmail => (APPLICATION_ERROR, "INVALID_EMAIL"),
        ErrorKind::Token => (APPLICATION_ERROR, "TOKEN"),
        ErrorKind::Unauthenticated => (401, "AUTH"),
        ErrorKind::IdentityRefused => (APPLICATION_ERROR, "AUTH"),
        ErrorKind::SessionEnded => (401, "SESSION"),
        ErrorKind::InactiveUser => (APPLICATION_ERROR, "INACTIVE_USER"),
        ErrorKind::Limited => (APPLICATION_ERROR, "SECURITY"),
        ErrorKind::AccessRefused | ErrorKind::AccessExpired => (APPLICATION_ERROR, "ACCESS"),
        ErrorKind::NotFound => (APPLICATION_ERROR, "NOT_FOUND"),
        ErrorKind::LinkEnded => (410, "NOT_FOUND"),
        ErrorKind::State => (400, "TOKEN"),
        ErrorKind::ConsentRefused => (401, "ACCESS"),
        ErrorKind::TooLarge => (413, "DEFAULT"),
        ErrorKind::NothingPending => (404, "NOT_FOUND"),
        ErrorKind::Duplicate => (APPLICATION_ERROR, "DUPLICATE"),
        ErrorKind::Unavailable => (APPLICATION_ERROR, "INTERNAL_ERROR"),
        ErrorKind::Internal => (500, "INTERNAL_ERROR"),
    }
}

/// The problem object of the contract.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    status: u16,
    errors: BTreeMap<&'static str, [&'a str; 1]>,
}

/// What the telemetry layer logs of an error; it rides along with the answer.
#[derive(Clone)]
pub(super) struct Logged {
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) causes: String,
    pub(super) defect: bool,
}

/// A problem with a status of its own: what no handler answers, such as an unknown path.
pub(super) fn problem(status: StatusCode, code: &'static str, text: &str) -> Response {
    let problem = Problem {
        r#type: code,
        status: status.as_u16(),
        errors: BTreeMap::from([(code, [text])]),
    };
    let mut response = (status, Json(problem)).into_response();
    response
        .headers_mut()
        .insert(ERROR_CODE, HeaderValue::from_static(code));
    response
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, _) = status_and_code(self.kind());
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.into_response_with(status)
    }
}

impl Error {
    /// The answer with another status than the API's own: for links, which any HTTP client uses.
    pub fn into_response_with(self, status: StatusCode) -> Response {
        let (_, code) = status_and_code(self.kind());
        let defect = self.kind() == ErrorKind::Internal;
        let mut response = if defect {
            (status, Body::empty()).into_response()
        } else {
            problem(status, code, self.public())
        };
        if matches!(
            self.kind(),
            ErrorKind::Unauthenticated | ErrorKind::SessionEnded
        ) {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after) = self.retry_after() {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        let logged = Logged {
            code,
            text: self.public().to_owned(),
            causes: self.causes(),
            defect,
        };
        response.extensions_mut().insert(logged);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_tells_the_client_nothing() {
        let response = Error::internal("the table is on fire")
            .because("secret")
            .into_response();
        assert_eq!(response.status(), 500);
        assert!(response.headers().get("content-type").is_none());
    }

    #[test]
    fn a_dead_session_asks_for_a_bearer_token() {
        let response = Error::session_ended().into_response();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(response.headers()["error-code"], "SESSION");
    }
}
