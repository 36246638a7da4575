//! What holds for every request: routes, methods, headers, bodies.

use axum::body::Body;
use http::{Method, Request};
use serde_json::json;
use testkit::{PASSWORD, TestApp};

use crate::BURNED;

/// Every endpoint of sign-up and authentication that takes a body.
const PATHS: [&str; 5] = [
    "/api/v1/desktop/signup",
    "/api/v1/desktop/confirm_signup",
    "/api/v1/desktop/resend_confirmation_email",
    "/api/authentication/login",
    "/api/authentication/logout",
];

fn post(path: &str, content_type: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post(path);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    request.body(body.into()).unwrap()
}

#[tokio::test]
async fn an_unknown_path_is_a_404() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/api",
        "/api/v1/desktop",
        "/api/v1/desktop/",
        "/api/v1/desktop/nothing",
        "/api/v1/desktop/login",
        "/api/authentication/signup",
        "/api/authentication/login/",
        "/api/authentication/login/x",
        "//api/authentication/login",
        "/api//authentication/login",
        "/API/authentication/login",
        "/api/authentication/Login",
        "/api/authentication/%6cogin",
        "/api/authentication%2Flogin",
        "/api/authentication/login%00",
        "/api/authentication/../authentication/login",
        "/prod/api/authentication/login",
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = app.request(method.clone(), path, None, None).await;
            let expected = "404 NOT_FOUND There is no such endpoint.";
            assert_eq!(answer.outcome(), expected, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn another_method_is_a_405() {
    let app = TestApp::start().await;
    for path in PATHS
        .into_iter()
        .chain(["/api/authentication/request_token"])
    {
        for method in [
            Method::GET,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::OPTIONS,
        ] {
            let answer = app.request(method.clone(), path, None, None).await;
            let expected = "405 DEFAULT The endpoint has another method.";
            assert_eq!(answer.outcome(), expected, "{method} {path}");
            assert_eq!(answer.header("allow"), "POST", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let app = TestApp::start().await;
    let no_json = "499 DEFAULT body: must be well-formed JSON";
    let no_object = "499 DEFAULT body: must be a JSON object";
    let deep = "[".repeat(60_000);
    for path in PATHS {
        for (body, expected) in [
            (&b""[..], no_json),
            (b" ", no_json),
            (b"{", no_json),
            (b"{}{}", "499 DEFAULT requestToken: is missing"),
            (b"requestToken=x&token=y", no_json),
            (b"{'requestToken': 'x'}", no_json),
            (b"\xEF\xBB\xBF{}", no_json),
            (b"{\"requestToken\": \"\xFF\"}", no_json),
            (b"{\"requestToken\": \"\\ud800\"}", no_json),
            (b"{\"requestToken\": \"a\nb\"}", no_json),
            (b"[]", no_object),
            (b"null", no_object),
            (b"\"text\"", no_object),
            (b"7", no_object),
            (deep.as_bytes(), no_object),
            (
                b"{\"requestToken\": \"x\", \"requestToken\": \"y\"}",
                "499 DEFAULT requestToken: is there twice",
            ),
        ] {
            let answer = app
                .send(post(path, Some("application/json"), body.to_vec()))
                .await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]);
            assert_eq!(answer.outcome(), expected, "{path} {shown}");
        }
    }
}

#[tokio::test]
async fn a_body_may_have_64_kib() {
    let app = TestApp::start().await;
    for path in PATHS {
        let mut body = json!({
            "requestToken": app.request_token().await, "pad": "",
            "name": "Jane", "email": "jane@example.com", "password": PASSWORD,
            "token": "x", "username": "x", "type": 16, "jwtToken": "x",
        });
        let limit = 64 * 1024;
        let pad = |length: usize, body: &mut serde_json::Value| {
            body["pad"] = json!("");
            let pad = length - body.to_string().len();
            body["pad"] = json!("x".repeat(pad));
            assert_eq!(body.to_string().len(), length);
            body.to_string()
        };
        for (length, why) in [
            (limit + 1, "a byte more"),
            (10 * limit, "ten times as much"),
        ] {
            let answer = app.send(post(path, None, pad(length, &mut body))).await;
            let expected = "499 DEFAULT body: must be at most 64 KiB";
            assert_eq!(answer.outcome(), expected, "{path}: {why}");
        }
        let answer = app.send(post(path, None, pad(limit, &mut body))).await;
        assert_ne!(
            answer.header("error-code"),
            "DEFAULT",
            "{path}: {}",
            answer.text()
        );
        assert_ne!(
            answer.outcome(),
            BURNED,
            "{path}: the refused ones cost nothing"
        );
    }
}

#[tokio::test]
async fn a_body_is_json_or_says_nothing_of_its_type() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let mut body = json!({"username": "jane@example.com", "password": PASSWORD, "type": 16});
    body["requestToken"] = json!(app.request_token().await);
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "application/json, text/plain",
        "json",
        "",
    ] {
        for path in PATHS {
            let answer = app
                .send(post(path, Some(content_type), body.to_string()))
                .await;
            assert_eq!(
                answer.outcome(),
                "499 DEFAULT Content-Type: must be application/json",
                "{content_type:?} at {path}"
            );
        }
    }
    for content_type in [
        None,
        Some("application/json"),
        Some("Application/JSON"),
        Some("application/json; charset=utf-8"),
        Some("application/json;charset=UTF-8"),
    ] {
        let request = post("/api/authentication/login", content_type, body.to_string());
        assert_eq!(app.send(request).await.status, 200, "{content_type:?}");
        body["requestToken"] = json!(app.request_token().await);
    }
}

#[tokio::test]
async fn every_answer_has_an_id_and_is_stored_nowhere() {
    let app = TestApp::start().await;
    let mut ids = std::collections::BTreeSet::new();
    for (method, path) in [
        (Method::POST, "/api/authentication/request_token"),
        (Method::POST, "/api/authentication/login"),
        (Method::GET, "/api/authentication/login"),
        (Method::GET, "/nothing"),
        (Method::GET, "/api/v1/desktop/get_accountlogsetting"),
    ] {
        let answer = app.request(method, path, None, None).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            ids.insert(answer.header("x-request-id").to_owned()),
            "{path}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}
