//! Limits on what a server may do to this process: the size of its answers, the time it asks to
//! wait, the requests under way to it.

use std::future::Future;
use std::panic::resume_unwind;
use std::time::Duration;

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::classifiers::RetryClassifierPriority;
use aws_smithy_types::retry::ErrorKind;
use http_body_util::Limited;
use tokio::task::{JoinError, JoinSet};

/// An answer has at most so many bytes. 1,000 keys of 1,024 bytes, each written as `%XX`, take
/// less than half.
const ANSWER_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// A `Retry-After` up to this long is waited for; a longer one is the client's to wait for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3);
/// Requests to one account under way at once.
const REQUESTS_MAX: usize = 8;

/// Ends an answer that is longer than any that S3 gives, unless it is an object.
#[derive(Debug)]
pub(super) struct AnswerLimit;

#[dyn_dispatch_hint]
impl Intercept for AnswerLimit {
    fn name(&self) -> &'static str {
        "AnswerLimit"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        let operation = config.load::<Metadata>().map(Metadata::name);
        if operation == Some("GetObject") && response.status().is_success() {
            return Ok(());
        }
        let body = response.take_body();
        *response.body_mut() = SdkBody::from_body_1_x(Limited::new(body, ANSWER_BYTES_MAX));
        Ok(())
    }
}

/// Repeats what a busy service asks to repeat, when it asks to. The SDK itself does not know 429
/// and reads only a header of Amazon's own.
#[derive(Debug)]
pub(super) struct RetryAfter;

impl ClassifyRetry for RetryAfter {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context
            .response()
            .filter(|response| matches!(response.status().as_u16(), 429 | 503))
        else {
            return RetryAction::NoActionIndicated;
        };
        let after = response
            .headers()
            .get("retry-after")
            .and_then(|seconds| seconds.parse().ok());
        match after.map(Duration::from_secs) {
            None => RetryAction::throttling_error(),
            Some(after) if after <= RETRY_AFTER_MAX => {
                RetryAction::retryable_error_with_explicit_delay(ErrorKind::ThrottlingError, after)
            }
            Some(_) => RetryAction::RetryForbidden,
        }
    }

    fn name(&self) -> &'static str {
        "Retry-After"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Runs `tasks`, a few at once, and hands their results to `done` in the order in which they end.
/// The first failure ends the rest.
pub(super) async fn concurrently<T, E, Task>(
    tasks: impl Iterator<Item = Task>,
    mut done: impl FnMut(T),
) -> Result<(), E>
where
    Task: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let mut running = JoinSet::new();
    for task in tasks {
        if running.len() >= REQUESTS_MAX
            && let Some(result) = running.join_next().await
        {
            done(unpanicked(result)?);
        }
        running.spawn(task);
    }
    while let Some(result) = running.join_next().await {
        done(unpanicked(result)?);
    }
    Ok(())
}

fn unpanicked<T>(result: Result<T, JoinError>) -> T {
    // Nobody aborts these tasks while somebody waits for them.
    result.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}
