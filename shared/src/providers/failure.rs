//! What a provider's refusal is here, as far as it is the same for all, and what the log may hold
//! of it.

use std::error::Error as StdError;
use std::fmt;

use crate::domain::Error;

pub(super) const BAD_CREDENTIALS: &str = "The storage provider refused the credentials.";
pub(super) const NOT_ALLOWED: &str =
    "The storage provider does not allow this with these credentials.";
pub(super) const BUSY: &str = "The storage provider is busy or failing.";
pub(super) const CONFLICT: &str = "The storage provider reports a conflict with what is there.";
pub(super) const FULL: &str = "The storage has no room left.";

/// What a status says where the provider's own code says no more.
pub(super) fn by_status(status: u16) -> Error {
    match status {
        401 | 403 => Error::access(NOT_ALLOWED),
        404 => Error::not_found(),
        409 | 412 => Error::duplicate(CONFLICT),
        408 | 425 | 429 => Error::unavailable(BUSY),
        400..500 => Error::invalid("request", "the storage provider does not accept it"),
        _ => Error::unavailable(BUSY),
    }
}

/// A word of the provider's, cut to what a log line can hold without being led astray.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        .take(64)
        .collect()
}

/// A request that a drive's API refused: no body, no URL, no name.
#[derive(Debug)]
pub(super) struct Refusal {
    operation: &'static str,
    status: u16,
    code: String,
}

impl Refusal {
    /// `operation` was answered `status` with the provider's own `code`, empty if there was none.
    pub(super) fn new(operation: &'static str, status: u16, code: &str) -> Self {
        Self {
            operation,
            status,
            code: printable(code),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.status)?;
        if self.code.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.code)
        }
    }
}

impl StdError for Refusal {}
