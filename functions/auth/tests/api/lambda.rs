//! The way through Lambda: the function's real binary, fed with this family's events.

use serde_json::{Value, json};
use testkit::lambda::Expected::{Empty, Json, Problem};
use testkit::lambda::{Row, replay, start_failure};

const BINARY: &str = env!("CARGO_BIN_EXE_auth");

#[tokio::test]
async fn every_event_is_answered() {
    let rows = [
        Row("forgot_password.json", Problem(499, "TOKEN"), Empty),
        Row("login.json", Problem(499, "TOKEN"), Json(is_login)),
        Row(
            "login.missing_field.json",
            Problem(499, "DEFAULT"),
            Problem(499, "DEFAULT"),
        ),
        Row(
            "login.unknown_user.json",
            Problem(499, "TOKEN"),
            Problem(401, "AUTH"),
        ),
        Row("logout.json", Problem(499, "TOKEN"), Empty),
        Row("request_token.json", Json(is_jwt), Json(is_jwt)),
        Row("reset_password.json", Problem(499, "TOKEN"), Empty),
    ];
    replay(BINARY, "auth", &rows, async |app, _, file| {
        if file == "login.json" {
            let (email, password) = ("ada@example.com", "correct horse battery staple");
            app.sign_up("Ada", email, password).await.expect_empty();
            assert_eq!(app.confirm(&app.mailed_code(email)).await.status, 200);
        }
    })
    .await;
}

fn is_login(answer: &Value) {
    is_jwt(&answer["jwtToken"]);
    assert_eq!(answer["challenge"], 0);
    assert_eq!(answer["session"], json!(null));
    assert_eq!(answer.as_object().unwrap().len(), 3, "{answer}");
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
