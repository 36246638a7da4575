//! Every field of `insert`: what it must be, and that nothing is stored when it is not.

use http::Request;
use serde_json::{Value, json};
use testkit::{S3_ACCESS_KEY, S3_SECRET_KEY, TestApp};

use crate::{INSERT, snapshot, with, without};

#[tokio::test]
async fn a_field_that_breaks_its_rule_is_named_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let good = jane.s3_connection();
    let before = snapshot(&app);

    for (field, value, reason) in bad_values() {
        let body = with(good.clone(), field, value);
        let message = jane.post(INSERT, body).await.expect_problem(499, "DEFAULT");
        assert!(
            message.starts_with(&format!("{field}: ")),
            "{field} {reason}: {message}"
        );
        assert_eq!(snapshot(&app), before, "{field} {reason}");
    }
    for field in ["cloudType", "name", "accessKey", "secretKey", "serviceUrl"] {
        let body = without(good.clone(), field);
        let message = jane.post(INSERT, body).await.expect_problem(499, "DEFAULT");
        assert!(
            message.starts_with(&format!("{field}: is ")),
            "{field} is missing: {message}"
        );
        assert_eq!(snapshot(&app), before, "{field} is missing");
    }
    jane.post(INSERT, good).await.json();
}

fn bad_values() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("cloudType", json!(null), "is null"),
        ("cloudType", json!("8"), "is text"),
        ("cloudType", json!(8.5), "is a fraction"),
        ("cloudType", json!([8]), "is a list"),
        ("cloudType", json!(true), "is a boolean"),
        ("name", json!(null), "is null"),
        ("name", json!(5), "is a number"),
        ("name", json!(["Pictures"]), "is a list"),
        ("name", json!({"text": "Pictures"}), "is an object"),
        ("name", json!(""), "is empty"),
        ("name", json!(" \u{3000} "), "is white space"),
        ("name", json!("é".repeat(51)), "is too long"),
        ("name", json!("a\nb"), "has a control character"),
        ("name", json!("a\u{202E}b"), "turns the text around it"),
        ("accessKey", json!(null), "is null"),
        ("accessKey", json!(5), "is a number"),
        ("accessKey", json!({"value": "a"}), "is an object"),
        ("accessKey", json!(""), "is empty"),
        ("accessKey", json!("a".repeat(257)), "is too long"),
        ("accessKey", json!("a\r\nb"), "has control characters"),
        ("secretKey", json!(null), "is null"),
        ("secretKey", json!(true), "is a boolean"),
        ("secretKey", json!(["a"]), "is a list"),
        ("secretKey", json!(""), "is empty"),
        ("secretKey", json!("a".repeat(1_025)), "is too long"),
        ("secretKey", json!("a\0b"), "has a control character"),
        ("credentialsData", json!({"a": "b"}), "is an object"),
        ("credentialsData", json!(1), "is a number"),
        ("credentialsData", json!("a".repeat(16_385)), "is too long"),
        ("serviceUrl", json!(null), "is null"),
        ("serviceUrl", json!(443), "is a number"),
        ("serviceUrl", json!(["https://a.example"]), "is a list"),
        ("serviceUrl", json!(""), "is empty"),
        ("serviceUrl", json!(long_url()), "is too long"),
        ("shared", json!("true"), "is text"),
        ("shared", json!(1), "is a number"),
        ("internalStorage", json!("true"), "is text"),
        ("internalStorage", json!({}), "is an object"),
    ]
}

fn long_url() -> String {
    format!("https://{}.example", "a".repeat(2_048))
}

#[tokio::test]
async fn what_must_not_be_echoed_is_not_echoed() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for (field, value) in [
        ("accessKey", json!(format!("canary{}", "a".repeat(257)))),
        ("secretKey", json!("canary\n")),
        ("secretKey", json!({"canary": 1})),
        ("credentialsData", json!(["canary"])),
        ("serviceUrl", json!("https://canary:canary@s3.example")),
        ("shared", json!("canary")),
    ] {
        let refused = jane
            .post(INSERT, with(jane.s3_connection(), field, value))
            .await;
        refused.expect_problem(499, "DEFAULT");
        assert!(!refused.text().contains("canary"), "{field}");
    }
}

