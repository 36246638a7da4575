//! A forgotten password, told.

use http::HeaderMap;
use jiff::SignedDuration;
use serde_json::json;
use testkit::{Response, TestApp};

use crate::SECOND;

const FORGOT: &str = "/api/authentication/forgot_password";

pub(crate) async fn forgot(app: &TestApp, username: &str) -> Response {
    app.post_with_token(FORGOT, json!({"username": username}))
        .await
}

/// How many mails with a code have come to an address.
pub(crate) fn codes_mailed(app: &TestApp, address: &str) -> usize {
    let mails = app.mailbox.messages_to(address);
    mails
        .iter()
        .filter(|mail| mail.subject == "Reset your password")
        .count()
}

#[tokio::test]
async fn a_user_is_mailed_a_code_and_nobody_else_is() {
    let app = TestApp::start().await;
    app.user("Jane@example.com").await;
    let before = app.mailbox.all().len();
    // However it is typed, it goes to the address that she signed up with.
    forgot(&app, "jANE@EXAMPLE.COM").await.expect_empty();
    let mails = app.mailbox.all();
    assert_eq!(mails.len(), before + 1);
    assert_eq!(mails[0].to, "Jane@example.com");
    assert!(mails[0].text.contains("Hello Jane"), "{}", mails[0].text);
    let code = app.mailed_code("jane@example.com");
    let records = serde_json::to_string(&app.records()).unwrap();
    assert!(!records.contains(&code) && !records.contains(&code.replace('-', "")));

    app.sign_up("Joe", "pending@example.com", testkit::PASSWORD)
        .await
        .expect_empty();
    let before = app.mailbox.all().len();
    for nobody in [
        "nobody@example.com",
        "pending@example.com",
        "no address",
        "",
    ] {
        forgot(&app, nobody).await.expect_empty();
    }
    assert_eq!(app.mailbox.all().len(), before);
    assert_eq!(app.records_of("RESET#").len(), 1);
}

#[tokio::test]
async fn the_answer_tells_nothing() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    app.user("joe@example.com").await;
    app.deactivate("joe@example.com").await;
    let mut answers: Vec<(u16, HeaderMap, Vec<u8>)> = Vec::new();
    for username in [
        "jane@example.com",
        "joe@example.com",
        "nobody@example.com",
        "?",
    ] {
        answers.push(forgot(&app, username).await.observable());
    }
    // Again within the minute, and while no mail can be sent.
    answers.push(forgot(&app, "jane@example.com").await.observable());
    app.clock.advance(SignedDuration::from_mins(2));
    app.control.fail_mail(true);
    answers.push(forgot(&app, "jane@example.com").await.observable());
    for answer in &answers {
        assert_eq!(*answer, answers[0]);
    }
    assert_eq!(answers[0].0, 200);
    // A user who may not sign in is not mailed either.
    assert_eq!(codes_mailed(&app, "joe@example.com"), 0);
}

#[tokio::test]
async fn an_address_is_mailed_once_a_minute_and_ten_times_a_day() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    app.clock.begin_window(86_400);
    for minute in 1..=12 {
        for _ in 0..3 {
            forgot(&app, "jane@example.com").await.expect_empty();
        }
        assert_eq!(codes_mailed(&app, "jane@example.com"), minute.min(10));
        app.clock.advance(SignedDuration::from_mins(1));
    }
    app.clock.begin_window(86_400);
    forgot(&app, "jane@example.com").await.expect_empty();
    assert_eq!(codes_mailed(&app, "jane@example.com"), 11);
}

#[tokio::test]
async fn a_mail_that_failed_may_be_asked_for_again_at_once() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    app.clock.begin_window(60);
    app.control.fail_mail(true);
    forgot(&app, "jane@example.com").await.expect_empty();
    assert!(app.records_of("RESET#").is_empty());
    app.control.fail_mail(false);
    app.clock.advance(SECOND);
    forgot(&app, "jane@example.com").await.expect_empty();
    assert_eq!(codes_mailed(&app, "jane@example.com"), 1);
}

#[tokio::test]
async fn a_network_may_forget_twenty_passwords_an_hour() {
    let app = TestApp::start().await;
    app.clock.begin_window(3_600);
    for number in 0..20 {
        let body = json!({"username": format!("nobody{number}@example.com")});
        app.post_from("203.0.113.7", FORGOT, body)
            .await
            .expect_empty();
    }
    let body = json!({"username": "jane@example.com"});
    let answer = app.post_from("203.0.113.7", FORGOT, body).await;
    answer.expect_problem(499, "SECURITY");
    assert_eq!(answer.header("retry-after"), "3600");
}

#[tokio::test]
async fn a_malformed_body_does_not_cost_the_request_token() {
    let app = TestApp::start().await;
    let token = app.request_token().await;
    for (body, expected) in [
        (
            json!({"requestToken": token}),
            "499 DEFAULT username: is missing",
        ),
        (
            json!({"requestToken": token, "username": 5}),
            "499 DEFAULT username: has the wrong type",
        ),
    ] {
        assert_eq!(app.post(FORGOT, body).await.outcome(), expected);
    }
    let body = json!({"requestToken": token, "username": "jane@example.com"});
    app.post(FORGOT, body.clone()).await.expect_empty();
    assert_eq!(app.post(FORGOT, body).await.outcome(), crate::BURNED);
}
