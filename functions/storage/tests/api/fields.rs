//! Every field: missing, null, of another type, too long, at its limit.

use serde_json::{Value, json};
use testkit::{BUCKET, TestApp, User};

use crate::wire::{ENDPOINTS, good_body};

const REQUIRED: [&str; 5] = [
    "cloudAccountId",
    "bucketName",
    "storageName",
    "folderName",
    "key",
];

/// A good body with every field of an endpoint in it.
fn whole_body(endpoint: &str, account: &str) -> Value {
    let mut body = good_body(endpoint);
    body["cloudAccountId"] = json!(account);
    match endpoint {
        "list_buckets" => {}
        "list_objects" => body["bucketName"] = json!(BUCKET),
        _ => body["storageName"] = json!(BUCKET),
    }
    body
}

async fn outcome(user: &User<'_>, endpoint: &str, body: &Value) -> String {
    let path = format!("/api/v1/desktop/{endpoint}");
    user.post(&path, body.clone()).await.outcome()
}

#[tokio::test]
async fn a_field_is_there_where_it_must_be_and_of_its_type() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for endpoint in ENDPOINTS {
        let good = whole_body(endpoint, &account);
        for (field, value) in good.as_object().unwrap() {
            let required = REQUIRED.contains(&field.as_str());
            let mut body = good.clone();
            body.as_object_mut().unwrap().remove(field);
            let expected = if required {
                format!("499 DEFAULT {field}: is missing")
            } else {
                "200".to_owned()
            };
            assert_eq!(
                outcome(&user, endpoint, &body).await,
                expected,
                "{endpoint}"
            );

            let wrong = format!("499 DEFAULT {field}: has the wrong type");
            body[field] = json!(null);
            let expected = if required { wrong.as_str() } else { "200" };
            assert_eq!(
                outcome(&user, endpoint, &body).await,
                expected,
                "{endpoint} with null"
            );
            for other in [
                json!(true),
                json!(7),
                json!(1.5),
                json!("text"),
                json!("24"),
                json!([]),
                json!([value]),
                json!({}),
                json!({"value": value}),
            ] {
                let same = (value.is_string() && other.is_string())
                    || (value.is_boolean() && other.is_boolean())
                    || (value.is_u64() && other.is_u64());
                if !same {
                    body[field] = other;
                    assert_eq!(
                        outcome(&user, endpoint, &body).await,
                        wrong,
                        "{endpoint}: {body}"
                    );
                }
            }
        }
        assert_eq!(outcome(&user, endpoint, &good).await, "200", "{endpoint}");
    }
}

#[tokio::test]
async fn a_body_is_one_json_object() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for endpoint in ENDPOINTS {
        let good = whole_body(endpoint, &account);
        for (body, expected) in [
            (json!([]), "499 DEFAULT body: must be a JSON object"),
            (json!([good]), "499 DEFAULT body: must be a JSON object"),
            (json!("text"), "499 DEFAULT body: must be a JSON object"),
            (json!(null), "499 DEFAULT body: must be a JSON object"),
        ] {
            assert_eq!(
                outcome(&user, endpoint, &body).await,
                expected,
                "{endpoint}"
            );
        }
        let good = good.to_string();
        let twice = good.replacen('{', &format!("{{\"cloudAccountId\": \"{account}\","), 1);
        for (body, expected) in [
            (String::new(), "499 DEFAULT body: must be well-formed JSON"),
            (
                good[..good.len() - 1].to_owned(),
                "499 DEFAULT body: must be well-formed JSON",
            ),
            (
                format!("{good} {good}"),
                "499 DEFAULT body: must be well-formed JSON",
            ),
            (
                good.replace("\"cloudAccountId\"", "cloudAccountId"),
                "499 DEFAULT body: must be well-formed JSON",
            ),
            (twice, "499 DEFAULT cloudAccountId: is there twice"),
            (
                format!("{good}{}", " ".repeat(65 * 1_024)),
                "499 DEFAULT body: must be at most 64 KiB",
            ),
        ] {
            let request = http::Request::post(format!("/api/v1/desktop/{endpoint}"))
                .header("authorization", format!("Bearer {}", user.jwt))
                .header("content-type", "application/json")
                .body(body.into());
            let answer = app.send(request.unwrap()).await.outcome();
            assert_eq!(answer, expected, "{endpoint}");
        }
    }
}