#[tokio::test]
async fn a_field_at_its_limit_is_taken() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for (field, value) in [
        ("name", "é".repeat(50)),
        ("name", "x".to_owned()),
        ("credentialsData", "a".repeat(16_384)),
    ] {
        let body = with(jane.s3_connection(), field, value);
        jane.post(INSERT, body).await.json();
    }
    // Keys of this length get as far as the provider, which has not issued them.
    for (field, length) in [("accessKey", 256), ("secretKey", 1_024)] {
        let body = with(jane.s3_connection(), field, "a".repeat(length));
        jane.post(INSERT, body).await.expect_problem(499, "ACCESS");
    }
}

#[tokio::test]
async fn an_optional_field_may_be_missing_or_null() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mut body = jane.s3_connection();
    for field in ["credentialsData", "shared", "internalStorage"] {
        body[field] = json!(null);
    }

    let answer = jane.post(INSERT, body).await.json();

    assert_eq!(answer["credentialsData"], json!(null));
    assert_eq!(answer["shared"], false);
    assert_eq!(answer["internalStorage"], false);
}

#[tokio::test]
async fn a_cloud_type_that_is_not_exactly_one_served_flag_is_told_the_served_ones() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);

    for cloud_type in [
        json!(0),
        json!(3),
        json!(9),
        json!(24),
        json!(32),
        json!(2_047),
        json!(2_048),
        json!(4_096),
        json!(8_192),
        json!(16_384),
        json!(u32::MAX),
        json!(u64::from(u32::MAX) + 9),
        json!(-1),
        json!(-8),
    ] {
        let body = with(jane.s3_connection(), "cloudType", cloud_type.clone());
        let message = jane.post(INSERT, body).await.expect_problem(499, "DEFAULT");
        assert_eq!(
            message, "cloudType: must be one of 1, 2, 4, 8, 16, 64, 128, 256, 512, 1024",
            "{cloud_type}"
        );
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn a_provider_that_cannot_be_connected_yet_says_so() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);
    let mut body = jane.s3_connection();
    body["credentialsData"] = json!("{\"access_token\": \"canary\"}");

    let body = with(body, "cloudType", 4);
    let message = jane.post(INSERT, body).await.expect_problem(499, "DEFAULT");
    assert!(message.starts_with("cloudType: "), "{message}");
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn each_kind_of_provider_needs_its_own_credentials() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);

    for (cloud_types, field) in [
        (&[1, 2, 4, 8, 16, 64][..], "accessKey"),
        (&[1, 2, 4, 8, 16, 64], "secretKey"),
        (&[8, 64], "serviceUrl"),
        (&[128, 256, 512, 1024], "credentialsData"),
    ] {
        for cloud_type in cloud_types {
            let body = with(jane.s3_connection(), "cloudType", *cloud_type);
            let refused = jane.post(INSERT, without(body, field)).await;
            assert_eq!(
                refused.expect_problem(499, "DEFAULT"),
                format!("{field}: is required for this cloudType"),
                "{cloud_type}"
            );
        }
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let good = jane.s3_connection().to_string();
    let twice = good.replacen('{', "{\"name\": \"Other\", ", 1);
    let large = format!("{{\"padding\": \"{}\"}}", "a".repeat(64 * 1024));
    let fields_in_a_list = json!([
        8,
        "Pictures",
        S3_ACCESS_KEY,
        S3_SECRET_KEY,
        null,
        app.s3.url(),
        false,
        false
    ])
    .to_string();
    let json = "application/json";
    let before = snapshot(&app);

    for (content_type, body, field) in [
        (json, String::new(), "body"),
        (json, "{".to_owned(), "body"),
        (json, "[]".to_owned(), "body"),
        (json, "null".to_owned(), "body"),
        (json, fields_in_a_list, "body"),
        (json, format!("{good} {good}"), "body"),
        (json, large, "body"),
        (json, twice, "name"),
        ("text/plain", good, "Content-Type"),
    ] {
        let request = Request::post(INSERT)
            .header("authorization", format!("Bearer {}", jane.jwt))
            .header("content-type", content_type)
            .body(body.into())
            .unwrap();
        let message = app.send(request).await.expect_problem(499, "DEFAULT");
        assert!(message.starts_with(&format!("{field}: ")), "{message}");
        assert_eq!(snapshot(&app), before, "{message}");
    }
}
