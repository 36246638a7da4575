//! What Graph says when it does not do what it is asked.
//! <https://learn.microsoft.com/graph/errors>

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

/// A refusal, in Graph's own form.
#[derive(Debug)]
pub(super) struct GraphError {
    status: StatusCode,
    code: &'static str,
    message: String,
    inner: Option<&'static str>,
}

impl GraphError {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            message: message.into(),
            inner: None,
        }
    }

    /// Adds the more exact code of `innerError`.
    pub(super) fn with_inner(mut self, code: &'static str) -> Self {
        self.inner = Some(code);
        self
    }

    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message)
    }

    pub(super) fn denied() -> Self {
        Self::new(403, "accessDenied", "Access denied")
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "itemNotFound", "Item not found")
    }

    pub(super) fn name_taken() -> Self {
        let message = "The specified item name already exists.";
        Self::new(409, "nameAlreadyExists", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalidRequest", message)
    }

    /// What the gateway refuses before the drive's service sees it.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(super) fn method_not_allowed() -> Self {
        let message = "The HTTP method is not allowed for this resource.";
        Self::new(405, "invalidRequest", message)
    }

    /// The answer, at this time.
    pub(super) fn answer(self, now: Timestamp) -> Response {
        let request_id = Uuid::new_v4().to_string();
        let mut inner = json!({
            "date": now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": request_id,
            "client-request-id": request_id,
        });
        if let Some(code) = self.inner {
            inner["code"] = code.into();
        }
        let body = json!({
            "error": {"code": self.code, "message": self.message, "innerError": inner}
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            headers.insert(HeaderName::from_static("request-id"), value);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            );
        }
        response
    }
}
