//! The way through Lambda: the function's real binary, fed with this family's events.

use serde_json::{Value, json};
use testkit::lambda::Expected::{Empty, Json, Problem};
use testkit::lambda::{Row, replay, start_failure};

const BINARY: &str = env!("CARGO_BIN_EXE_log-settings");
const STRANGER: testkit::lambda::Expected = Problem(401, "AUTH");

#[tokio::test]
async fn every_event_is_answered() {
    let rows = [
        Row("delete_accountlogsetting.json", STRANGER, Empty),
        Row("get_accountlogsetting.json", STRANGER, Json(is_collector)),
        Row(
            "get_accountlogsetting.malformed_jwt.json",
            STRANGER,
            STRANGER,
        ),
        Row(
            "get_accountlogsetting.unauthenticated.json",
            STRANGER,
            STRANGER,
        ),
        Row(
            "setup_accountlogsetting.bad_port.json",
            STRANGER,
            Problem(499, "DEFAULT"),
        ),
        Row("setup_accountlogsetting.json", STRANGER, Json(is_collector)),
        Row(
            "setup_accountlogsetting.pasted.json",
            STRANGER,
            Json(is_collector),
        ),
        Row(
            "update_accountlogsetting.json",
            STRANGER,
            Json(is_switched_off),
        ),
    ];
    replay(BINARY, "log-settings", &rows, async |_, person, file| {
        if [
            "delete_accountlogsetting.json",
            "get_accountlogsetting.json",
        ]
        .contains(&file)
        {
            person.set_up_logs().await;
        }
    })
    .await;
}

fn is_collector(answer: &Value) {
    is_setting(answer, true);
}

fn is_switched_off(answer: &Value) {
    is_setting(answer, false);
}

fn is_setting(answer: &Value, active: bool) {
    let mut answer = answer.clone();
    for id in ["id", "accountId"] {
        assert_eq!(answer[id].take().as_str().expect("an id is text").len(), 36);
    }
    assert_eq!(
        answer,
        json!({
            "id": null,
            "accountId": null,
            "token": "11111111-2222-4333-8444-555555555555",
            "serverAddress": "splunk.example.com",
            "servicePort": "8088",
            "active": active,
            "provider": 1,
        })
    );
}

#[tokio::test]
async fn a_function_without_its_configuration_does_not_start() {
    let printed = start_failure(BINARY, &["TABLE_NAME"], &[]).await;
    assert!(printed.contains("TABLE_NAME is not set"), "{printed}");
    let printed = start_failure(BINARY, &[], &[("STAGE", "prod")]).await;
    assert!(printed.contains("EGRESS_ALLOW_LOOPBACK"), "{printed}");
}
