//! Every field of setup and update: what it must be, and what is made of what people paste.

use serde_json::{Value, json};
use testkit::{TestApp, malformed};

use crate::{GET, SETUP, TOKEN, UPDATE, collector, snapshot, stored, with};

const ADDRESS: &str = "serverAddress: must be a host name or an IP address";
const PORT: &str = "servicePort: must be a port from 1 to 65535";
const LONG: &str = "must be at most 100 bytes";

/// Values of the right type that break a rule: field, value, message.
fn bad_values() -> Vec<(&'static str, Value, String)> {
    let mut bad = vec![
        ("token", json!("a".repeat(101)), format!("token: {LONG}")),
        (
            "serverAddress",
            json!("a".repeat(101)),
            format!("serverAddress: {LONG}"),
        ),
        (
            "provider",
            json!(0),
            "provider: must be 1 (Splunk)".to_owned(),
        ),
        (
            "provider",
            json!(2),
            "provider: must be 1 (Splunk)".to_owned(),
        ),
        (
            "provider",
            json!(-1),
            "provider: has the wrong type".to_owned(),
        ),
        (
            "provider",
            json!(1.5),
            "provider: has the wrong type".to_owned(),
        ),
    ];
    for (token, rule) in [
        ("", "must not be empty"),
        ("   ", "must not be empty"),
        ("a\0", "must not contain control characters"),
        ("a\r\nX: y", "must not contain control characters"),
        ("two words", "must be printable ASCII without spaces"),
        ("tökén", "must be printable ASCII without spaces"),
    ] {
        bad.push(("token", json!(token), format!("token: {rule}")));
    }
    for address in [
        "",
        " ",
        "/",
        "https://",
        "ftp://splunk.example.com",
        "https://splunk.example.com/services",
        "splunk.example.com:8088",
        "user@splunk.example.com",
        "splunk.example.com?x",
        "splunk.example.com#x",
        "two words",
        "a_b.example.com",
        "-a.example.com",
        "a..example.com",
        "256.1.1.1",
        "10.0.0",
        "0x7f.1",
        "[10.0.0.5]",
        "[fd00::1",
        "fd00:::1",
        "a\r\nb",
        "a\0b",
    ] {
        bad.push(("serverAddress", json!(address), ADDRESS.to_owned()));
    }
    for port in [
        "",
        "0",
        "65536",
        "-1",
        "+1",
        "abc",
        "80a",
        "8088.0",
        " 8088",
        "0x50",
        "00000000001",
        "٨٠٨٨",
    ] {
        bad.push(("servicePort", json!(port), PORT.to_owned()));
    }
    bad
}

#[tokio::test]
async fn setup_names_the_field_that_breaks_a_rule_and_stores_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);

    for (body, outcome) in malformed(&collector()) {
        let refused = jane.post(SETUP, body.clone()).await;
        assert_eq!(refused.outcome(), outcome, "{body}");
        assert!(!refused.text().contains("canary"), "{body}");
        assert_eq!(snapshot(&app), before, "{body}");
    }
    for (field, value, message) in bad_values() {
        let refused = jane
            .post(SETUP, with(collector(), field, value.clone()))
            .await;
        assert_eq!(refused.expect_problem(499, "DEFAULT"), message, "{value}");
        assert_eq!(snapshot(&app), before, "{field}: {value}");
    }
    jane.post(SETUP, collector()).await.json();
}

#[tokio::test]
async fn update_names_the_field_that_breaks_a_rule_and_changes_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();
    let good = with(collector(), "id", setting["id"].clone());
    let before = snapshot(&app);

    for (body, outcome) in malformed(&good) {
        let refused = jane.put(UPDATE, body.clone()).await;
        assert_eq!(refused.outcome(), outcome, "{body}");
        assert_eq!(snapshot(&app), before, "{body}");
    }
    let ids = ["", "1", "splunk", "{019f0000-0000-7000-8000-000000000000}"]
        .map(|id| ("id", json!(id), "id: must be a UUID".to_owned()));
    for (field, value, message) in bad_values().into_iter().chain(ids) {
        let refused = jane
            .put(UPDATE, with(good.clone(), field, value.clone()))
            .await;
        assert_eq!(refused.expect_problem(499, "DEFAULT"), message, "{value}");
        assert_eq!(snapshot(&app), before, "{field}: {value}");
    }
    jane.put(UPDATE, good).await.json();
}

