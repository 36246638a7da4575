//! How often a stranger may try.

use std::sync::Arc;

use http::{Method, Request};
use jiff::SignedDuration;
use serde_json::json;
use testkit::{PASSWORD, Response, TestApp};

const HERE: &str = "203.0.113.7";
const LOGIN: &str = "/api/authentication/login";
const TOO_OFTEN: &str =
    "499 SECURITY Too many attempts to log in. Try again later, or reset the password.";
const WRONG: &str = "401 AUTH Wrong username, password or type.";

/// Somebody tries to log in from a network.
async fn log_in_from(app: &TestApp, address: &str, email: &str, password: &str) -> Response {
    let body = json!({"username": email, "password": password, "type": 16});
    app.post_from(address, LOGIN, body).await
}

/// The service at the beginning of an hour, so that no window ends while a test counts.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.clock.begin_window(3_600);
    app
}

#[tokio::test]
async fn a_network_is_given_ten_tries_for_a_user() {
    let app = start().await;
    app.user("jane@example.com").await;
    for _ in 0..10 {
        let answer = log_in_from(&app, HERE, "jane@example.com", "wrong").await;
        assert_eq!(answer.outcome(), WRONG);
    }
    let answer = log_in_from(&app, HERE, "JANE@example.com", PASSWORD).await;
    assert_eq!(answer.outcome(), TOO_OFTEN);
    assert_eq!(answer.header("retry-after"), "900");
    // Neither is she kept out elsewhere, nor others here.
    let answer = log_in_from(&app, "203.0.113.8", "jane@example.com", PASSWORD).await;
    assert_eq!(answer.outcome(), "200");
    let answer = log_in_from(&app, HERE, "joe@example.com", "wrong").await;
    assert_eq!(answer.outcome(), WRONG);
    app.clock.advance(SignedDuration::from_mins(15));
    let answer = log_in_from(&app, HERE, "jane@example.com", PASSWORD).await;
    assert_eq!(answer.outcome(), "200");
}

#[tokio::test]
async fn a_login_that_succeeds_forgets_those_that_failed() {
    let app = start().await;
    app.user("jane@example.com").await;
    for _ in 0..3 {
        for _ in 0..9 {
            let answer = log_in_from(&app, HERE, "jane@example.com", "wrong").await;
            assert_eq!(answer.outcome(), WRONG);
        }
        let answer = log_in_from(&app, HERE, "jane@example.com", PASSWORD).await;
        assert_eq!(answer.outcome(), "200");
    }
}

/// Whoever tries from everywhere reads the same for a user and for nobody.
#[tokio::test]
async fn a_username_is_given_a_hundred_tries_whether_or_not_it_is_known() {
    let app = start().await;
    app.user("jane@example.com").await;
    for email in ["jane@example.com", "nobody@example.com", "no address"] {
        for number in 0..100 {
            let address = format!("2001:db8:{number:x}::1");
            let answer = log_in_from(&app, &address, email, "wrong").await;
            assert_eq!(answer.outcome(), WRONG, "{email} {number}");
        }
        let answer = log_in_from(&app, "2001:db8:ffff::1", email, PASSWORD).await;
        assert_eq!(answer.outcome(), TOO_OFTEN, "{email}");
        assert_eq!(answer.header("retry-after"), "3600");
    }
    let records = serde_json::to_string(&app.records_of("RATE#")).unwrap();
    assert!(!records.contains("example.com") && !records.contains("2001:db8"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_tries_at_once_exactly_as_many_as_allowed_get_through() {
    let app = Arc::new(start().await);
    let outcomes = app
        .at_once(100, async |app, _| {
            log_in_from(&app, HERE, "jane@example.com", "wrong")
                .await
                .outcome()
        })
        .await;
    let through = outcomes.iter().filter(|outcome| *outcome == WRONG).count();
    let refused = outcomes
        .iter()
        .filter(|outcome| outcome.starts_with("499 SECURITY"));
    assert_eq!((through, refused.count()), (10, 90));
}

/// Sixty users of one network may log in within five minutes, whoever they are.
#[tokio::test]
async fn a_network_is_given_sixty_logins() {
    let app = start().await;
    for number in 0..60 {
        let email = format!("nobody{number}@example.com");
        let answer = log_in_from(&app, "2001:db8::1", &email, "wrong").await;
        assert_eq!(answer.outcome(), WRONG, "{number}");
    }
    let answer = log_in_from(&app, "2001:db8::2", "other@example.com", "wrong").await;
    let text = "499 SECURITY Too many requests. Try again later.";
    assert_eq!(
        answer.outcome(),
        text,
        "another address of the same network"
    );
    let answer = log_in_from(&app, "2001:db8:0:1::1", "other@example.com", "wrong").await;
    assert_eq!(answer.outcome(), WRONG, "another network");
}

/// Making a request token writes nothing, limited or not.
#[tokio::test]
async fn a_network_is_given_thirty_request_tokens_a_minute() {
    let app = start().await;
    let ask = async || {
        let path = "/api/authentication/request_token";
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header("x-forwarded-for", "198.51.100.1");
        app.send_from(HERE, request.body(axum::body::Body::empty()).unwrap())
            .await
    };
    for _ in 0..30 {
        assert_eq!(ask().await.outcome(), "200");
    }
    let answer = ask().await;
    answer.expect_problem(499, "SECURITY");
    assert_eq!(answer.header("retry-after"), "60");
    assert!(app.records().is_empty());
    app.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(ask().await.outcome(), "200");
}

/// What is refused for a limit has used its token up.
#[tokio::test]
async fn a_limited_request_burns_its_token() {
    let app = TestApp::start_with(|config| {
        config.limits = shared::limits::Limits::parse("logout=0/60").unwrap();
    })
    .await;
    let token = app.request_token().await;
    let body = json!({"requestToken": token, "jwtToken": "x"});
    let request = |body: &serde_json::Value| {
        Request::post("/api/authentication/logout")
            .header("content-type", "application/json")
            .body(body.to_string().into())
            .unwrap()
    };
    let answer = app.send_from(HERE, request(&body)).await;
    answer.expect_problem(499, "SECURITY");
    let again = app.send_from(HERE, request(&body)).await;
    assert_eq!(again.outcome(), crate::BURNED);
}

/// Nobody is kept out by requests that do nothing.
#[tokio::test]
async fn a_used_token_counts_against_nobody() {
    let app = start().await;
    app.user("jane@example.com").await;
    let token = app.request_token().await;
    let body = json!({
        "requestToken": token, "username": "jane@example.com", "password": "wrong", "type": 16,
    });
    assert_eq!(app.post(LOGIN, body.clone()).await.outcome(), WRONG);
    for _ in 0..105 {
        assert_eq!(app.post(LOGIN, body.clone()).await.outcome(), crate::BURNED);
    }
    assert_eq!(app.log_in("jane@example.com", PASSWORD).await.status, 200);
}
