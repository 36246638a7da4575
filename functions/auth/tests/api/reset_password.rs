//! A new password, set with a mailed code.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use testkit::{PASSWORD, Response, TestApp};

use crate::SECOND;
use crate::forgot_password::forgot;

const RESET: &str = "/api/authentication/reset_password";
const PROBE: &str = "/api/v1/desktop/get_accountlogsetting";
const NEW: &str = "a new canary battery staple";
const UNKNOWN: &str = "499 TOKEN resetToken: unknown, expired or already used";

async fn reset(app: &TestApp, code: &str, password: &str) -> Response {
    let body = json!({"resetToken": code, "password": password});
    app.post_with_token(RESET, body).await
}

/// A code, as it comes by mail.
async fn code(app: &TestApp, email: &str) -> String {
    forgot(app, email).await.expect_empty();
    app.mailed_code(email)
}

#[tokio::test]
async fn the_new_password_logs_in_and_the_old_one_does_not() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let code = code(&app, "jane@example.com").await;
    // As people type it.
    let typed = code.to_lowercase().replace('-', " ");
    reset(&app, &typed, NEW).await.expect_empty();
    assert_eq!(app.log_in("jane@example.com", PASSWORD).await.status, 401);
    assert_eq!(app.log_in("jane@example.com", NEW).await.status, 200);
    assert_eq!(
        reset(&app, &code, "another password").await.outcome(),
        UNKNOWN
    );

    let notice = &app.mailbox.messages_to("jane@example.com")[0];
    assert_eq!(notice.subject, "Your password was changed");
}

#[tokio::test]
async fn every_session_of_the_user_ends_and_no_other() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let joe = app.user("joe@example.com").await;
    let mut sessions = vec![jane.jwt.clone()];
    for _ in 0..3 {
        let answer = app.log_in("jane@example.com", PASSWORD).await.json();
        sessions.push(answer["jwtToken"].as_str().unwrap().to_owned());
    }
    let get = async |jwt: &str| app.request(http::Method::GET, PROBE, Some(jwt), None).await;
    for jwt in &sessions {
        assert_eq!(get(jwt).await.status, 200);
    }
    let code = code(&app, "jane@example.com").await;
    reset(&app, &code, NEW).await.expect_empty();
    for jwt in &sessions {
        get(jwt).await.expect_problem(401, "SESSION");
    }
    assert_eq!(joe.get(PROBE).await.status, 200);
    let answer = app.log_in("jane@example.com", NEW).await.json();
    let jwt = answer["jwtToken"].as_str().unwrap();
    assert_eq!(get(jwt).await.status, 200);
}

#[tokio::test]
async fn a_code_ends_after_an_hour_and_with_the_use_of_another() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let old = code(&app, "jane@example.com").await;
    app.clock.advance(SignedDuration::from_mins(60));
    assert_eq!(reset(&app, &old, NEW).await.outcome(), UNKNOWN);

    let first = code(&app, "jane@example.com").await;
    app.clock.advance(SignedDuration::from_mins(2));
    let second = code(&app, "jane@example.com").await;
    assert_ne!(first, second);
    app.clock.advance(SignedDuration::from_mins(57));
    // Asking again has not ended the first; its use ends the second.
    reset(&app, &first, NEW).await.expect_empty();
    assert_eq!(reset(&app, &second, NEW).await.outcome(), UNKNOWN);
}

