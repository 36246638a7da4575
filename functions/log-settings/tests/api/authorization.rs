//! What every endpoint says to a JWT that is missing or not good.

use http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Response, TestApp, User};

use crate::{DELETE, GET, SETUP, UPDATE, collector, snapshot};

/// Every endpoint, as a request that a good JWT makes succeed.
fn requests(setting: &Value) -> [(Method, &'static str, Option<Value>); 4] {
    [
        (Method::GET, GET, None),
        (Method::PUT, UPDATE, Some(setting.clone())),
        (Method::DELETE, DELETE, None),
        (Method::POST, SETUP, Some(collector())),
    ]
}

async fn send(app: &TestApp, authorization: Option<&str>, setting: &Value) -> Vec<Response> {
    let mut answers = Vec::new();
    for (method, path, body) in requests(setting) {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("content-type", "application/json");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let body = body.map_or_else(String::new, |body| body.to_string());
        let request = request.body(body.into()).expect("a request");
        answers.push(app.send(request).await);
    }
    answers
}

#[track_caller]
fn expect_unauthenticated(answers: &[Response], code: &str, reason: &str) {
    assert_eq!(answers.len(), 4);
    for answer in answers {
        assert_eq!(answer.status, 401, "{reason}: {}", answer.text());
        answer.expect_problem(401, code);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{reason}");
    }
}

#[tokio::test]
async fn without_a_good_jwt_every_endpoint_is_a_401() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();
    let (head, signature) = jane.jwt.rsplit_once('.').unwrap();
    let reversed: String = signature.chars().rev().collect();
    let request_token = app.request_token().await;
    let before = snapshot(&app);

    expect_unauthenticated(&send(&app, None, &setting).await, "AUTH", "no header");
    for (authorization, reason) in [
        (String::new(), "empty"),
        ("Bearer".to_owned(), "no token"),
        ("Bearer not-a-jwt".to_owned(), "no JWT"),
        (format!("Basic {}", jane.jwt), "another scheme"),
        (jane.jwt.clone(), "no scheme"),
        (format!("Bearer {head}.{reversed}"), "another signature"),
        (format!("Bearer {request_token}"), "a token of another kind"),
    ] {
        let answers = send(&app, Some(&authorization), &setting).await;
        expect_unauthenticated(&answers, "AUTH", reason);
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn an_ended_or_expired_session_is_a_401_everywhere() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();
    let other = User::log_in(&app, "jane@example.com", 16).await;
    let logout = json!({"jwtToken": jane.jwt});
    app.post_with_token("/api/authentication/logout", logout)
        .await
        .expect_empty();
    let before = snapshot(&app);

    let ended = format!("Bearer {}", jane.jwt);
    expect_unauthenticated(
        &send(&app, Some(&ended), &setting).await,
        "SESSION",
        "ended",
    );
    app.clock.advance(SignedDuration::from_hours(25));
    let expired = format!("Bearer {}", other.jwt);
    expect_unauthenticated(
        &send(&app, Some(&expired), &setting).await,
        "SESSION",
        "expired",
    );
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn with_a_good_jwt_every_one_of_these_requests_succeeds() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();

    let good = format!("Bearer {}", jane.jwt);
    for answer in send(&app, Some(&good), &setting).await {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
