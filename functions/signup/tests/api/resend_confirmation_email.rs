use std::sync::Arc;

use serde_json::json;
use testkit::{KeyDocument, PASSWORD, TestApp};

use crate::{DAY, MINUTE, SECOND};

const PATH: &str = "/api/v1/desktop/resend_confirmation_email";

#[tokio::test]
async fn the_same_code_is_mailed_again_and_lives_on() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let asked = app.mailbox.all()[0].clone();
    app.clock.advance(DAY - SECOND);

    app.resend("Jane@Example.com").await.expect_empty();

    let mails = app.mailbox.messages_to("jane@example.com");
    assert_eq!(mails.len(), 2);
    assert_eq!((&mails[0].text, &mails[0].html), (&asked.text, &asked.html));
    assert_eq!((&mails[0].to, &mails[0].from), (&asked.to, &asked.from));
    app.clock.advance(DAY - SECOND);
    app.confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();
}

#[tokio::test]
async fn an_extended_code_still_ends() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(DAY - SECOND);
    app.resend("jane@example.com").await.expect_empty();

    app.clock.advance(DAY);

    assert_eq!(
        app.confirm(&app.mailed_code("jane@example.com"))
            .await
            .status,
        404
    );
    assert_eq!(app.resend("jane@example.com").await.status, 404);
}

#[tokio::test]
async fn a_malformed_body_is_refused_by_field_and_does_not_cost_the_request_token() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(MINUTE);
    let no_address = "499 INVALID_EMAIL email: must be a valid e-mail address";
    let long = format!("{}@example.com", "a".repeat(39));
    let bad = [
        ("email", json!(""), no_address),
        ("email", json!("jane"), no_address),
        ("email", json!("jane@example"), no_address),
        (
            "email",
            json!(long),
            "499 INVALID_EMAIL email: must be at most 50 characters",
        ),
    ];

    app.refuse_then_accept(PATH, json!({"email": "jane@example.com"}), &bad)
        .await
        .expect_empty();

    assert_eq!(app.mailbox.all().len(), 2);
}

#[tokio::test]
async fn a_resend_costs_its_request_token_whatever_comes_of_it() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    for (email, status, why) in [
        ("jane@example.com", 200, "quiet"),
        ("nobody@example.com", 404, "nothing pending"),
    ] {
        let body = json!({"requestToken": app.request_token().await, "email": email});
        assert_eq!(app.post(PATH, body.clone()).await.status, status, "{why}");
        app.post(PATH, body).await.expect_problem(499, "TOKEN");
    }
}

#[tokio::test]
async fn within_a_minute_of_a_mail_it_is_silent() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let steps = [
        (0, 1, "at once"),
        (59, 1, "59 s after the sign-up's mail"),
        (1, 2, "60 s after it"),
        (59, 2, "59 s after the second mail"),
        (1, 3, "60 s after that"),
    ];
    for (pause, mails, when) in steps {
        app.clock.advance(pause * SECOND);
        app.resend("jane@example.com").await.expect_empty();
        assert_eq!(app.mailbox.all().len(), mails, "{when}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_requests_at_once_send_one_mail() {
    let app = Arc::new(TestApp::start().await);
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(MINUTE);

    let outcomes = app
        .at_once(30, |app, _| async move {
            app.resend("jane@example.com").await.outcome()
        })
        .await;

    assert_eq!(outcomes, ["200"; 30]);
    assert_eq!(app.mailbox.all().len(), 2);
}

#[tokio::test]
async fn a_code_is_mailed_ten_times_and_works_on() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let code = app.mailed_code("jane@example.com");
    for number in 2..=10 {
        app.clock.advance(MINUTE);
        app.resend("jane@example.com").await.expect_empty();
        assert_eq!(app.mailbox.all().len(), number);
        assert_eq!(app.mailed_code("jane@example.com"), code);
    }
    app.clock.advance(MINUTE);

    let eleventh = app.resend("jane@example.com").await;

    assert_eq!(
        eleventh.outcome(),
        "499 SECURITY The code was sent 10 times. Sign up again."
    );
    assert_eq!(app.mailbox.all().len(), 10);
    app.confirm(&code).await.string();
}

#[tokio::test]
async fn a_new_attempt_has_ten_mails_of_its_own() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    for _ in 2..=10 {
        app.clock.advance(MINUTE);
        app.resend("jane@example.com").await.expect_empty();
    }
    app.clock.advance(MINUTE);
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(MINUTE);

    app.resend("jane@example.com").await.expect_empty();

    assert_eq!(app.mailbox.all().len(), 12);
}

#[tokio::test]
async fn a_code_outlives_the_rotation_of_the_key_it_came_from() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let code = app.mailed_code("jane@example.com");
    app.set_keys(&keys.rotated_to("k2"));
    app.clock.advance(10 * MINUTE);

    app.resend("jane@example.com").await.expect_empty();

    assert_eq!(app.mailbox.all().len(), 2);
    assert_eq!(app.mailed_code("jane@example.com"), code);
    app.confirm(&code).await.string();
}
