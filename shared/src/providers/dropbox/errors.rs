//! What Dropbox refuses, and what that means here.
//!
//! A function's own errors come as 409 with a union in JSON, whose tags say all: see the `Error`
//! types of <https://github.com/dropbox/dropbox-api-spec> (`files.stone`, `auth.stone`) and
//! <https://www.dropbox.com/developers/documentation/http/documentation#error-handling>.

use std::time::Duration;

use serde_json::Value;

use super::api::Function;
use crate::domain::Error;
use crate::providers::failure::{
    BAD_CREDENTIALS, BUSY, CONFLICT, FULL, NOT_ALLOWED, Refusal, by_status,
};
use crate::providers::http::Answer;

/// A union is at most so many tags deep; the deepest of these functions has three.
const DEPTH_MAX: usize = 5;

/// The error that the refusal of a `function` is.
pub(super) fn refused(function: Function, answer: &Answer) -> Error {
    let status = answer.status.as_u16();
    // Malformed requests are answered in plain text, which may repeat them.
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let tags = tags(&body["error"]);
    let error = match status {
        400 => malformed(function),
        401 => unauthorized(&tags),
        409 => impossible(function, &tags),
        // The namespace that paths were to be relative to is not the user's: it is the bucket.
        // https://developers.dropbox.com/dbx-team-files-guide
        422 => Error::not_found(),
        _ => by_status(status),
    };
    let error = match (answer.retry_after(), body["error"]["retry_after"].as_u64()) {
        // `RateLimitError` repeats the header, which some answers lack.
        (None, Some(seconds)) if status == 429 => error.retry_in(Duration::from_secs(seconds)),
        _ => answer.with_retry_after(error),
    };
    error.because(Refusal::new(function.route(), status, &tags.join(".")))
}

fn malformed(function: Function) -> Error {
    match function {
        // The one argument is the cursor.
        Function::ListFolderContinue => dead_cursor(),
        _ => by_status(400),
    }
}

/// A document is there, but has no bytes that could be read.
pub(super) fn no_bytes() -> Error {
    Error::invalid("key", "is a document that this provider only exports")
}

fn dead_cursor() -> Error {
    Error::invalid(
        "continuationToken",
        "is no longer accepted by this provider; list from the start",
    )
}

/// `AuthError`. A missing scope is a 401 too, and no refresh mends it.
fn unauthorized(tags: &[&str]) -> Error {
    match tags {
        ["expired_access_token" | "invalid_access_token", ..] => Error::access_expired(),
        ["missing_scope" | "route_access_denied", ..] => Error::access(NOT_ALLOWED),
        _ => Error::access(BAD_CREDENTIALS),
    }
}

/// The errors of the functions: `LookupError` and `WriteError` below a tag that says for what.
fn impossible(function: Function, tags: &[&str]) -> Error {
    if tags.contains(&"conflict") {
        return Error::duplicate(CONFLICT);
    }
    match tags.last().copied().unwrap_or_default() {
        // No such name can be made, and so none is to be found.
        "malformed_path" | "disallowed_name" if function == Function::CreateFolder => {
            Error::invalid("folderName", "is not accepted by this provider")
        }
        "not_found" | "not_file" | "not_folder" | "malformed_path" => Error::not_found(),
        "no_write_permission"
        | "team_folder"
        | "operation_suppressed"
        | "access_restricted"
        | "restricted_content"
        | "locked"
        | "not_allowed"
        | "email_not_verified" => Error::access(NOT_ALLOWED),
        "insufficient_space" => Error::access(FULL),
        "too_many_write_operations" => Error::unavailable(BUSY),
        "too_many_files" => Error::invalid("key", "holds too many files to delete at once"),
        "unsupported_file" | "unsupported_content_type" => no_bytes(),
        "reset" => dead_cursor(),
        // Every error of a function is a 409: one that is not known is no conflict.
        _ => Error::invalid("request", "the storage provider does not accept it"),
    }
}

