//! What a failure of `DynamoDB` is to the product.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::domain::Error;

/// Codes that say "not now" (Amazon `DynamoDB` Developer Guide, "Error handling").
const NOT_NOW: [&str; 7] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Throttling, an outage and a timeout pass; anything else is a defect of ours.
pub(super) fn unavailable<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let passing = match &error {
        SdkError::ServiceError(context) => context
            .err()
            .code()
            .is_some_and(|code| NOT_NOW.contains(&code)),
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        _ => false,
    };
    let answer = if passing {
        Error::unavailable("The service is busy. Try again.")
    } else {
        Error::internal("the record store refused a request")
    };
    answer.because(error)
}
