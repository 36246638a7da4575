//! How the OAuth crate's requests leave.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};

use crate::domain::Error;
use crate::providers::http::DriveHttp;

/// A token request is answered after so long, or given up: a request of ours has 20 s in all, and
/// where a token works once, an answer is worth waiting for.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(14);

/// No answer of the token endpoint that could be read as OAuth.
#[derive(Debug)]
pub(super) enum TransportError {
    /// The request was not sent.
    NotSent(String),
    /// It was sent, and no answer came.
    Lost(String),
    /// It was refused before it was acted upon.
    Busy(u16, Option<Duration>),
}

impl TransportError {
    /// The request may have been acted upon.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::Busy(429 | 503, _) => false,
            // A gateway in front of a server that may have acted.
            Self::Lost(_) | Self::Busy(..) => true,
        }
    }

    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotSent(_) | Self::Lost(_) => None,
            Self::Busy(_, after) => *after,
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(how) => write!(f, "not sent: {how}"),
            Self::Lost(how) => write!(f, "no answer: {how}"),
            Self::Busy(status, _) => write!(f, "answered {status}"),
        }
    }
}

impl StdError for TransportError {}

/// What the OAuth crate sends with.
pub(super) struct Transport<'a>(pub(super) &'a DriveHttp);

impl<'c> AsyncHttpClient<'c> for Transport<'_> {
    type Error = TransportError;
    type Future = BoxFuture<'c, Result<HttpResponse, TransportError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(send(self.0, request))
    }
}

/// Sends a request once: a repeat could spend a token that works once.
async fn send(http: &DriveHttp, request: HttpRequest) -> Result<HttpResponse, TransportError> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let unbuilt = |error: &dyn StdError| TransportError::NotSent(error.to_string());
    let builder = http
        .request_to(parts.method, &url)
        .map_err(|error| unbuilt(&error))?
        .headers(parts.headers)
        .timeout(TOKEN_TIMEOUT)
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
    let mut response = HttpResponse::new(answer.body.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}
