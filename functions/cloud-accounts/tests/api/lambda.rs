//! The way through Lambda: the function's real binary, fed with this family's events.

use serde_json::{Value, json};
use testkit::lambda::Expected::{Json, Problem};
use testkit::lambda::{Row, replay, start_failure};

const BINARY: &str = env!("CARGO_BIN_EXE_cloud-accounts");
const STRANGER: testkit::lambda::Expected = Problem(401, "AUTH");

#[tokio::test]
async fn every_event_is_answered() {
    let rows = [
        Row(
            "delete.json",
            STRANGER,
            Json(|answer| assert_eq!(*answer, true)),
        ),
        Row("delete.unknown.json", STRANGER, Problem(499, "NOT_FOUND")),
        Row("delete.without_id.json", STRANGER, Problem(499, "DEFAULT")),
        Row("insert.json", STRANGER, Json(is_masked)),
        Row(
            "insert.private_address.json",
            STRANGER,
            Problem(499, "DEFAULT"),
        ),
        Row("insert.unauthenticated.json", STRANGER, STRANGER),
        Row(
            "insert.unsupported_provider.json",
            STRANGER,
            Problem(499, "DEFAULT"),
        ),
        Row(
            "refresh_token.json",
            Problem(499, "DEFAULT"),
            Json(is_masked),
        ),
        Row(
            "refresh_token.unknown.json",
            Problem(499, "NOT_FOUND"),
            Problem(499, "NOT_FOUND"),
        ),
    ];
    replay(BINARY, "cloud-accounts", &rows, async |_, _, _| {}).await;
}

fn is_masked(answer: &Value) {
    assert_eq!(answer["accessKey"], "****0001");
    assert_eq!(answer["secretKey"], "********");
    assert_eq!(answer["credentialsData"], json!(null));
    assert_eq!(answer["cloudType"], 8);
    assert_eq!(answer["active"], true);
    assert_eq!(answer["deleted"], false);
    assert_eq!(
        answer.as_object().expect("an account is an object").len(),
        15,
        "{answer}"
    );
}

#[tokio::test]
async fn a_function_without_its_configuration_does_not_start() {
    let printed = start_failure(BINARY, &["TABLE_NAME"], &[]).await;
    assert!(printed.contains("TABLE_NAME is not set"), "{printed}");
    let printed = start_failure(BINARY, &[], &[("STAGE", "prod")]).await;
    assert!(printed.contains("EGRESS_ALLOW_LOOPBACK"), "{printed}");
}
