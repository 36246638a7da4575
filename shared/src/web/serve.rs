//! From routes to a service: the layers that every answer passes.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use lambda_http::{
    Adapter, LambdaEvent, RequestExt, Service, StreamAdapter, lambda_runtime, service_fn,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use tower_http::catch_panic::CatchPanicLayer;

use super::error::problem;
use super::gateway;
use super::json::BODY_BYTES_MAX;
use super::sns::SnsEvent;
use super::telemetry;
use tokio::time::Instant;

use crate::app::App;
use crate::config::ConfigError;
use crate::deadline;
use crate::domain::{Error, Result};

/// A request is given up after so long, whoever keeps it waiting: the gateway in front gives up
/// after 30 s and the function after 25 s.
const REQUEST_BUDGET: Duration = Duration::from_secs(20);
/// What is left of Lambda's own deadline when a request is given up, to answer and log it.
const ANSWER_RESERVE: Duration = Duration::from_secs(1);

/// Why a function did not start.
pub enum StartError {
    /// The environment is not complete.
    Config(ConfigError),
    /// The Lambda runtime failed.
    Runtime(lambda_http::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "configuration: {error}"),
            Self::Runtime(error) => write!(f, "runtime: {error}"),
        }
    }
}

/// What `main` prints of it.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for StartError {}

/// Runs `routes` as a Lambda function until the environment is shut down.
pub async fn run(routes: Router<App>) -> Result<(), StartError> {
    telemetry::install();
    let app = App::from_environment().map_err(StartError::Config)?;
    let mut service = Adapter::from(serve(routes, app));
    let function = service_fn(move |event| service.call(gateway::well_formed(event)));
    lambda_runtime::run(function)
        .await
        .map_err(StartError::Runtime)
}

/// As [`run`], with answers that are streamed: for a function behind a URL of its own whose
/// `InvokeMode` is `RESPONSE_STREAM`, since an answer in one piece holds 6 MB at most.
pub async fn run_streaming(routes: Router<App>) -> Result<(), StartError> {
    telemetry::install();
    let app = App::from_environment().map_err(StartError::Config)?;
    let mut service = StreamAdapter::from(serve(routes, app));
    let function = service_fn(move |event| service.call(gateway::well_formed(event)));
    lambda_runtime::run(function)
        .await
        .map_err(StartError::Runtime)
}

/// Runs `job` as a Lambda function that a schedule invokes; what the event holds does not matter.
pub async fn run_scheduled<F: Future<Output = Result<()>>>(
    job: impl Fn(App) -> F,
) -> Result<(), StartError> {
    run_job(|app, _: IgnoredAny| job(app)).await
}

/// Runs `job` as a Lambda function that an SNS topic invokes. What fails is repeated by Lambda, twice
/// by default.
pub async fn run_notified<F: Future<Output = Result<()>>>(
    job: impl Fn(App, SnsEvent) -> F,
) -> Result<(), StartError> {
    run_job(job).await
}

async fn run_job<E: DeserializeOwned, F: Future<Output = Result<()>>>(
    job: impl Fn(App, E) -> F,
) -> Result<(), StartError> {
    telemetry::install();
    let app = App::from_environment().map_err(StartError::Config)?;
    let function = service_fn(move |event: LambdaEvent<E>| {
        let done = job(app.clone(), event.payload);
        async move {
            done.await.map_err(|error| {
                tracing::error!(text = error.public(), causes = error.causes(), "failed");
                error.public().to_owned()
            })
        }
    });
    lambda_runtime::run(function)
        .await
        .map_err(StartError::Runtime)
}

/// `routes` over `app`, with everything around them that production has.
pub fn serve(routes: Router<App>, app: App) -> Router {
    routes
        .fallback(|| async {
            problem(
                StatusCode::NOT_FOUND,
                "NOT_FOUND",
                "There is no such endpoint.",
            )
        })
        .method_not_allowed_fallback(|| async {
            problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "DEFAULT",
                "The endpoint has another method.",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            keep_to_the_deadline,
        ))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(forbid_storing))
        .layer(middleware::from_fn(telemetry::log))
        .with_state(app)
}

/// Answers before anybody cuts the connection. What was under way is dropped at an await, which is
/// no different from a crash there: every state change is one conditional write or transaction.
async fn keep_to_the_deadline(State(app): State<App>, request: Request, next: Next) -> Response {
    let left = request.lambda_context_ref().and_then(|context| {
        let deadline = Timestamp::from_millisecond(i64::try_from(context.deadline).ok()?).ok()?;
        Duration::try_from(deadline.duration_since(app.clock().now())).ok()
    });
    let budget = left.map_or(REQUEST_BUDGET, |left| {
        REQUEST_BUDGET.min(left.saturating_sub(ANSWER_RESERVE))
    });
    let end = Instant::now() + budget;
    let work = deadline::within(end, next.run(request));
    match tokio::time::timeout_at(end, work).await {
        Ok(response) => response,
        Err(_) => Error::unavailable("The request took too long. Try again.").into_response(),
    }
}

/// Answers are for the one who asked, unless they say otherwise, and are what their type says.
async fn forbid_storing(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A panic is a defect of one request, not of the process. Its text may hold values and is dropped;
/// the hook has logged where it happened.
fn answer_panic(_: Box<dyn Any + Send>) -> Response {
    Error::internal("a handler panicked").into_response()
}
