use percent_encoding::percent_decode_str;
use serde_json::json;
use testkit::{Response, TestApp, User};
use url::Url;

use crate::wire::{get, put, put_as_told, store};

const ENDPOINT: &str = "generate_download_url";

#[tokio::test]
async fn a_plain_url_answers_the_object_as_it_is() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    let body = json!({"key": "a.html", "contentType": "text/html"});
    let told = user.storage("generate_upload_url", &account, body).await;
    assert_eq!(put_as_told(&told, b"<p>").await, 200);

    for body in [
        json!({"key": "a.html"}),
        json!({"key": "/a.html", "forceToDownload": false}),
        json!({"key": "a.html", "forceToDownload": null}),
    ] {
        let told = user.storage(ENDPOINT, &account, body.clone()).await;
        assert_eq!(told.header("x-upload-method"), "", "nothing to send");
        assert_eq!(told.header("x-upload-headers"), "");
        let url = told.string();
        assert!(url.starts_with(&app.s3.url()), "the provider's own");
        let fetched = get(&url).await;
        assert_eq!(
            (fetched.status, fetched.body),
            (200, b"<p>".to_vec()),
            "{body}"
        );
        assert_eq!(fetched.disposition, "", "shown, not saved");
        assert_eq!(fetched.content_type, "text/html");
    }
}

#[tokio::test]
async fn a_forced_download_is_saved_under_its_exact_name() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for name in [
        "report.pdf",
        "with space.txt",
        "100%.txt",
        "50%25.txt",
        "plus+plus.txt",
        "\"quotes\" and 'ticks'.txt",
        "semi;colon=equals,comma.txt",
        "back\\slash.txt",
        "#?&.txt",
        "é (NFC)",
        "e\u{301} (NFD)",
        "日本語.txt",
        "📷👩‍👩‍👧.jpg",
        "שלום.txt",
        "line\nbreak\r\nX-Evil: 1.txt",
    ] {
        let url = forced(&user, &account, &format!("deep/er/{name}")).await;
        let disposition = disposition_in(&url);
        assert!(disposition.starts_with("attachment; "), "{disposition}");
        assert!(
            disposition.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
            "fit for a header: {disposition:?}"
        );
        assert_eq!(exact_name(&disposition), name);
    }
}

#[tokio::test]
async fn the_provider_answers_the_disposition() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "2026/Prüfung \"1\".pdf", b"%PDF").await;

    let fetched = get(&forced(&user, &account, "2026/Prüfung \"1\".pdf").await).await;
    assert_eq!((fetched.status, fetched.body), (200, b"%PDF".to_vec()));
    assert_eq!(exact_name(&fetched.disposition), "Prüfung \"1\".pdf");
    assert_eq!(
        fetched.disposition,
        "attachment; filename=\"Pr_fung _1_.pdf\"; filename*=UTF-8''Pr%C3%BCfung%20%221%22.pdf"
    );
}

#[tokio::test]
async fn a_url_binds_key_and_disposition() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "mine.txt", b"1").await;
    store(&user, &account, "other.txt", b"2").await;
    let url = forced(&user, &account, "mine.txt").await;

    for (from, to) in [
        ("/mine.txt?", "/other.txt?"),
        ("=attachment", "=inline"),
        ("&response-content-disposition", "&ignored"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=86401"),
    ] {
        let changed = url.replace(from, to);
        assert_ne!(changed, url, "{from} is in it");
        assert_eq!(get(&changed).await.status, 403, "{to}");
    }
    assert_eq!(put(&url, "text/plain", b"x").await, 403, "for writing");
    assert_eq!(get(&url).await.status, 200);
}

#[tokio::test]
async fn the_url_of_what_is_not_there_answers_the_providers_own_404() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let url = forced(&user, &account, "none.txt").await;
    assert_eq!(get(&url).await.status, 404);
}

async fn forced(user: &User<'_>, account: &str, key: &str) -> String {
    let body = json!({"id": "", "key": key, "expireHours": 24, "forceToDownload": true});
    let told: Response = user.storage(ENDPOINT, account, body).await;
    told.string()
}

fn disposition_in(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let mut pairs = url.query_pairs();
    let pair = pairs.find(|(name, _)| name == "response-content-disposition");
    pair.expect("the URL sets a disposition").1.into_owned()
}

/// The `filename*` of RFC 6266, as a browser reads it.
fn exact_name(disposition: &str) -> String {
    let (_, encoded) = disposition.split_once("filename*=UTF-8''").unwrap();
    assert!(!encoded.contains(['"', ';', ' ', '\'']), "{encoded}");
    percent_decode_str(encoded)
        .decode_utf8()
        .unwrap()
        .into_owned()
}
