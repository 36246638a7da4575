//! The mailbox for a browser and for scripts, under paths that the product itself does not have.

use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::mailbox::{Mailbox, Message};

/// The longest `wait` of a request, in seconds; a longer one is cut to this.
const WAIT_SECONDS_MAX: u64 = 60;

/// Mail is untrusted: no script anywhere, nothing fetched from elsewhere. The frame inherits this.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PROTECTED: [(HeaderName, &str); 2] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "no-store"),
];

/// Two routes:
///
/// - `GET /_local/mail`: every mail on one page, newest first.
/// - `GET /_local/mail.json?to=ADDRESS&wait=SECONDS`: the messages to an address, or all without
///   `to`, as a JSON array, newest first. With `wait` (at most 60) it waits for the first mail
///   if there is none yet.
pub fn router(mailbox: Mailbox) -> Router {
    Router::new()
        .route("/_local/mail", get(page))
        .route("/_local/mail.json", get(messages))
        .with_state(mailbox)
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    messages: Vec<Message>,
}

async fn page(State(mailbox): State<Mailbox>) -> Response {
    let messages = mailbox.all();
    match (Page { messages }).render() {
        Ok(html) => (PROTECTED, Html(html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
struct Wanted {
    to: Option<String>,
    #[serde(default)]
    wait: u64,
}

async fn messages(State(mailbox): State<Mailbox>, Query(wanted): Query<Wanted>) -> Response {
    let timeout = Duration::from_secs(wanted.wait.min(WAIT_SECONDS_MAX));
    let messages = mailbox.wait(wanted.to.as_deref(), timeout).await;
    (PROTECTED, Json(messages)).into_response()
}
