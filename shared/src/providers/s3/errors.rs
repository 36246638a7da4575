//! What S3-compatible services refuse, and what that means here.
//!
//! Codes: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
//! <https://docs.cloud.google.com/storage/docs/xml-api/reference-status>,
//! <https://developers.cloudflare.com/r2/api/error-codes/>.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use aws_sdk_s3::config::Region;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::regions::{region_named, region_of_amazon_host, region_of_wasabi_host};
use crate::domain::Error;
use crate::providers::failure::{BAD_CREDENTIALS, BUSY, NOT_ALLOWED, by_status, printable};

/// One text for a refused destination, a refused connection, a timeout, broken TLS and an answer
/// that is not S3's, so that the service cannot be used to look around in a network.
const UNREACHABLE: &str = "serviceUrl: the storage service could not be reached at this address";

/// A request that did not succeed. It shows what the log may hold: no body, no URL, no header that
/// is not listed here.
#[derive(Debug)]
pub(super) struct Failure {
    operation: &'static str,
    cause: Cause,
    retry_after: Option<Duration>,
}

#[derive(Debug)]
enum Cause {
    /// The service said no.
    Answer(Box<Answer>),
    /// An answer with this status that an S3 service does not give.
    Foreign(u16),
    /// No answer; the text tells how.
    Unreachable(String),
}

#[derive(Debug)]
struct Answer {
    status: u16,
    /// Empty in answers to HEAD.
    code: String,
    region: Option<Region>,
    object_size: Option<u64>,
    request_id: Option<String>,
}

impl Failure {
    /// Reads what the SDK made of a failed `operation`.
    pub(super) fn new<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let response = error.raw_response();
        let retry_after = response
            .and_then(|response| response.headers().get("retry-after"))
            .and_then(|seconds| seconds.parse().ok())
            .map(Duration::from_secs);
        let cause = match (error, response) {
            (SdkError::ServiceError(service), Some(response)) => {
                match answer(operation, service.err().code(), response) {
                    Some(answer) => Cause::Answer(Box::new(answer)),
                    None => Cause::Foreign(response.status().as_u16()),
                }
            }
            (_, Some(response)) => Cause::Foreign(response.status().as_u16()),
            (_, None) => Cause::Unreachable(chain(error)),
        };
        Self {
            operation,
            cause,
            retry_after,
        }
    }

    /// One key of a `DeleteObjects` that was not deleted.
    pub(super) fn of_key(code: &str) -> Self {
        let answer = Answer {
            status: 200,
            code: printable(code),
            region: None,
            object_size: None,
            request_id: None,
        };
        Self {
            operation: "DeleteObjects",
            cause: Cause::Answer(Box::new(answer)),
            retry_after: None,
        }
    }

    /// A request that could not be built.
    pub(super) fn unbuilt(operation: &'static str, error: &dyn StdError) -> Self {
        Self {
            operation,
            cause: Cause::Unreachable(chain(error)),
            retry_after: None,
        }
    }

    /// The status, 0 where there was no answer.
    pub(super) fn status(&self) -> u16 {
        self.answer().map_or(0, |answer| answer.status)
    }

    /// The vendor's code, empty where there was none.
    pub(super) fn code(&self) -> &str {
        self.answer().map_or("", |answer| &answer.code)
    }

    /// The region that the refusal names.
    pub(super) fn region(&self) -> Option<&Region> {
        self.answer().and_then(|answer| answer.region.as_ref())
    }

    /// How many bytes the object has, if the refusal of a range tells.
    pub(super) fn object_size(&self) -> Option<u64> {
        self.answer().and_then(|answer| answer.object_size)
    }

    /// The request went to, or was signed for, another region than the bucket's.
    pub(super) fn is_wrong_region(&self) -> bool {
        if self.operation.starts_with("Head") {
            // Its refusals have no code, but say where the bucket is.
            return self.status() == 301 || self.status() == 400 && self.region().is_some();
        }
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
        matches!(
            self.code(),
            "PermanentRedirect"
                | "TemporaryRedirect"
                | "Redirect"
                | "AuthorizationHeaderMalformed"
                | "AuthorizationQueryParametersError"
                | "IllegalLocationConstraintException"
        )
    }

    /// No answer came.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.cause, Cause::Unreachable(_))
    }

    /// The service does not have this request, or wants it in another form.
    pub(super) fn is_unsupported(&self) -> bool {
        let status = match self.cause {
            Cause::Foreign(status) => status,
            _ => self.status(),
        };
        matches!(status, 400 | 405 | 501)
    }

    /// The service agreed, but its answer cannot be read.
    pub(super) fn is_unreadable(&self) -> bool {
        matches!(self.cause, Cause::Foreign(200))
    }

    /// What the client reads, status first, then what the code says of it.
    pub(super) fn into_error(self) -> Error {
        let error = match self.answer() {
            None => Error::unavailable(UNREACHABLE),
            Some(answer) => by_code(&answer.code).unwrap_or_else(|| by_status(answer.status)),
        };
        let error = match self.retry_after {
            Some(after) => error.retry_in(after),
            None => error,
        };
        error.because(self)
    }

    fn answer(&self) -> Option<&Answer> {
        match &self.cause {
            Cause::Answer(answer) => Some(answer),
            Cause::Foreign(_) | Cause::Unreachable(_) => None,
        }
    }
}

