//! The way through Lambda: the function's real binary, fed with this family's events.

use serde_json::Value;
use testkit::TestApp;
use testkit::lambda::Expected::{Empty, Json, Problem};
use testkit::lambda::{Row, replay, start_failure};

use crate::wire::store;

const BINARY: &str = env!("CARGO_BIN_EXE_storage");
const STRANGER: testkit::lambda::Expected = Problem(401, "AUTH");

#[tokio::test]
async fn every_event_is_answered() {
    let rows = [
        Row("create_folder.dots.json", STRANGER, Problem(499, "DEFAULT")),
        Row("create_folder.json", STRANGER, Empty),
        Row("delete_object.json", STRANGER, Empty),
        Row(
            "generate_download_url.expires_too_late.json",
            STRANGER,
            Problem(499, "DEFAULT"),
        ),
        Row("generate_download_url.json", STRANGER, Json(is_signed_url)),
        Row("generate_upload_url.json", STRANGER, Json(is_signed_url)),
        Row("list_buckets.json", STRANGER, Json(lists_the_bucket)),
        Row("list_buckets.unauthenticated.json", STRANGER, STRANGER),
        Row(
            "list_objects.count_too_large.json",
            STRANGER,
            Problem(499, "DEFAULT"),
        ),
        Row(
            "list_objects.foreign_token.json",
            STRANGER,
            Problem(499, "DEFAULT"),
        ),
        Row("list_objects.json", STRANGER, Json(is_last_page)),
        Row("send_download_url.json", STRANGER, Empty),
    ];
    replay(BINARY, "storage", &rows, async |_, person, _| {
        let account = &person.cloud_account_id;
        store(&person.user, account, "photos/cafe.jpg", b"bytes").await;
    })
    .await;
}

fn is_signed_url(answer: &Value) {
    let url = answer.as_str().unwrap();
    assert!(
        url.contains("/pictures/Raw%20footage/take%201.mov?"),
        "{url}"
    );
    assert!(url.contains("X-Amz-Expires=86400"), "{url}");
    assert!(
        url.contains("X-Amz-Credential=AKIATESTCANARY000001"),
        "{url}"
    );
    assert!(!url.contains("X-Amz-Security-Token"), "{url}");
}

fn lists_the_bucket(answer: &Value) {
    assert_eq!(answer["data"][0]["name"], "pictures");
    assert_eq!(answer["continuationToken"], "");
}

fn is_last_page(answer: &Value) {
    assert!(answer["data"].is_array(), "{answer}");
    assert_eq!(answer["continuationToken"], "");
    assert_eq!(answer["bucketName"], "pictures");
    assert_eq!(answer["path"], "/");
}

#[tokio::test]
async fn a_function_without_its_configuration_does_not_start() {
    for name in ["TABLE_NAME", "SECRET_ID", "MAIL_FROM"] {
        let printed = start_failure(BINARY, &[name], &[]).await;
        assert!(printed.contains(&format!("{name} is not set")), "{printed}");
    }
    for (name, value) in [("SESSION_HOURS", "25"), ("EGRESS_PORTS", "a-port")] {
        let printed = start_failure(BINARY, &[], &[(name, value)]).await;
        assert!(printed.contains(name), "{printed}");
        assert!(!printed.contains("a-port"), "{printed}");
    }
}

#[tokio::test]
async fn a_deployed_function_does_not_start_if_it_may_dial_loopback() {
    for (less, more) in [
        (&[][..], &[("STAGE", "prod")][..]),
        (&[], &[("STAGE", "production")]),
        (&[], &[("STAGE", "")]),
        (&["STAGE"], &[]),
    ] {
        let printed = start_failure(BINARY, less, more).await;
        assert!(printed.contains("EGRESS_ALLOW_LOOPBACK"), "{printed}");
    }
}

#[tokio::test]
async fn the_secret_store_may_be_late() {
    let app = TestApp::start().await;
    let mut function = testkit::lambda::Lambda::start(&app, BINARY).await;
    let person = testkit::lambda::Person::new(&app, "jane").await;
    let events = testkit::lambda::events_of("storage");
    let event = person.fill(&events["list_buckets.json"]).await;

    // The start takes no key, and a failure is not kept.
    app.control.fail_secrets(3);
    let refused = function.invoke(&event).await;
    refused.expect_problem(499, "INTERNAL_ERROR");
    assert_ne!(refused.header("retry-after"), "");
    app.control.fail_secrets(0);
    lists_the_bucket(&function.invoke(&event).await.json());
}