#[tokio::test]
async fn numbers_are_whole_and_within_their_limits() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for (endpoint, field, max, rule) in [
        ("list_objects", "count", 1_000, "must be 1 to 1000"),
        (
            "generate_download_url",
            "expireHours",
            168,
            "must be 1 to 168",
        ),
        (
            "generate_upload_url",
            "expireHours",
            168,
            "must be 1 to 168",
        ),
    ] {
        let beyond = format!("499 DEFAULT {field}: {rule}");
        let wrong = format!("499 DEFAULT {field}: has the wrong type");
        for (value, expected) in [
            (json!(1), "200"),
            (json!(max), "200"),
            (json!(0), beyond.as_str()),
            (json!(max + 1), &beyond),
            (json!(65_535), &beyond),
            (json!(65_536), &wrong),
            (json!(4_294_967_297_u64), &wrong),
            (json!(-1), &wrong),
            (json!(1.5), &wrong),
            (json!(24.0), &wrong),
            (json!(24.5), &wrong),
            (json!("5"), &wrong),
            (json!("24"), &wrong),
            (json!(""), &wrong),
            (json!(true), &wrong),
        ] {
            let mut body = whole_body(endpoint, &account);
            body[field] = value;
            assert_eq!(
                outcome(&user, endpoint, &body).await,
                expected,
                "{endpoint}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn an_account_id_is_a_uuid() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for endpoint in ENDPOINTS {
        for id in [
            "",
            "text",
            &account.replace('-', ""),
            &format!("{{{account}}}"),
            &format!("urn:uuid:{account}"),
            &format!("{account} "),
            &format!("{account}0"),
            &"0".repeat(10_000),
            "CLOUD#x",
            "../x",
            "\0",
        ] {
            let body = whole_body(endpoint, id);
            assert_eq!(
                outcome(&user, endpoint, &body).await,
                "499 DEFAULT cloudAccountId: must be a UUID",
                "{endpoint}: {id:?}"
            );
        }
        let body = whole_body(endpoint, &account.to_uppercase());
        assert_eq!(outcome(&user, endpoint, &body).await, "200", "{endpoint}");
    }
}

#[tokio::test]
async fn texts_end_at_their_limits() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    let (limit, wide) = ("x".repeat(1_024), "é".repeat(512));
    let long = "must be at most 1,024 bytes";
    let folder = |bytes: usize| format!("{}/", "x".repeat(bytes - 1));

    for endpoint in ENDPOINTS {
        for (field, good, bad) in [
            ("id", limit.clone(), format!("{limit}x")),
            ("id", wide.clone(), format!("{wide}x")),
            ("key", limit.clone(), format!("{limit}x")),
            ("key", wide.clone(), format!("{wide}x")),
            ("key", format!("/{limit}"), format!("/{limit}x")),
        ] {
            let mut body = whole_body(endpoint, &account);
            if body.get(field).is_some() {
                body[field] = json!(good);
                assert_eq!(
                    outcome(&user, endpoint, &body).await,
                    "200",
                    "{endpoint} {field}"
                );
                body[field] = json!(bad);
                assert_eq!(
                    outcome(&user, endpoint, &body).await,
                    format!("499 DEFAULT {field}: {long}"),
                    "{endpoint}"
                );
            }
        }
    }

    let mut body = whole_body("list_objects", &account);
    body["path"] = json!(folder(1_024));
    assert_eq!(outcome(&user, "list_objects", &body).await, "200");
    body["path"] = json!(folder(1_025));
    assert_eq!(
        outcome(&user, "list_objects", &body).await,
        format!("499 DEFAULT path: {long}")
    );

    // A folder's key is its parent's path, its name and a slash.
    let mut body = whole_body("create_folder", &account);
    body["path"] = json!(folder(512));
    body["folderName"] = json!("y".repeat(511));
    assert_eq!(outcome(&user, "create_folder", &body).await, "200");
    body["folderName"] = json!("y".repeat(512));
    assert_eq!(
        outcome(&user, "create_folder", &body).await,
        format!("499 DEFAULT folderName: {long}")
    );
}

#[tokio::test]
async fn paths_and_keys_hold_what_arrives_unchanged() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    let (nul, dots) = (
        "must not contain NUL",
        "must not have . or .. as a component",
    );

    for (endpoint, field) in [
        ("list_objects", "path"),
        ("create_folder", "path"),
        ("delete_object", "key"),
        ("generate_download_url", "key"),
        ("generate_upload_url", "key"),
    ] {
        for (value, rule) in [
            ("a\0b", nul),
            ("\0", nul),
            (".", dots),
            ("..", dots),
            ("/..", dots),
            ("a/../b", dots),
            ("a/./b", dots),
            ("a/..", dots),
            ("../../etc/passwd", dots),
        ] {
            let mut body = whole_body(endpoint, &account);
            body[field] = json!(value);
            assert_eq!(
                outcome(&user, endpoint, &body).await,
                format!("499 DEFAULT {field}: {rule}"),
                "{endpoint}: {value:?}"
            );
        }
    }
    for endpoint in [
        "delete_object",
        "generate_download_url",
        "generate_upload_url",
    ] {
        for key in ["", "/"] {
            let mut body = whole_body(endpoint, &account);
            body["key"] = json!(key);
            assert_eq!(
                outcome(&user, endpoint, &body).await,
                "499 DEFAULT key: must not be empty",
                "{endpoint}"
            );
        }
    }
}
