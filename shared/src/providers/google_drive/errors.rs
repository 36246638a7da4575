//! What Google Drive's refusals are here.
//!
//! Codes: <https://developers.google.com/workspace/drive/api/guides/handle-errors>

use serde::Deserialize;

use crate::domain::{Error, Result};
use crate::providers::failure::{BUSY, FULL, Refusal, by_status};
use crate::providers::http::Answer;

/// A document of Google's is there, but has no bytes that could be read or replaced.
pub(super) fn no_bytes() -> Error {
    Error::invalid("key", "is a Google document, which has no bytes of its own")
}

/// A success, or what the refusal means.
pub(super) fn accepted(operation: &'static str, answer: Answer) -> Result<Answer> {
    if answer.status.is_success() {
        Ok(answer)
    } else {
        Err(refused(operation, &answer))
    }
}

/// What a refusal of `operation` means.
pub(super) fn refused(operation: &'static str, answer: &Answer) -> Error {
    let status = answer.status.as_u16();
    let envelope: Envelope = serde_json::from_slice(&answer.body).unwrap_or_default();
    let detail = envelope.error.errors.into_iter().next().unwrap_or_default();
    let reason = detail.reason.as_str();
    let error = match (status, reason) {
        (401, _) => Error::access_expired(),
        (
            403,
            "rateLimitExceeded"
            | "userRateLimitExceeded"
            | "sharingRateLimitExceeded"
            | "dailyLimitExceeded",
        ) => Error::unavailable(BUSY),
        (
            403,
            "storageQuotaExceeded"
            | "teamDriveFileLimitExceeded"
            | "numChildrenInNonRootLimitExceeded",
        ) => Error::access(FULL),
        (403, "fileNotDownloadable") => no_bytes(),
        (400, "invalid") if detail.location == "pageToken" => {
            Error::invalid("continuationToken", "the listing must be started anew")
        }
        _ => by_status(status),
    };
    answer
        .with_retry_after(error)
        .because(Refusal::new(operation, status, reason))
}

/// The reason is in the list; the texts beside it repeat names.
#[derive(Default, Deserialize)]
struct Envelope {
    error: Refused,
}

#[derive(Default, Deserialize)]
struct Refused {
    #[serde(default)]
    errors: Vec<Detail>,
}

#[derive(Default, Deserialize)]
struct Detail {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    location: String,
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::domain::ErrorKind;

    fn meaning(status: u16, reason: &str, location: &str) -> ErrorKind {
        let body = serde_json::json!({ "error": {
            "code": status,
            "message": "File not found: secret-name",
            "errors": [{ "reason": reason, "location": location, "domain": "global" }],
        }});
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_string()),
        };
        let error = refused("files.get", &answer);
        assert_eq!(error.causes(), format!("files.get: {status} {reason}"));
        error.kind()
    }

    #[test]
    fn a_reason_says_more_than_its_status() {
        for (status, reason, location, kind) in [
            (400, "invalid", "pageToken", ErrorKind::Invalid),
            (400, "invalid", "q", ErrorKind::Invalid),
            (401, "authError", "Authorization", ErrorKind::AccessExpired),
            (403, "insufficientPermissions", "", ErrorKind::AccessRefused),
            (
                403,
                "insufficientFilePermissions",
                "",
                ErrorKind::AccessRefused,
            ),
            (403, "userRateLimitExceeded", "", ErrorKind::Unavailable),
            (403, "rateLimitExceeded", "", ErrorKind::Unavailable),
            (403, "storageQuotaExceeded", "", ErrorKind::AccessRefused),
            (403, "fileNotDownloadable", "", ErrorKind::Invalid),
            (404, "notFound", "fileId", ErrorKind::NotFound),
            (429, "rateLimitExceeded", "", ErrorKind::Unavailable),
            (500, "backendError", "", ErrorKind::Unavailable),
        ] {
            assert_eq!(meaning(status, reason, location), kind, "{status} {reason}");
        }
    }

    #[test]
    fn an_answer_that_is_not_googles_goes_by_its_status() {
        let answer = Answer {
            status: StatusCode::BAD_GATEWAY,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"<html>"),
        };
        assert_eq!(refused("files.get", &answer).kind(), ErrorKind::Unavailable);
    }
}
