//! How a link fails: with the status that browsers and other clients of plain HTTP understand.

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use shared::domain::{Error, ErrorKind};

#[derive(Template)]
#[template(path = "failure.html")]
struct Page<'a> {
    title: &'a str,
    text: &'a str,
}

/// A failure, and whether a person reads it.
pub struct Failure {
    error: Error,
    as_page: bool,
}

impl Failure {
    /// The failure of a request with these headers.
    pub(crate) fn of(error: Error, request: &HeaderMap) -> Self {
        let accept = request.get(ACCEPT).and_then(|value| value.to_str().ok());
        Self {
            error,
            as_page: accept.is_some_and(|accept| accept.contains("text/html")),
        }
    }
}

fn status_and_title(kind: ErrorKind) -> (StatusCode, &'static str) {
    match kind {
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, "Nothing is here"),
        ErrorKind::LinkEnded => (StatusCode::GONE, "This link has expired"),
        ErrorKind::AccessRefused | ErrorKind::AccessExpired => {
            (StatusCode::FORBIDDEN, "The file cannot be reached")
        }
        ErrorKind::Duplicate => (StatusCode::CONFLICT, "Something else is there"),
        ErrorKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The file is too large"),
        ErrorKind::Invalid => (StatusCode::BAD_REQUEST, "This does not work"),
        ErrorKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Try again in a moment"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong"),
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, title) = status_and_title(self.error.kind());
        let page = (self.as_page && status != StatusCode::INTERNAL_SERVER_ERROR).then(|| Page {
            title,
            text: self.error.public(),
        });
        let html = page.and_then(|page| page.render().ok());
        // What the log reads comes along with the product's own answer.
        let mut response = self.error.into_response_with(status);
        if let Some(html) = html {
            let headers = response.headers_mut();
            headers.remove(CONTENT_LENGTH);
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            );
            headers.insert(
                CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'"),
            );
            *response.body_mut() = Body::from(html);
        }
        response
    }
}
