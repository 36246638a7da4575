//! The way through Lambda: the function's real binary, fed with this family's events.

use serde_json::{Value, json};
use testkit::lambda::Expected::{Json, Problem};
use testkit::lambda::{Row, replay};

const BINARY: &str = env!("CARGO_BIN_EXE_oauth");
const STRANGER: testkit::lambda::Expected = Problem(401, "AUTH");

#[tokio::test]
async fn every_event_is_answered() {
    let rows = [
        Row(
            "box_authorization_callback.forged_state.json",
            STRANGER,
            Problem(400, "TOKEN"),
        ),
        Row(
            "box_authorization_callback.json",
            STRANGER,
            Json(is_connected),
        ),
        Row(
            "dropbox_authorization_callback.json",
            STRANGER,
            Json(is_connected),
        ),
        Row(
            "generate_box_authorization_url.json",
            STRANGER,
            Json(is_url),
        ),
        Row(
            "generate_dropbox_authorization_url.fragment.json",
            STRANGER,
            Problem(499, "DEFAULT"),
        ),
        Row(
            "generate_dropbox_authorization_url.json",
            STRANGER,
            Json(is_url),
        ),
        Row(
            "generate_googledrive_authorization_url.json",
            STRANGER,
            Json(is_url),
        ),
        Row(
            "generate_onedrive_authorization_url.json",
            STRANGER,
            Json(is_url),
        ),
        Row(
            "googledrive_authorization_callback.json",
            STRANGER,
            Json(is_connected),
        ),
        Row(
            "onedrive_authorization_callback.denied.json",
            STRANGER,
            Problem(401, "ACCESS"),
        ),
        Row(
            "onedrive_authorization_callback.json",
            STRANGER,
            Json(is_connected),
        ),
    ];
    replay(BINARY, "oauth", &rows, async |_, _, _| {}).await;
}

fn is_url(answer: &Value) {
    let url = answer.as_str().expect("a URL is a string");
    assert!(
        url.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A8123%2Fcallback"),
        "{url}"
    );
}

fn is_connected(answer: &Value) {
    assert_eq!(answer["name"], "My drive");
    assert_eq!(answer["active"], true);
    assert_eq!(answer["credentialsData"], "********");
    assert_eq!(answer["accessKey"], json!(null));
}