/// The tags of a union from the outside in: a tag's value is beside it under the tag's name.
fn tags(error: &Value) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut at = error;
    while let Some(tag) = at[".tag"].as_str().filter(|_| tags.len() < DEPTH_MAX) {
        tags.push(tag);
        at = &at[tag];
    }
    tags
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
    use serde_json::json;

    use super::*;
    use crate::domain::ErrorKind;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn error_of(function: Function, status: u16, error: &Value) -> Error {
        let body = json!({ "error_summary": "…", "error": error }).to_string();
        refused(function, &answer(status, &body))
    }

    #[test]
    fn a_function_s_error_is_read_from_its_tags() {
        use ErrorKind::{AccessRefused, Duplicate, Invalid, NotFound, Unavailable};
        let path = |tag: &str| json!({ ".tag": "path", "path": { ".tag": tag } });
        let write = |tag: &str| json!({ ".tag": "path_write", "path_write": { ".tag": tag } });
        let lookup = |tag: &str| json!({ ".tag": "path_lookup", "path_lookup": { ".tag": tag } });
        let conflict = json!({
            ".tag": "path",
            "path": { ".tag": "conflict", "conflict": { ".tag": "file_ancestor" } },
        });
        for (function, error, kind) in [
            (Function::ListFolder, path("not_found"), NotFound),
            (Function::ListFolder, path("not_folder"), NotFound),
            (Function::ListFolder, path("malformed_path"), NotFound),
            (Function::CreateFolder, path("malformed_path"), Invalid),
            (Function::CreateFolder, path("disallowed_name"), Invalid),
            (
                Function::CreateFolder,
                path("insufficient_space"),
                AccessRefused,
            ),
            (Function::CreateFolder, conflict, Duplicate),
            (Function::Delete, lookup("not_found"), NotFound),
            (
                Function::Delete,
                write("no_write_permission"),
                AccessRefused,
            ),
            (
                Function::Delete,
                write("too_many_write_operations"),
                Unavailable,
            ),
            (
                Function::Delete,
                json!({ ".tag": "too_many_files" }),
                Invalid,
            ),
            (
                Function::TemporaryLink,
                json!({ ".tag": "email_not_verified" }),
                AccessRefused,
            ),
            (
                Function::TemporaryLink,
                json!({ ".tag": "unsupported_file" }),
                Invalid,
            ),
            (
                Function::ListFolderContinue,
                json!({ ".tag": "reset" }),
                Invalid,
            ),
            (Function::ListFolder, json!({ ".tag": "other" }), Invalid),
        ] {
            let mapped = error_of(function, 409, &error);
            assert_eq!(mapped.kind(), kind, "{function:?} {error}");
        }
    }

    #[test]
    fn only_a_dead_token_can_be_mended_by_a_refresh() {
        use ErrorKind::{AccessExpired, AccessRefused};
        for (tag, kind) in [
            ("expired_access_token", AccessExpired),
            ("invalid_access_token", AccessExpired),
            ("missing_scope", AccessRefused),
            ("user_suspended", AccessRefused),
            ("something_new", AccessRefused),
        ] {
            let mapped = error_of(Function::Account, 401, &json!({ ".tag": tag }));
            assert_eq!(mapped.kind(), kind, "{tag}");
        }
        let mapped = refused(Function::Account, &answer(401, "<html>"));
        assert_eq!(mapped.kind(), AccessRefused);
    }

    #[test]
    fn throttling_says_when_to_come_again_in_the_header_or_in_the_body() {
        let error = json!({ "reason": { ".tag": "too_many_requests" }, "retry_after": 17 });
        let in_body = error_of(Function::ListFolder, 429, &error);
        assert_eq!(in_body.kind(), ErrorKind::Unavailable);
        assert_eq!(in_body.retry_after(), Some(Duration::from_secs(17)));

        let mut throttled = answer(429, "");
        throttled
            .headers
            .insert(RETRY_AFTER, HeaderValue::from_static("30"));
        let in_header = refused(Function::ListFolder, &throttled);
        assert_eq!(in_header.retry_after(), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_cause_holds_no_text_of_the_provider_s() {
        let text = "Error in call to API function: path: '/my secret' did not match";
        let error = refused(Function::Delete, &answer(400, text));
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.causes(), "files/delete_v2: 400");
        let error = error_of(Function::Delete, 409, &json!({ ".tag": "a\nb\u{1b}[0m" }));
        assert_eq!(error.causes(), "files/delete_v2: 409 ab0m");
    }
}
