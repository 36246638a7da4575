//! What Box refuses, and what that means here.
//!
//! Codes: <https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/>, and
//! each operation's in <https://github.com/box/box-openapi>.

use serde::Deserialize;

use super::ids::Number;
use crate::domain::Error;
use crate::providers::failure::{BUSY, CONFLICT, FULL, NOT_ALLOWED, Refusal, by_status};
use crate::providers::http::Answer;

/// Names: what Box does not take, it says nothing more about.
const BAD_NAME: &str = "the storage provider does not take this name";
const LONG_NAME: &str = "must have a last component of at most 255 characters";

/// The body of a refusal: `ClientError` of the OpenAPI document. That of a 401 may be empty.
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
    // Other errors than these do not tell when to repeat.
    let error = if matches!(status, 202 | 429 | 500..) {
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
