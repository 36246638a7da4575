//! What Box refuses, in its own words: the `ClientError` of its specification.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) type Result<T, E = Refusal> = std::result::Result<T, E>;

/// A refusal with Box's code.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    context: Option<Value>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
            context: None,
        }
    }

    /// A parameter is missing or wrong.
    pub(super) fn parameter(name: &str, message: &str) -> Self {
        let error = json!({ "reason": "invalid_parameter", "name": name, "message": message });
        Self {
            context: Some(json!({ "errors": [error] })),
            ..Self::new(StatusCode::BAD_REQUEST, "bad_request", "Bad Request")
        }
    }

    /// Nothing there, or nothing that this user sees.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not Found")
    }

    /// The id is none of Box's.
    pub(super) fn unrecognised_id() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "Method Not Allowed",
        )
    }

    /// The token is good, but not for this.
    pub(super) fn insufficient_scope() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "The request requires higher privileges than provided by the access token.",
        )
    }

    /// The user may not do this.
    pub(super) fn not_permitted() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "access_denied_insufficient_permissions",
            "Access denied - insufficient permission",
        )
    }

    /// The name is taken by `conflicts`: an array where a folder is made, an object where a file is
    /// uploaded.
    pub(super) fn name_in_use(conflicts: &Value) -> Self {
        Self {
            context: Some(json!({ "conflicts": conflicts })),
            ..Self::new(
                StatusCode::CONFLICT,
                "item_name_in_use",
                "Item with the same name already exists",
            )
        }
    }

    /// The name has something that Box does not take.
    pub(super) fn name_invalid() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "item_name_invalid",
            "Item name invalid",
        )
    }

    /// The name is too long.
    pub(super) fn name_too_long() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "item_name_too_long",
            "Item name too long",
        )
    }

    /// A folder that holds something is to be deleted alone.
    pub(super) fn folder_not_empty() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "folder_not_empty",
            "Cannot delete - folder not empty",
        )
    }

    /// The form begins with the file.
    pub(super) fn metadata_after_file() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "metadata_after_file_contents",
            "Metadata must come before the file contents",
        )
    }

    /// The bytes are not those that were announced.
    pub(super) fn bad_digest() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad_digest",
            "The specified content-md5 did not match what we received",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": "error",
            "status": self.status.as_u16(),
            "code": self.code,
            "help_url": "http://developers.box.com/docs/#errors",
            "message": self.message,
            "request_id": &Uuid::new_v4().simple().to_string()[..16],
        });
        if let Some(context) = self.context {
            body["context_info"] = context;
        }
        (self.status, Json(body)).into_response()
    }
}

/// The path is right, the method is not.
pub(super) async fn method_not_allowed() -> Refusal {
    Refusal::unrecognised_id()
}
