//! What Box refuses, and what that means here.
//!
//! Codes: <https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/>, and
//! each operation's in <https://github.com/box/box-openapi>.

use serde::Deserialize;

use super::ids::Number;
use crate::domain::{Error, ErrorKind};
use crate::providers::failure::{BUSY, CONFLICT, FULL, NOT_ALLOWED, Refusal, by_status};
use crate::providers::http::Answer;

/// Names: what Box does not take, it says nothing more about.
const BAD_NAME: &str = "the storage provider does not take this name";
const LONG_NAME: &str = "must have a last component of at most 255 characters";

/// The body of a refusal: `ClientError` of the specification. That of a 401 may be empty.
#[derive(Default, Deserialize)]
struct ClientError {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    context_info: Option<ContextInfo>,
}

#[derive(Deserialize)]
struct ContextInfo {
    #[serde(default)]
    conflicts: Option<Conflicts>,
}

/// An object where a file is uploaded, an array where a folder is created.
#[derive(Deserialize)]
#[serde(untagged)]
enum Conflicts {
    One(Conflict),
    Several(Vec<Conflict>),
}

#[derive(Deserialize)]
struct Conflict {
    r#type: String,
    id: String,
    #[serde(default)]
    name: Option<String>,
}

fn body(answer: &Answer) -> ClientError {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// What the refusal of `operation` means. `name_field` is what the request called the name that Box
/// may dislike.
pub(super) fn refused(operation: &'static str, answer: &Answer, name_field: &str) -> Error {
    let status = answer.status.as_u16();
    let code = body(answer).code.unwrap_or_default();
    let error = match (status, code.as_str()) {
        // An expired, a revoked and an unknown token look the same: a refresh will tell.
        (401, _) => Error::access_expired(),
        // The specification says so of 403, and in words of the 409 to an upload.
        (_, "storage_limit_exceeded") => Error::access(FULL),
        (403, _) => Error::access(NOT_ALLOWED),
        (_, "item_name_invalid") => Error::invalid(name_field, BAD_NAME),
        (_, "item_name_too_long") => Error::invalid(name_field, LONG_NAME),
        (409, "item_name_in_use") => Error::duplicate(CONFLICT),
        // Somebody else is at work there; Box says "can be retried at a later point".
        (409, _) => Error::unavailable(BUSY),
        // "Not in a recognized format", of an id.
        (405, _) => Error::not_found(),
        _ => by_status(status),
    };
    let error = if error.kind() == ErrorKind::Unavailable {
        answer.with_retry_after(error)
    } else {
        error
    };
    error.because(Refusal::new(operation, status, &code))
}

/// A marker that Box does not take, or takes no longer.
pub(super) fn dead_marker(operation: &'static str, answer: &Answer) -> Error {
    let code = body(answer).code.unwrap_or_default();
    let rule = "the storage provider no longer takes it; list from the start";
    Error::invalid("continuationToken", rule).because(Refusal::new(
        operation,
        answer.status.as_u16(),
        &code,
    ))
}

/// The file that has the name already: its number and its name as it is.
pub(super) fn file_in_the_way(answer: &Answer) -> Option<(Number, Option<String>)> {
    let error = body(answer);
    if answer.status.as_u16() != 409 || error.code.as_deref() != Some("item_name_in_use") {
        return None;
    }
    let conflict = match error.context_info?.conflicts? {
        Conflicts::One(conflict) => conflict,
        Conflicts::Several(conflicts) => conflicts.into_iter().next()?,
    };
    let number = Number::parse(&conflict.id).filter(|_| conflict.r#type == "file")?;
    Some((number, conflict.name))
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("9"))]);
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.to_owned().into(),
        }
    }

    fn with_code(status: u16, code: &str) -> Answer {
        answer(status, &format!(r#"{{"type":"error","code":"{code}"}}"#))
    }

    #[test]
    fn codes_say_more_than_statuses() {
        for (status, code, kind, public) in [
            (401, "unauthorized", ErrorKind::AccessExpired, "access"),
            (
                403,
                "insufficient_scope",
                ErrorKind::AccessRefused,
                NOT_ALLOWED,
            ),
            (
                403,
                "storage_limit_exceeded",
                ErrorKind::AccessRefused,
                FULL,
            ),
            (
                409,
                "storage_limit_exceeded",
                ErrorKind::AccessRefused,
                FULL,
            ),
            (409, "item_name_in_use", ErrorKind::Duplicate, CONFLICT),
            (
                409,
                "operation_blocked_temporary",
                ErrorKind::Unavailable,
                BUSY,
            ),
            (
                409,
                "name_temporarily_reserved",
                ErrorKind::Unavailable,
                BUSY,
            ),
            (400, "item_name_invalid", ErrorKind::Invalid, "key: "),
            (400, "item_name_too_long", ErrorKind::Invalid, "key: "),
            (400, "bad_request", ErrorKind::Invalid, "request: "),
            (404, "trashed", ErrorKind::NotFound, ""),
            (405, "method_not_allowed", ErrorKind::NotFound, ""),
            (429, "rate_limit_exceeded", ErrorKind::Unavailable, BUSY),
            (503, "unavailable", ErrorKind::Unavailable, BUSY),
        ] {
            let error = refused("Test", &with_code(status, code), "key");
            assert_eq!(error.kind(), kind, "{status} {code}");
            assert!(error.public().contains(public), "{error:?}");
            assert_eq!(error.causes(), format!("Test: {status} {code}"));
            let told = error.retry_after().map(|after| after.as_secs());
            let expected = (kind == ErrorKind::Unavailable).then_some(9);
            assert_eq!(told, expected, "{status} {code}");
        }
    }

    #[test]
    fn a_refusal_need_not_have_a_body() {
        for body in [
            "",
            "<html>",
            "[]",
            "null",
            r#"{"code":null}"#,
            r#"{"code":7}"#,
        ] {
            let error = refused("Test", &answer(401, body), "key");
            assert_eq!(error.kind(), ErrorKind::AccessExpired, "{body}");
        }
    }

    #[test]
    fn the_file_in_the_way_is_found_in_either_form() {
        let file = r#"{"type":"file","id":"12","name":"a"}"#;
        let folder = r#"{"type":"folder","id":"12","name":"a"}"#;
        let odd = r#"{"type":"file","id":"1/2","name":"a"}"#;
        for (conflicts, found) in [
            (file.to_owned(), true),
            (format!("[{file}]"), true),
            (folder.to_owned(), false),
            (odd.to_owned(), false),
            ("[]".to_owned(), false),
            ("null".to_owned(), false),
        ] {
            let body = format!(
                r#"{{"code":"item_name_in_use","context_info":{{"conflicts":{conflicts}}}}}"#
            );
            let there = file_in_the_way(&answer(409, &body));
            assert_eq!(there.is_some(), found, "{conflicts}");
            assert!(file_in_the_way(&answer(404, &body)).is_none());
        }
    }
}
