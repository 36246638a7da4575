//! How the OAuth crate's requests leave.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde_json::Value;

use crate::domain::Error;
use crate::providers::http::DriveHttp;

/// No answer of the token endpoint that could be read as OAuth.
#[derive(Debug)]
pub(super) enum TransportError {
    /// The request was not sent.
    NotSent(String),
    /// It was sent, and no answer came.
    Lost(String),
    /// It was refused before it was acted upon.
    Busy(u16, Option<Duration>),
    /// It was refused with this status, in words that are not OAuth's.
    Refused(u16),
}

impl TransportError {
    /// The request may have been acted upon.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::Refused(_) | Self::Busy(429 | 503, _) => false,
            // A gateway in front of a server that may have acted.
            Self::Lost(_) | Self::Busy(..) => true,
        }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotSent(_) | Self::Lost(_) | Self::Refused(_) => None,
            Self::Busy(_, after) => *after,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(how) => write!(f, "not sent: {how}"),
            Self::Lost(how) => write!(f, "no answer: {how}"),
            Self::Refused(status) | Self::Busy(status, _) => write!(f, "answered {status}"),
        }
    }
}

impl StdError for TransportError {}

/// What the OAuth crate sends with.
pub(super) struct Transport<'a> {
    pub(super) http: &'a DriveHttp,
    /// An answer is complete after so long, or given up. Where a token works once, an answer is
    /// worth waiting for.
    pub(super) time: Duration,
}

impl<'c> AsyncHttpClient<'c> for Transport<'_> {
    type Error = TransportError;
    type Future = BoxFuture<'c, Result<HttpResponse, TransportError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send(self.http, self.time, request))
    }
}

/// Sends a request once: a repeat could spend a token that works once.
async fn send(
    http: &DriveHttp,
    time: Duration,
    request: HttpRequest,
) -> Result<HttpResponse, TransportError> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let unbuilt = |error: &dyn StdError| TransportError::NotSent(error.to_string());
    let builder = http
        .request_to(parts.method, &url)
        .map_err(|error| unbuilt(&error))?
        .headers(parts.headers)
        .timeout(time)
        .body(body);
    let answer = http.send_once(builder).await.map_err(|error: Error| {
        let how = error.causes();
        if DriveHttp::was_not_sent(&error) {
            TransportError::NotSent(how)
        } else {
            TransportError::Lost(how)
        }
    })?;
    let status = answer.status;
    if status.as_u16() == 429 || status.is_server_error() {
        return Err(TransportError::Busy(status.as_u16(), answer.retry_after()));
    }
    if status.is_client_error() && !is_oauth_error(&answer.body) {
        return Err(TransportError::Refused(status.as_u16()));
    }
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// The body is an error of RFC 6749 §5.2.
fn is_oauth_error(body: &[u8]) -> bool {
    serde_json::from_slice(body).is_ok_and(|body: Value| body["error"].is_string())
}