/// The codes that say more than their status, or come with different ones.
fn by_code(code: &str) -> Option<Error> {
    Some(match code {
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => Error::access(NOT_ALLOWED),
        // The key id is unknown, the secret is another one, the session is over, or the form of the
        // key is not what the service issues.
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSecurity"
        | "NotSignedUp"
        | "Unauthorized"
        | "InvalidToken"
        | "ExpiredToken"
        | "TokenRefreshRequired"
        | "AuthorizationHeaderMalformed"
        | "AuthorizationQueryParametersError" => Error::access(BAD_CREDENTIALS),
        "NoSuchBucket" | "NoSuchKey" | "NotFound" => Error::not_found(),
        "InvalidBucketName" => {
            Error::invalid("storageName", "is not a bucket's name at this provider")
        }
        "KeyTooLongError" | "InvalidURI" | "XMinioInvalidObjectName" => {
            Error::invalid("key", "is not accepted by this provider")
        }
        "NotImplemented" => Error::invalid("request", "is not supported by this provider"),
        // The first two: two requests met. The third: our own clock is wrong.
        "OperationAborted"
        | "ConditionalRequestConflict"
        | "RequestTimeTooSkewed"
        | "SlowDown"
        | "ServiceUnavailable"
        | "InternalError"
        | "RequestTimeout"
        | "TooManyRequests"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded" => Error::unavailable(BUSY),
        _ => return None,
    })
}

/// The answer, if it is one that S3 gives: HEAD has no body, everything else a code in one.
fn answer(operation: &'static str, code: Option<&str>, response: &HttpResponse) -> Option<Answer> {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    // The SDK names a 404 without a body itself; only HEAD has those.
    let code = match code {
        _ if operation.starts_with("Head") => String::new(),
        Some(code) if !body.is_empty() => printable(code),
        _ => return None,
    };
    let header = |name: &str| response.headers().get(name);
    let region = header("x-amz-bucket-region")
        .and_then(region_named)
        .or_else(|| region_in(body));
    let object_size = header("content-range")
        .and_then(|range| range.strip_prefix("bytes */"))
        .or_else(|| element(body, "ActualObjectSize"))
        .and_then(|size| size.parse().ok());
    let request_id = header("x-amz-request-id").map(printable);
    Some(Answer {
        status,
        code,
        region,
        object_size,
        request_id,
    })
}

/// The region that an error body names, by itself or in the host to go to.
fn region_in(body: &[u8]) -> Option<Region> {
    element(body, "Region").and_then(region_named).or_else(|| {
        let host = element(body, "Endpoint")?;
        region_of_wasabi_host(host).or_else(|| {
            // The global host redirects without saying where to.
            region_of_amazon_host(host).filter(|_| !host.ends_with("s3.amazonaws.com"))
        })
    })
}

/// The text of an error body's element.
fn element<'a>(body: &'a [u8], name: &str) -> Option<&'a str> {
    let body = std::str::from_utf8(body).ok()?;
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim())
}

/// How a request failed to get an answer. These are the errors of sockets, TLS, timers and of the
/// SDK's own checks; none prints the request.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Foreign(status) => {
                write!(f, "{}: an answer {status} that is not S3's", self.operation)
            }
            Cause::Unreachable(how) => write!(f, "{}: {how}", self.operation),
            Cause::Answer(answer) => {
                write!(f, "{}: {}", self.operation, answer.status)?;
                if !answer.code.is_empty() {
                    write!(f, " {}", answer.code)?;
                }
                match &answer.request_id {
                    Some(id) => write!(f, ", request {id}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl StdError for Failure {}
