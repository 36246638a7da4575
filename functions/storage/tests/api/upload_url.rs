use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{ROLE_ACCESS_KEY, Response, S3_ACCESS_KEY, TestApp};
use url::Url;

use crate::wire::{CLIENT, get, paths, put, put_as_told, read};

const ENDPOINT: &str = "generate_upload_url";

#[tokio::test]
async fn what_is_put_to_the_url_is_stored() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let body = json!({
        "id": "",
        "key": "Raw footage/take 1.mov",
        "expireHours": 24,
        "contentType": "video/quicktime",
    });
    let told = user.storage(ENDPOINT, &account, body).await;
    assert_eq!(told.header("x-upload-method"), "PUT");
    let headers: Value = serde_json::from_str(told.header("x-upload-headers")).unwrap();
    assert_eq!(headers, json!({"Content-Type": "video/quicktime"}));
    assert!(
        told.string().starts_with(&app.s3.url()),
        "the provider's own"
    );

    assert_eq!(put_as_told(&told, b"frames").await, 200);
    assert_eq!(
        read(&user, &account, "Raw footage/take 1.mov")
            .await
            .unwrap(),
        b"frames".to_vec()
    );
}

#[tokio::test]
async fn a_url_binds_content_type_method_and_key() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    let body = json!({"key": "mine.txt", "contentType": "text/plain; charset=utf-8"});
    let url = user.storage(ENDPOINT, &account, body).await.string();

    for content_type in ["text/html", "text/plain", "application/octet-stream"] {
        assert_eq!(put(&url, content_type, b"x").await, 403, "{content_type}");
    }
    let bare = CLIENT.put(&url).body("x").send().await;
    assert_eq!(bare.unwrap().status(), 403, "without a type");
    assert_eq!(get(&url).await.status, 403, "for reading");
    for (from, to) in [
        ("mine.txt", "other.txt"),
        ("mine.txt", "mine.txt/x"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=604800"),
        ("x-id=PutObject", "x-id=GetObject"),
    ] {
        let changed = url.replace(from, to);
        assert_ne!(changed, url, "{from} is in it");
        let status = put(&changed, "text/plain; charset=utf-8", b"x").await;
        assert_eq!(status, 403, "{to}");
    }
    assert_eq!(paths(&user, &account, "/").await, [""; 0], "nothing so far");

    assert_eq!(put(&url, "text/plain; charset=utf-8", b"x").await, 200);
    assert_eq!(paths(&user, &account, "/").await, ["mine.txt"]);
}

#[tokio::test]
async fn a_type_that_is_not_given_is_octet_stream() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for body in [
        json!({"key": "a"}),
        json!({"key": "a", "contentType": null}),
        json!({"key": "a", "contentType": ""}),
    ] {
        let told = user.storage(ENDPOINT, &account, body.clone()).await;
        assert_eq!(
            told.header("x-upload-headers"),
            r#"{"Content-Type":"application/octet-stream"}"#,
            "{body}"
        );
        assert_eq!(put_as_told(&told, b"x").await, 200);
    }
}

#[tokio::test]
async fn the_answer_tells_when_the_url_ends() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for (hours, signed) in [
        (json!(1), 1),
        (json!(24), 24),
        (json!(168), 168),
        (json!(null), 24),
    ] {
        for endpoint in [ENDPOINT, "generate_download_url"] {
            let body = json!({"key": "a.txt", "expireHours": hours});
            let told = user.storage(endpoint, &account, body).await;
            let expires: Timestamp = told.header("x-link-expires-at").parse().unwrap();
            assert_eq!(
                expires,
                app.clock.now() + SignedDuration::from_hours(signed)
            );
            let seconds = format!("X-Amz-Expires={}", signed * 3_600);
            assert!(told.string().contains(&seconds), "{}", told.text());
        }
    }
}

#[tokio::test]
async fn a_url_works_until_it_ends_and_not_after() {
    let app = TestApp::start().await;
    // The server's clock is the machine's: two hours ago, as it sees them, is where we begin.
    app.clock.advance(SignedDuration::from_hours(-2));
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for (hours, up, down) in [(1, 403, 403), (3, 200, 200), (2, 403, 403)] {
        let body = json!({"key": "a.txt", "expireHours": hours});
        let told = user.storage(ENDPOINT, &account, body.clone()).await;
        assert_eq!(put_as_told(&told, b"x").await, up, "{hours} h");
        let told = user.storage("generate_download_url", &account, body).await;
        assert_eq!(get(&told.string()).await.status, down, "{hours} h");
    }
}

#[tokio::test]
async fn a_url_is_signed_by_the_users_keys_and_never_by_our_own() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let body = json!({"key": "a.txt", "expireHours": 168});
    for endpoint in [ENDPOINT, "generate_download_url"] {
        let url = user
            .storage(endpoint, &account, body.clone())
            .await
            .string();
        let parsed = Url::parse(&url).unwrap();
        let credential = parsed
            .query_pairs()
            .find(|(name, _)| name == "X-Amz-Credential");
        let credential = credential.unwrap().1.into_owned();
        assert!(
            credential.starts_with(&format!("{S3_ACCESS_KEY}/")),
            "{credential}"
        );
        assert!(!url.contains(ROLE_ACCESS_KEY), "{url}");
        assert!(!url.contains("X-Amz-Security-Token"), "{url}");
    }
}

#[tokio::test]
async fn a_content_type_fits_a_header() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    let with_type = async |content_type: &str| -> Response {
        let body = json!({"key": "a", "contentType": content_type});
        user.storage(ENDPOINT, &account, body).await
    };

    let limit = format!("text/{}", "x".repeat(250));
    for good in ["image/svg+xml", "multipart/x; a=\"b\"", &limit] {
        let told = with_type(good).await;
        let headers: Value = serde_json::from_str(told.header("x-upload-headers")).unwrap();
        assert_eq!(headers, json!({"Content-Type": good}));
        assert_eq!(put_as_told(&told, b"x").await, 200, "{good}");
    }
    let long = format!("{limit}x");
    for (bad, reason) in [
        ("text", "no subtype"),
        ("/plain", "no type"),
        ("text/", "an empty subtype"),
        ("text plain/x", "a space"),
        ("a/b\r\nX-Evil: 1", "a line break"),
        ("a/b\0", "NUL"),
        ("tëxt/plain", "no ASCII"),
        (" text/plain", "a space before"),
        ("text/plain ", "a space behind"),
        (&long, "256 bytes"),
    ] {
        assert_eq!(
            with_type(bad).await.expect_problem(499, "DEFAULT"),
            "contentType: must be a media type of at most 255 ASCII characters",
            "{reason}"
        );
    }
}