#[tokio::test]
async fn what_is_no_code_changes_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let right = code(&app, "jane@example.com").await;
    let other = if right.starts_with('A') { "B" } else { "A" };
    let long = "A".repeat(10_000);
    for wrong in [
        "",
        "x",
        "00000-00000-000000-00000-00000",
        &format!("{other}{}", &right[1..]),
        &long,
    ] {
        assert_eq!(reset(&app, wrong, NEW).await.outcome(), UNKNOWN, "{wrong}");
    }
    // The code of a sign-up is none, nor is one for the password a sign-up.
    app.sign_up("Joe", "joe@example.com", PASSWORD)
        .await
        .expect_empty();
    let activation = app.mailed_code("joe@example.com");
    assert_eq!(reset(&app, &activation, NEW).await.outcome(), UNKNOWN);
    assert_eq!(app.confirm(&right).await.status, 404);
    assert_eq!(jane.get(PROBE).await.status, 200);
    assert_eq!(app.log_in("jane@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_user_who_may_not_sign_in_may_not_reset() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let code = code(&app, "jane@example.com").await;
    app.deactivate("jane@example.com").await;
    assert_eq!(reset(&app, &code, NEW).await.outcome(), UNKNOWN);
}

#[tokio::test]
async fn a_bad_password_costs_neither_code_nor_request_token() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let code = code(&app, "jane@example.com").await;
    let token = app.request_token().await;
    let body =
        |password: &str| json!({"requestToken": token, "resetToken": code, "password": password});
    let answer = app.post(RESET, body("short")).await;
    assert_eq!(
        answer.outcome(),
        "499 DEFAULT password: must be at least 8 characters"
    );
    app.post(RESET, body(NEW)).await.expect_empty();
}

#[tokio::test]
async fn a_network_is_given_ten_codes_a_minute() {
    let app = TestApp::start().await;
    app.clock.begin_window(60);
    let body = json!({"resetToken": "x", "password": NEW});
    for _ in 0..10 {
        let answer = app.post_from("203.0.113.7", RESET, body.clone()).await;
        assert_eq!(answer.outcome(), UNKNOWN);
    }
    let answer = app.post_from("203.0.113.7", RESET, body).await;
    answer.expect_problem(499, "SECURITY");
    assert_eq!(answer.header("retry-after"), "60");
}

/// Whoever has been kept out by guesses, others' or their own, gets in again.
#[tokio::test]
async fn a_reset_forgets_the_logins_that_failed() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    app.clock.begin_window(3_600);
    let here = "203.0.113.7";
    let log_in = async |address: &str, password: &str| {
        let body = json!({"username": "jane@example.com", "password": password, "type": 16});
        app.post_from(address, "/api/authentication/login", body)
            .await
    };
    for number in 0..100 {
        let address = if number < 10 {
            here.to_owned()
        } else {
            format!("2001:db8:{number:x}::1")
        };
        assert_eq!(log_in(&address, "wrong").await.status, 401);
    }
    log_in(here, PASSWORD).await.expect_problem(499, "SECURITY");
    log_in("198.51.100.1", PASSWORD)
        .await
        .expect_problem(499, "SECURITY");
    let code = code(&app, "jane@example.com").await;
    let body = json!({"resetToken": code, "password": NEW});
    app.post_from(here, RESET, body).await.expect_empty();
    assert_eq!(log_in(here, NEW).await.status, 200);
}

/// Whatever races with it: one password is set, and no session of before is alive.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_resets_at_once_one_sets_the_password() {
    let app = Arc::new(TestApp::start().await);
    app.user("jane@example.com").await;
    let code = code(&app, "jane@example.com").await;
    let outcomes = app
        .at_once(20, move |app, number| {
            let body = json!({"resetToken": code, "password": format!("{NEW} {number}")});
            async move {
                if number % 2 == 0 {
                    app.log_in("jane@example.com", PASSWORD).await;
                    return None;
                }
                let answer = app.post_with_token(RESET, body).await;
                (answer.outcome() == "200").then_some(number)
            }
        })
        .await;
    let set: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(set.len(), 1, "{set:?}");
    let password = format!("{NEW} {}", set[0]);
    assert_eq!(app.log_in("jane@example.com", &password).await.status, 200);
    assert_eq!(app.log_in("jane@example.com", PASSWORD).await.status, 401);
}

/// The notice is sent after the fact.
#[tokio::test]
async fn a_reset_holds_though_no_mail_can_be_sent() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let code = code(&app, "jane@example.com").await;
    app.control.fail_mail(true);
    app.clock.advance(SECOND);
    reset(&app, &code, NEW).await.expect_empty();
    assert_eq!(app.log_in("jane@example.com", NEW).await.status, 200);
}
