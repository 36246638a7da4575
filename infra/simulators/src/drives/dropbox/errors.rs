//! What is refused, in Dropbox's words: text for what is malformed, JSON for what is not possible.
//! <https://www.dropbox.com/developers/documentation/http/documentation#error-handling>

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug)]
pub(super) enum Refusal {
    /// `text/plain`.
    Text(StatusCode, String),
    /// `{"error_summary": …, "error": …}` with this `error`.
    Json(StatusCode, Value),
}

impl Refusal {
    /// 400: the request to `function` is malformed.
    pub(super) fn malformed(function: &str, why: &str) -> Self {
        let text = format!("Error in call to API function \"{function}\": {why}");
        Self::Text(StatusCode::BAD_REQUEST, text)
    }

    /// 401: the access token is not good for this.
    pub(super) fn auth(error: Value) -> Self {
        Self::Json(StatusCode::UNAUTHORIZED, error)
    }

    /// 409: the function's own error, given as the tags on the way down.
    pub(super) fn endpoint(tags: &[&str]) -> Self {
        Self::Json(StatusCode::CONFLICT, tagged(tags))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Text(status, text) => {
                let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
                (status, plain, text).into_response()
            }
            Self::Json(status, error) => {
                let body = json!({ "error_summary": summary(&error), "error": error });
                (status, Json(body)).into_response()
            }
        }
    }
}

/// A union's value in JSON: each tag holds the next.
pub(super) fn tagged(tags: &[&str]) -> Value {
    match tags {
        [] => Value::Null,
        [tag] => json!({ ".tag": tag }),
        [tag, inner @ ..] => json!({ ".tag": tag, (*tag): tagged(inner) }),
    }
}

/// The tags with slashes between, and a tail that nobody may rely on.
fn summary(error: &Value) -> String {
    let mut text = String::new();
    let mut at = Some(error);
    while let Some((value, tag)) = at.and_then(|value| Some((value, value.get(".tag")?.as_str()?)))
    {
        text.push_str(tag);
        text.push('/');
        at = value.get(tag);
    }
    text + ".."
}
