//! The way through Lambda: the function's real binary, fed with this family's events.

use serde_json::Value;
use testkit::PASSWORD;
use testkit::lambda::Expected::{Empty, Json, Problem};
use testkit::lambda::{Row, replay, start_failure};

const BINARY: &str = env!("CARGO_BIN_EXE_signup");

#[tokio::test]
async fn every_event_is_answered() {
    let rows = [
        Row("confirm_signup.json", Problem(499, "TOKEN"), Json(is_jwt)),
        Row(
            "confirm_signup.unknown.json",
            Problem(499, "TOKEN"),
            Problem(404, "NOT_FOUND"),
        ),
        Row("google_signin.json", Problem(499, "TOKEN"), Json(is_jwt)),
        Row(
            "google_signin.no_user.json",
            Problem(499, "TOKEN"),
            Problem(499, "AUTH"),
        ),
        Row("google_signup.json", Problem(499, "TOKEN"), Empty),
        Row(
            "google_signup.unsigned.json",
            Problem(499, "TOKEN"),
            Problem(499, "AUTH"),
        ),
        Row(
            "resend_confirmation_email.json",
            Problem(499, "TOKEN"),
            Empty,
        ),
        Row("signup.base64.json", Problem(499, "TOKEN"), Empty),
        Row(
            "signup.invalid_email.json",
            Problem(499, "INVALID_EMAIL"),
            Problem(499, "INVALID_EMAIL"),
        ),
        Row("signup.json", Problem(499, "TOKEN"), Empty),
        Row(
            "signup.malformed.json",
            Problem(499, "DEFAULT"),
            Problem(499, "DEFAULT"),
        ),
    ];
    replay(BINARY, "signup", &rows, async |app, person, file| {
        if file == "google_signin.json" {
            let token = person.google_id_token();
            app.google_sign_up(&token).await.expect_empty();
        }
        if file == "resend_confirmation_email.json" {
            let pending = app.sign_up("Ada", "ada@example.com", PASSWORD).await;
            pending.expect_empty();
        }
    })
    .await;
}

fn is_jwt(answer: &Value) {
    assert_eq!(answer.as_str().unwrap().split('.').count(), 3, "{answer}");
}

#[tokio::test]
async fn a_function_without_its_configuration_does_not_start() {
    let printed = start_failure(BINARY, &["TABLE_NAME"], &[]).await;
    assert!(printed.contains("TABLE_NAME is not set"), "{printed}");
    let printed = start_failure(BINARY, &[], &[("STAGE", "prod")]).await;
    assert!(printed.contains("EGRESS_ALLOW_LOOPBACK"), "{printed}");
}
