use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use serde_json::Value;
use tower::ServiceExt;

use crate::Response;

/// A process of the service.
pub struct Process(pub(crate) Router);

impl Process {
    /// Sends JSON, or nothing, as somebody or a stranger.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        jwt: Option<&str>,
        body: Option<&Value>,
    ) -> Response {
        let request = json_request(method, path, jwt, body);
        Response::read(self.0.clone().oneshot(request).await.unwrap()).await
    }

    /// Somebody posts JSON.
    pub async fn post(&self, path: &str, jwt: &str, body: &Value) -> Response {
        self.request(Method::POST, path, Some(jwt), Some(body))
            .await
    }
}

/// A request with JSON or without a body, of somebody or a stranger.
pub(crate) fn json_request(
    method: Method,
    path: &str,
    jwt: Option<&str>,
    body: Option<&Value>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(jwt) = jwt {
        request = request.header("authorization", format!("Bearer {jwt}"));
    }
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    request.body(body).unwrap()
}
