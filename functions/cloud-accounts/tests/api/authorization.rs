//! What every endpoint says to a JWT that is missing or not good.

use http::{Method, Request};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Response, TestApp, User};

use crate::{INSERT, REFRESH, delete_path, refresh, snapshot};

#[track_caller]
fn expect_unauthenticated(response: &Response, code: &str, case: &str) {
    assert_eq!(response.status, 401, "{case}: {}", response.text());
    response.expect_problem(401, code);
    assert_eq!(response.header("www-authenticate"), "Bearer", "{case}");
}

/// The endpoints, as requests about the cloud account `id`.
fn requests(jane: &User<'_>, id: &str) -> [(Method, String, Option<Value>); 3] {
    [
        (Method::POST, INSERT.to_owned(), Some(jane.s3_connection())),
        (Method::DELETE, delete_path(id), None),
        (Method::POST, REFRESH.to_owned(), Some(refresh(id))),
    ]
}

#[tokio::test]
async fn without_a_jwt_nothing_is_connected_or_deleted() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    let before = snapshot(&app);

    for (method, path, body) in &requests(&jane, &id)[..2] {
        let answer = app.request(method.clone(), path, None, body.as_ref()).await;
        expect_unauthenticated(&answer, "AUTH", path);
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn a_jwt_that_is_not_good_is_a_401_everywhere() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    let request_token = app.request_token().await;
    let (head, signature) = jane.jwt.rsplit_once('.').unwrap();
    let before = snapshot(&app);

    for (authorization, reason) in [
        (String::new(), "empty"),
        ("Bearer".to_owned(), "no token"),
        ("Bearer not-a-jwt".to_owned(), "no JWT"),
        (format!("Basic {}", jane.jwt), "another scheme"),
        (jane.jwt.clone(), "no scheme"),
        (format!("Bearer {head}."), "no signature"),
        (
            format!("Bearer {head}.{}", reversed(signature)),
            "another signature",
        ),
        (format!("Bearer {} {}", jane.jwt, jane.jwt), "two tokens"),
        (format!("Bearer {request_token}"), "a token of another kind"),
    ] {
        for (method, path, body) in requests(&jane, &id) {
            let body = body.map_or_else(String::new, |body| body.to_string());
            let request = Request::builder()
                .method(method)
                .uri(&path)
                .header("authorization", &authorization)
                .header("content-type", "application/json")
                .body(body.into())
                .unwrap();
            let answer = app.send(request).await;
            expect_unauthenticated(&answer, "AUTH", &format!("{path}: {reason}"));
        }
    }
    assert_eq!(snapshot(&app), before);
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

#[tokio::test]
async fn an_ended_or_expired_session_is_a_401_everywhere() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    let other = User::log_in(&app, "jane@example.com", 16).await;
    let logout = json!({"jwtToken": jane.jwt});
    app.post_with_token("/api/authentication/logout", logout)
        .await
        .expect_empty();
    let before = snapshot(&app);

    for (method, path, body) in requests(&jane, &id) {
        let answer = app
            .request(method, &path, Some(&jane.jwt), body.as_ref())
            .await;
        expect_unauthenticated(&answer, "SESSION", &path);
    }
    app.clock.advance(SignedDuration::from_hours(25));
    for (method, path, body) in requests(&jane, &id) {
        let answer = app
            .request(method, &path, Some(&other.jwt), body.as_ref())
            .await;
        expect_unauthenticated(&answer, "SESSION", &path);
    }
    assert_eq!(snapshot(&app), before);
}
