//! How often a stranger may try.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{PASSWORD, TestApp};

const HERE: &str = "203.0.113.7";
const ELSEWHERE: &str = "203.0.113.8";

#[tokio::test]
async fn every_endpoint_gives_a_network_so_many_tries() {
    let app = TestApp::start().await;
    app.clock.begin_window(86_400);
    for (endpoint, tries, minutes) in [
        ("signup", 5, 60),
        ("confirm_signup", 10, 1),
        ("resend_confirmation_email", 20, 60),
        ("google_signup", 20, 1),
    ] {
        let path = format!("/api/v1/desktop/{endpoint}");
        let body = |number: usize| -> Value {
            let email = format!("jane{number}@example.com");
            json!({
                "name": "Jane", "email": email, "password": PASSWORD, "token": "none", "idToken": "none",
            })
        };
        for number in 0..tries {
            let answer = app.post_from(HERE, &path, body(number)).await;
            let outcome = answer.outcome();
            assert!(
                !outcome.contains("SECURITY"),
                "{endpoint} {number}: {outcome}"
            );
        }
        let answer = app.post_from(HERE, &path, body(0)).await;
        answer.expect_problem(499, "SECURITY");
        assert_eq!(answer.header("retry-after"), (minutes * 60).to_string());
        let outcome = app.post_from(ELSEWHERE, &path, body(0)).await.outcome();
        assert!(!outcome.contains("SECURITY"), "{endpoint}: {outcome}");
    }
    // Both ways in with Google count as one.
    let path = "/api/v1/desktop/google_signin";
    let answer = app.post_from(HERE, path, json!({"idToken": "none"})).await;
    answer.expect_problem(499, "SECURITY");
    // A refused sign-up leaves nothing behind and mails nobody.
    assert_eq!(app.mailbox.all().len(), 5);
}

/// A minute's tries come back after the minute, a day's do not.
#[tokio::test]
async fn codes_are_limited_by_the_day_too() {
    let app = TestApp::start().await;
    app.clock.begin_window(86_400);
    let confirm = async || {
        let path = "/api/v1/desktop/confirm_signup";
        app.post_from(HERE, path, json!({"token": "none"})).await
    };
    for minute in 0..10 {
        for number in 0..10 {
            assert_eq!(confirm().await.status, 404, "{minute} {number}");
        }
        // Refused for the minute, so it does not count for the day.
        confirm().await.expect_problem(499, "SECURITY");
        app.clock.advance(SignedDuration::from_mins(1));
    }
    let answer = confirm().await;
    answer.expect_problem(499, "SECURITY");
    let left = 86_400 - 600;
    assert_eq!(answer.header("retry-after"), left.to_string());
}