#[tokio::test]
async fn a_value_at_its_limit_is_taken_as_it_is() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();
    let name = [vec!["a".repeat(24); 4].join("."), "b".to_owned()].concat();
    assert_eq!(name.len(), 100);

    for (field, value) in [
        ("token", "a".repeat(100)),
        ("token", "!".to_owned()),
        ("serverAddress", name),
        ("serverAddress", "a".to_owned()),
        ("servicePort", "1".to_owned()),
        ("servicePort", "65535".to_owned()),
    ] {
        let body = with(setting.clone(), field, &*value);
        assert_eq!(jane.put(UPDATE, body).await.json()[field], value, "{field}");
        assert_eq!(jane.get(GET).await.json()[field], value, "{field}");
    }
}

#[tokio::test]
async fn what_people_paste_is_normalised() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();

    for (field, pasted, kept) in [
        ("token", "Splunk canary-1", "canary-1"),
        ("token", "splunk  canary-2 ", "canary-2"),
        ("token", "Splunk", "Splunk"),
        (
            "serverAddress",
            "https://splunk.example.com/",
            "splunk.example.com",
        ),
        (
            "serverAddress",
            "http://splunk.example.com",
            "splunk.example.com",
        ),
        (
            "serverAddress",
            "HTTPS://Splunk.Example.COM/",
            "splunk.example.com",
        ),
        ("serverAddress", "splunk.example.com/", "splunk.example.com"),
        (
            "serverAddress",
            " splunk.example.com\n",
            "splunk.example.com",
        ),
        ("serverAddress", "splunk.example.com.", "splunk.example.com"),
        ("serverAddress", "bücher.example", "xn--bcher-kva.example"),
        ("serverAddress", "https://[FD00::1]/", "fd00::1"),
        ("servicePort", "08088", "8088"),
    ] {
        let answer = jane.put(UPDATE, with(setting.clone(), field, pasted)).await;
        assert_eq!(answer.json()[field], kept, "{pasted:?}");
        assert_eq!(jane.get(GET).await.json()[field], kept, "{pasted:?}");
    }
}

#[tokio::test]
async fn a_pasted_prefix_with_no_token_behind_it_is_no_token() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for prefix in ["Splunk ", "splunk   "] {
        let refused = jane.post(SETUP, with(collector(), "token", prefix)).await;
        let message = refused.expect_problem(499, "DEFAULT");
        assert_eq!(message, "token: must not be empty", "{prefix:?}");
    }
    assert_eq!(stored(&app), Vec::<Value>::new());
}

#[tokio::test]
async fn setup_normalises_what_people_paste_as_update_does() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mut body = collector();
    body["token"] = json!(format!("Splunk {TOKEN}"));
    body["serverAddress"] = json!("https://Splunk.example.com/");

    let answer = jane.post(SETUP, body).await.json();

    assert_eq!(answer["token"], TOKEN);
    assert_eq!(answer["serverAddress"], "splunk.example.com");
    assert_eq!(stored(&app)[0]["server_address"]["S"], "splunk.example.com");
}

#[tokio::test]
async fn addresses_of_the_users_own_network_are_valid() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();

    for address in [
        "10.0.0.5",
        "172.16.0.1",
        "192.168.1.20",
        "127.0.0.1",
        "169.254.10.10",
        "localhost",
        "splunk",
        "splunk.local",
        "splunk.corp",
        "no-such-host.invalid",
        "fd00::1",
        "::1",
        "fe80::1",
    ] {
        let body = with(setting.clone(), "serverAddress", address);
        let answer = jane.put(UPDATE, body).await.json();
        assert_eq!(answer["serverAddress"], address);
    }
}
