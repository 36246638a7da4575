//! What goes wrong, and when.

use std::io;
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::Simulator;

/// The hosts of contents, as paths here begin.
const CONTENT_HOSTS: [&str; 2] = ["/dl.boxcloud.com/", "/my.microsoftpersonalcontent.com/"];

/// Which requests meet a fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Those to the token endpoint.
    Token,
    /// All but those and the consent page.
    Api,
    /// Of these, those to the hosts that URLs of contents lead to.
    Contents,
    /// Both.
    #[default]
    All,
}

impl Scope {
    fn covers(self, path: &str) -> bool {
        let is_token = path.ends_with("/token");
        match self {
            Self::Token => is_token,
            Self::Api => !is_token,
            Self::Contents => CONTENT_HOSTS.iter().any(|host| path.starts_with(host)),
            Self::All => true,
        }
    }
}

/// A fault that is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Fault {
    /// Nothing is done for so long.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// Nothing is done, and this status is answered.
    Status {
        /// 429, or a 5xx.
        status: u16,
        /// Seconds, in `Retry-After`; none if absent.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// Everything is done at once, and the answer takes so long.
    SlowAnswer {
        /// Milliseconds.
        ms: u64,
    },
    /// Everything is done, and the connection is cut without an answer.
    LoseAnswer,
    /// Of a body that is longer, so many bytes are sent, and the connection is cut.
    CutBody {
        /// The bytes that arrive.
        after: usize,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Switched {
    #[serde(flatten)]
    pub(super) fault: Fault,
    #[serde(default)]
    pub(super) on: Scope,
    /// How many requests still meet it; `null` for all that come.
    #[serde(default)]
    pub(super) times: Option<usize>,
}

/// The faults of one vendor.
#[derive(Default)]
pub struct Switches(Mutex<Vec<Switched>>);

impl Switches {
    /// Switches a fault on, for the next `times` requests in `on`, or for all.
    pub fn add(&self, fault: Fault, on: Scope, times: Option<usize>) {
        self.list().push(Switched { fault, on, times });
    }

    pub(super) fn set(&self, faults: Vec<Switched>) {
        *self.list() = faults;
    }

    /// Switches everything off.
    pub fn reset(&self) {
        self.list().clear();
    }

    pub(super) fn all(&self) -> Vec<Switched> {
        self.list().clone()
    }

    /// The faults that this request meets.
    fn strike(&self, path: &str) -> Vec<Fault> {
        let mut list = self.list();
        let mut struck = Vec::new();
        for switched in list.iter_mut().filter(|one| one.on.covers(path)) {
            match &mut switched.times {
                Some(0) => continue,
                Some(times) => *times -= 1,
                None => {}
            }
            struck.push(switched.fault.clone());
        }
        list.retain(|switched| switched.times != Some(0));
        struck
    }

    fn list(&self) -> MutexGuard<'_, Vec<Switched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the faults happen, around everything but the consent page.
pub(super) async fn apply(
    State(simulator): State<Simulator>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if path.contains("/authorize") || path.contains("/o/oauth2/") {
        return next.run(request).await;
    }
    let faults = simulator.switches().strike(path);
    let (mut lost, mut late, mut cut) = (false, Duration::ZERO, None);
    for fault in faults {
        match fault {
            Fault::Slow { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            Fault::SlowAnswer { ms } => late = Duration::from_millis(ms),
            Fault::LoseAnswer => lost = true,
            Fault::CutBody { after } => cut = Some(after),
            Fault::Status {
                status,
                retry_after,
            } => return refusal(status, retry_after),
        }
    }
    let response = next.run(request).await;
    tokio::time::sleep(late).await;
    if lost {
        // Ends the task of this connection, silently: the client sees it closed.
        resume_unwind(Box::new("the answer is lost"));
    }
    match cut {
        Some(after) => cut_body(response, after).await,
        None => response,
    }
}

/// The answer announces all of its body, and fails to bring it.
async fn cut_body(response: Response, after: usize) -> Response {
    let (mut head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if body.len() <= after {
        return Response::from_parts(head, Body::from(body));
    }
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let cut = io::Error::from(io::ErrorKind::ConnectionReset);
    let arriving = stream::iter([Ok(body.slice(..after))]).chain(stream::once(async {
        // The server sends what it has when it has to wait, and nothing of it when it fails.
        tokio::task::yield_now().await;
        Err(cut)
    }));
    Response::from_parts(head, Body::from_stream(arriving))
}

fn refusal(status: u16, retry_after: Option<u64>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = (status, "").into_response();
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
