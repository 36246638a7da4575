//! Refusals in Google's envelope.
//!
//! <https://developers.google.com/workspace/drive/api/guides/handle-errors>

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal of the Drive API. The box keeps results small.
#[derive(Debug)]
pub(super) struct Refused(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    reason: &'static str,
    message: String,
    /// The parameter or header that is wrong: its name, and which of the two it is.
    location: Option<(String, &'static str)>,
    /// The canonical word for the status, where the front end refuses and not Drive itself.
    canonical: Option<&'static str>,
    details: Option<Value>,
    authenticate: Option<HeaderValue>,
    content_range: Option<String>,
}

impl Refused {
    fn new(status: StatusCode, reason: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            reason,
            message: message.into(),
            location: None,
            canonical: None,
            details: None,
            authenticate: None,
            content_range: None,
        }))
    }

    /// 400 `invalid`: a parameter's value.
    pub(super) fn invalid(parameter: &str) -> Self {
        let mut refused = Self::new(StatusCode::BAD_REQUEST, "invalid", "Invalid Value");
        refused.0.location = Some((parameter.to_owned(), "parameter"));
        refused
    }

    /// 400 with another reason and text about a parameter.
    pub(super) fn parameter(
        parameter: &str,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let mut refused = Self::new(StatusCode::BAD_REQUEST, reason, message);
        refused.0.location = Some((parameter.to_owned(), "parameter"));
        refused
    }

    /// 400 `badRequest`: what is sent does not read.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "badRequest", message)
    }

    /// 400: a name that the method does not know.
    pub(super) fn unknown_name(name: &str) -> Self {
        let mut refused = Self::bad_request(format!(
            "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. \
             Field '{name}' could not be found in request message."
        ));
        refused.0.canonical = Some("INVALID_ARGUMENT");
        refused
    }

    /// 401 `authError`: the access token is not taken.
    pub(super) fn credentials() -> Self {
        let mut refused = Self::new(
            StatusCode::UNAUTHORIZED,
            "authError",
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login \
             cookie or other valid authentication credential. See \
             https://developers.google.com/identity/sign-in/web/devconsole-project.",
        );
        refused.0.location = Some(("Authorization".to_owned(), "header"));
        refused.0.canonical = Some("UNAUTHENTICATED");
        refused.0.authenticate = Some(HeaderValue::from_static(
            "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
        ));
        refused
    }

    /// 403 `forbidden`: nobody says who asks.
    pub(super) fn unregistered() -> Self {
        let mut refused = Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Method doesn't allow unregistered callers (callers without established identity). \
             Please use API Key or other form of API consumer identity to call this API.",
        );
        refused.0.canonical = Some("PERMISSION_DENIED");
        refused
    }

    /// 403 `insufficientPermissions`: the user did not agree to any of the scopes that `method` asks.
    pub(super) fn scope(method: &str) -> Self {
        let mut refused = Self::new(
            StatusCode::FORBIDDEN,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
        );
        refused.0.canonical = Some("PERMISSION_DENIED");
        refused.0.details = Some(json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": { "service": "drive.googleapis.com", "method": method },
        }]));
        refused.0.authenticate = Some(HeaderValue::from_static(
            "Bearer realm=\"https://accounts.google.com/\", error=\"insufficient_scope\", \
             scope=\"https://www.googleapis.com/auth/drive\"",
        ));
        refused
    }

    /// 403 with a reason of Drive's.
    pub(super) fn forbidden(reason: &'static str, message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, reason, message)
    }

    /// 403 `insufficientFilePermissions`.
    pub(super) fn not_yours() -> Self {
        Self::forbidden(
            "insufficientFilePermissions",
            "The user does not have sufficient permissions for this file.",
        )
    }

    /// 404 `notFound`: no such file, or none that the caller may see.
    pub(super) fn file(id: &str) -> Self {
        let mut refused = Self::new(
            StatusCode::NOT_FOUND,
            "notFound",
            format!("File not found: {id}."),
        );
        refused.0.location = Some(("fileId".to_owned(), "parameter"));
        refused
    }

    /// 404 `notFound` for a shared drive.
    pub(super) fn drive(id: &str) -> Self {
        let mut refused = Self::new(
            StatusCode::NOT_FOUND,
            "notFound",
            format!("Shared drive not found: {id}"),
        );
        refused.0.location = Some(("driveId".to_owned(), "parameter"));
        refused
    }

    /// 409 `fileIdInUse`: the file was made before.
    pub(super) fn id_in_use() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "fileIdInUse",
            "A file already exists with the provided ID.",
        )
    }

    /// 416: the range begins behind the end, which is at `size`.
    pub(super) fn range(size: usize) -> Self {
        let mut refused = Self::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "requestedRangeNotSatisfiable",
            "Request range not satisfiable",
        );
        refused.0.location = Some(("Range".to_owned(), "header"));
        refused.0.content_range = Some(format!("bytes */{size}"));
        refused
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let refused = *self.0;
        let mut one = json!({
            "message": refused.message,
            "domain": "global",
            "reason": refused.reason,
        });
        if let Some((name, kind)) = &refused.location {
            one["location"] = json!(name);
            one["locationType"] = json!(kind);
        }
        let mut error = json!({
            "code": refused.status.as_u16(),
            "message": refused.message,
            "errors": [one],
        });
        if let Some(canonical) = refused.canonical {
            error["status"] = json!(canonical);
        }
        if let Some(details) = refused.details {
            error["details"] = details;
        }
        let mut response = (refused.status, Json(json!({ "error": error }))).into_response();
        let headers = response.headers_mut();
        if let Some(value) = refused.authenticate {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        if let Some(value) = refused
            .content_range
            .and_then(|range| HeaderValue::from_str(&range).ok())
        {
            headers.insert(header::CONTENT_RANGE, value);
        }
        response
    }
}
