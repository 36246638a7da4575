//! How a link fails: with the status that browsers and other clients of plain HTTP understand.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use shared::domain::{Error, ErrorKind};

use crate::look::{self, STYLE};

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
    /// The failure of a request with these headers: a page for those who ask for one.
    pub(crate) fn of(error: Error, request: &HeaderMap) -> Self {
        let accept = request.get(ACCEPT).and_then(|value| value.to_str().ok());
        Self {
            error,
            as_page: accept.is_some_and(|accept| accept.contains("text/html")),
        }
    }

    /// The failure of a page: a page.
    pub(crate) fn of_page(error: Error) -> Self {
        Self {
            error,
            as_page: true,
        }
    }
}

/// The status, and what a page says of it; where that is nothing, the error's own words.
fn explained(kind: ErrorKind) -> (StatusCode, &'static str, Option<&'static str>) {
    let (status, title, text) = match kind {
        ErrorKind::NotFound => (
            StatusCode::NOT_FOUND,
            "Nothing is here",
            "The link is not complete, or the file was moved or deleted. Ask the person who sent it \
             to send it again.",
        ),
        ErrorKind::LinkEnded => (
            StatusCode::GONE,
            "This link has expired",
            "Links work for a limited time, and as long as their sender shares the file. Ask the \
             person who sent it to send it again.",
        ),
        ErrorKind::AccessRefused | ErrorKind::AccessExpired => (
            StatusCode::FORBIDDEN,
            "The file cannot be reached",
            "The storage of the person who sent it does not let us in at the moment. Ask them to \
             connect it again.",
        ),
        ErrorKind::Duplicate => (StatusCode::CONFLICT, "Something else is there", ""),
        ErrorKind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The file is too large", ""),
        ErrorKind::Limited => (StatusCode::TOO_MANY_REQUESTS, "Too much for today", ""),
        ErrorKind::Invalid => (StatusCode::BAD_REQUEST, "This does not work", ""),
        ErrorKind::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Try again in a moment",
            "The file's storage does not answer at the moment.",
        ),
        _ => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong",
            "",
        ),
    };
    (status, title, (!text.is_empty()).then_some(text))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, title, text) = explained(self.error.kind());
        let words = text.map_or_else(|| self.error.public().to_owned(), str::to_owned);
        // What the log reads comes along with the product's own answer.
        let mut response = self.error.into_response_with(status);
        if self.as_page && status != StatusCode::INTERNAL_SERVER_ERROR {
            let page = Page {
                title,
                text: &words,
            };
            if let Err(error) = look::show(&page, &mut response) {
                return error.into_response();
            }
        }
        response
    }
}
