//! One structured line per request, and nothing in it that was typed.
//!
//! Logged: request id, method, route (the pattern, never the path), status, code, milliseconds, and
//! for failures the public text and the causes. Never: bodies, tokens, addresses, names of files.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use lambda_http::RequestExt;
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use super::error::Logged;

/// The header of every answer by which its log lines are found.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// Lines go to standard output as JSON. `LOG_LEVEL` (default `info`) is the least severe level of our
/// own; libraries are not heard below INFO, where the SDK tells names of files and ids of keys.
pub(super) fn install() {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::prelude::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "the log is set up before the configuration is read"
    )]
    let level = std::env::var("LOG_LEVEL").ok();
    let level = level
        .and_then(|level| level.parse().ok())
        .unwrap_or(LevelFilter::INFO);
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_target("shared", level);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    // A second call, as in tests, leaves the first in place.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .try_init();

    // Where a panic happened is logged; its text may hold what somebody sent.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// Logs a request's outcome and answers its id.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = request.lambda_context_ref().map_or_else(
        || Uuid::new_v4().to_string(),
        |context| context.request_id.clone(),
    );
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id, %method, route);

    let mut response = next.run(request).instrument(span.clone()).await;

    let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    span.in_scope(|| match response.extensions_mut().remove::<Logged>() {
        None => tracing::info!(status, ms, "answered"),
        Some(Logged {
            code,
            text,
            causes,
            defect: false,
        }) => tracing::info!(status, code, ms, text, causes, "refused"),
        Some(Logged {
            code,
            text,
            causes,
            defect: true,
        }) => tracing::error!(status, code, ms, text, causes, "failed"),
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    response
}
