//! What Graph refuses, and what that means here.
//!
//! Codes: <https://learn.microsoft.com/graph/errors>,
//! <https://learn.microsoft.com/onedrive/developer/rest-api/concepts/errors>.

use serde::Deserialize;

use crate::domain::Error;
use crate::providers::failure::{BUSY, CONFLICT, FULL, NOT_ALLOWED, Refusal, by_status};
use crate::providers::http::Answer;

/// Somebody edits it now, or the provider holds it for another reason.
const LOCKED: &str = "The storage provider has locked this object for the moment.";

/// `innerError` holds more exact codes, one in another. No chain of the service is longer.
const INNER_DEPTH_MAX: usize = 8;

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorCode,
}

#[derive(Deserialize)]
struct ErrorCode {
    code: Option<String>,
    // Both spellings occur.
    #[serde(rename = "innerError", alias = "innererror")]
    inner: Option<Box<ErrorCode>>,
}

/// An answer that is no success.
pub(super) struct Failure<'a> {
    operation: &'static str,
    answer: &'a Answer,
    /// From the outermost to the innermost.
    codes: Vec<String>,
}

impl<'a> Failure<'a> {
    /// Reads what `operation` was answered.
    pub(super) fn new(operation: &'static str, answer: &'a Answer) -> Self {
        let mut codes = Vec::new();
        let mut next = serde_json::from_slice::<ErrorBody>(&answer.body)
            .ok()
            .map(|body| body.error);
        while let Some(error) = next.take_if(|_| codes.len() < INNER_DEPTH_MAX) {
            codes.extend(error.code);
            next = error.inner.map(|inner| *inner);
        }
        Self {
            operation,
            answer,
            codes,
        }
    }

    /// The answer's status.
    pub(super) fn status(&self) -> u16 {
        self.answer.status.as_u16()
    }

    /// No code says more than that the request is wrong.
    pub(super) fn is_plain_refusal(&self) -> bool {
        let knows_more = [
            "nameAlreadyExists",
            "quotaLimitReached",
            "insufficientStorage",
        ];
        !self
            .codes
            .iter()
            .any(|code| knows_more.contains(&code.as_str()))
    }

    /// The error that this is to every operation: the status says it, and some codes say more.
    pub(super) fn into_error(self) -> Error {
        let has = |code: &str| self.codes.iter().any(|one| one == code);
        let error = match self.status() {
            // Graph's gateway says InvalidAuthenticationToken, the drives' service unauthenticated;
            // either way a fresh token is the only mend.
            401 => Error::access_expired(),
            _ if has("quotaLimitReached") || has("insufficientStorage") => Error::access(FULL),
            507 => Error::access(FULL),
            403 => Error::access(NOT_ALLOWED),
            _ if has("nameAlreadyExists") => Error::duplicate(CONFLICT),
            _ if has("activityLimitReached") || has("serviceNotAvailable") => {
                Error::unavailable(BUSY)
            }
            423 => Error::unavailable(LOCKED),
            // Bandwidth limit exceeded: a throttle too.
            509 => Error::unavailable(BUSY),
            status => by_status(status),
        };
        self.cause_of(self.answer.with_retry_after(error))
    }

    /// The error that this is to an operation on something that has to be there: what Graph cannot
    /// have issued, or no item can be called, is answered 400.
    pub(super) fn into_lookup_error(self) -> Error {
        if self.status() == 400 && self.is_plain_refusal() {
            return self.cause_of(Error::not_found());
        }
        self.into_error()
    }

    /// `error`, with this as its cause.
    pub(super) fn cause_of(&self, error: Error) -> Error {
        let code = self.codes.last().map_or("", String::as_str);
        error.because(Refusal::new(self.operation, self.status(), code))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::domain::ErrorKind;

    fn error(status: u16, body: &str) -> Error {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        Failure::new("GetItem", &answer).into_error()
    }

    #[test]
    fn a_status_or_a_code_says_what_it_is() {
        let full = r#"{"error":{"code":"quotaLimitReached"}}"#;
        let inner =
            r#"{"error":{"code":"invalidRequest","innererror":{"code":"nameAlreadyExists"}}}"#;
        let busy = r#"{"error":{"code":"activityLimitReached","message":"x"}}"#;
        for (status, body, kind) in [
            (401, "", ErrorKind::AccessExpired),
            (403, "{}", ErrorKind::AccessRefused),
            (403, busy, ErrorKind::AccessRefused),
            (400, full, ErrorKind::AccessRefused),
            (507, "<html>", ErrorKind::AccessRefused),
            (404, "", ErrorKind::NotFound),
            (409, "", ErrorKind::Duplicate),
            (400, inner, ErrorKind::Duplicate),
            (400, "[]", ErrorKind::Invalid),
            (423, "", ErrorKind::Unavailable),
            (429, busy, ErrorKind::Unavailable),
            (500, "", ErrorKind::Unavailable),
            (509, "", ErrorKind::Unavailable),
        ] {
            assert_eq!(error(status, body).kind(), kind, "{status} {body}");
        }
    }

    #[test]
    fn the_log_reads_the_innermost_code_and_no_message() {
        let body = r#"{"error":{"code":"a","message":"secret.txt","innerError":{"date":"x","innerError":{"code":"b\nc"}}}}"#;
        assert_eq!(error(404, body).causes(), "GetItem: 404 bc");
    }
}
