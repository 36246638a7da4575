//! Why a vendor's token endpoint gave no tokens.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use oauth2::RequestTokenError;
use oauth2::basic::BasicErrorResponse;

use super::Vendor;
use super::transport::TransportError;
use crate::domain::Error;
use crate::providers::failure::{BUSY, printable};

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The code or token is dead, and stays so.
    Permanent,
    /// Another try may succeed.
    Transient,
    /// The vendor does not take our own credentials or request: nothing is wrong with the person's
    /// grant.
    Ours,
}

/// No tokens. It shows what the log may hold: codes, never a body.
#[derive(Debug)]
pub struct Refusal {
    verdict: Verdict,
    /// The vendor said no, whatever it meant.
    refused: bool,
    lost: bool,
    retry_after: Option<Duration>,
    what: String,
}

impl Refusal {
    pub(super) fn read(
        vendor: &Vendor,
        error: RequestTokenError<TransportError, BasicErrorResponse>,
    ) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => {
                let code = answer.error().to_string();
                Self {
                    verdict: (vendor.verdict)(&code),
                    refused: true,
                    lost: false,
                    retry_after: None,
                    what: printable(&code),
                }
            }
            RequestTokenError::Request(error) => Self {
                verdict: Verdict::Transient,
                refused: matches!(error, TransportError::Refused(_)),
                lost: error.is_lost(),
                retry_after: error.retry_after(),
                what: error.to_string(),
            },
            // A success that does not read is an answer that is lost. The parser's text and the body
            // hold what was sent.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Self {
                verdict: Verdict::Transient,
                refused: false,
                lost: true,
                retry_after: None,
                what: "an answer that does not read".to_owned(),
            },
        }
    }

    pub(super) fn ours(error: &Error) -> Self {
        Self {
            verdict: Verdict::Ours,
            refused: false,
            lost: false,
            retry_after: None,
            what: error.public().to_owned(),
        }
    }

    /// What follows.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The code that was sent is refused, for good or in words that nobody understands: unlike a
    /// refresh token, it is worth no other try.
    pub(super) fn refuses_the_code(&self) -> bool {
        let of_the_app = ["invalid_client", "unauthorized_client"];
        self.refused && !of_the_app.contains(&self.what.as_str())
    }

    /// The request may have been acted upon: it was sent, and no answer came that tells.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// When the vendor wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The refusal as an outage of the vendor, which is what it is unless it is permanent.
    pub fn into_unavailable(self) -> Error {
        if self.verdict == Verdict::Ours {
            tracing::error!(cause = %self, "a provider does not take this service's own credentials");
        }
        let error = Error::unavailable(BUSY);
        match self.retry_after {
            Some(after) => error.retry_in(after),
            None => error,
        }
        .because(self)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token endpoint: {}", self.what)
    }
}

impl StdError for Refusal {}
