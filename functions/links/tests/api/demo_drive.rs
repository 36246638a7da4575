//! Links to files on a demo drive: each use makes a URL under the platform's own role.

use http::Method;
use jiff::SignedDuration;
use reqwest::Client;
use serde_json::{Value, json};
use testkit::{ROLE_SECRET_KEY, ROLE_SESSION_TOKEN, Response, TestApp, User};

use crate::viewer_page::shown;
use crate::{fetch, send, url_for};

async fn link(jane: &User<'_>, id: &str, endpoint: &str, mut more: Value) -> (String, Response) {
    more["storageName"] = json!("demo");
    url_for(jane, endpoint, id, more).await
}

/// Where a use of the link leads.
async fn location(app: &TestApp, url: &str, method: Method, status: u16) -> String {
    let answer = send(app, method, url, &[], Vec::new()).await;
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.header("location").to_owned()
}

async fn put(url: &str, content_type: &str, body: &'static str) -> u16 {
    let put = Client::new().put(url).header("content-type", content_type);
    put.body(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_click_leads_to_the_file_for_five_minutes() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let week = json!({"key": "Welcome.txt", "expireHours": 168});
    let (url, told) = link(&jane, &id, "generate_download_url", week).await;
    let ends = app.clock.now() + SignedDuration::from_hours(168);
    assert_eq!(told.header("x-link-expires-at"), ends.to_string());

    let place = location(&app, &url, Method::GET, 302).await;
    assert!(place.starts_with(&app.platform_s3.url()));
    assert!(place.contains("X-Amz-Expires=300&"), "{place}");
    assert!(place.contains("X-Amz-Security-Token="), "{place}");
    assert!(!place.contains(ROLE_SECRET_KEY));
    assert!(!url.contains(ROLE_SESSION_TOKEN));
    let (status, body) = fetch(&place).await;
    assert_eq!(status, 200);
    assert!(body.starts_with(b"Welcome!"));

    let prefix = app.account_of("jane@example.com").to_string();
    assert!(place.contains(&prefix));
    for (from, to) in [
        (&*prefix, "0199c2f4-7a10-7c3e-8d55-3f1f0c9b6a42"),
        ("Welcome.txt", "another.txt"),
        ("Welcome.txt", ""),
        ("X-Amz-Expires=300", "X-Amz-Expires=604800"),
    ] {
        assert_eq!(fetch(&place.replace(from, to)).await.0, 403, "{to}");
    }

    app.clock.advance(SignedDuration::from_hours(168));
    assert_eq!(app.get_link(&url).await.status, 410);
}

#[tokio::test]
async fn a_forced_download_has_its_name_and_what_is_not_there_is_404() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let forced = json!({"key": "Welcome.txt", "forceToDownload": true});
    let (url, _) = link(&jane, &id, "generate_download_url", forced).await;
    let place = location(&app, &url, Method::GET, 302).await;
    let answer = Client::new().get(&place).send().await.unwrap();
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"Welcome.txt\"; filename*=UTF-8''Welcome.txt"
    );
    assert_eq!(
        answer.headers()["content-type"],
        "text/plain; charset=utf-8"
    );

    let missing = json!({"key": "missing.txt"});
    let (url, _) = link(&jane, &id, "generate_download_url", missing).await;
    let answer = app.get_link(&url).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.header("location"), "");
}

#[tokio::test]
async fn an_upload_is_stored_below_the_prefix_with_its_own_type_only() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let options = json!({"key": "a/b.html", "contentType": "text/html"});
    let (url, told) = link(&jane, &id, "generate_upload_url", options).await;
    assert_eq!(told.header("x-upload-method"), "PUT");
    assert_eq!(
        told.header("x-upload-headers"),
        r#"{"Content-Type":"text/html"}"#
    );

    let place = location(&app, &url, Method::PUT, 307).await;
    assert!(place.contains("X-Amz-Expires=300&"), "{place}");
    let prefix = app.account_of("jane@example.com").to_string();
    let elsewhere = place.replace(&prefix, "0199c2f4-7a10-7c3e-8d55-3f1f0c9b6a42");
    assert_eq!(put(&place, "text/plain", "x").await, 403);
    assert_eq!(put(&elsewhere, "text/html", "x").await, 403);
    assert_eq!(fetch(&place).await.0, 403);
    let welcome = format!("{prefix}/Welcome.txt");
    assert_eq!(app.demo_keys().await.len(), 1, "nothing so far");

    assert_eq!(put(&place, "text/html", "x").await, 200);
    assert_eq!(
        app.demo_keys().await,
        [welcome, format!("{prefix}/a/b.html")]
    );
    // A link to store does not read, and the other way round.
    assert_eq!(app.get_link(&url).await.status, 404);
}

#[tokio::test]
async fn its_links_end_with_the_drive() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let file = json!({"key": "Welcome.txt"});
    let (down, _) = link(&jane, &id, "generate_download_url", file.clone()).await;
    let (up, _) = link(&jane, &id, "generate_upload_url", file).await;
    let path = format!("/api/v1/desktop/delete?id={id}");
    assert_eq!(jane.delete(&path).await.json(), json!(true));

    assert_eq!(app.get_link(&down).await.status, 410);
    let stored = send(&app, Method::PUT, &up, &[], Vec::new()).await;
    assert_eq!(stored.status, 410);
}

#[tokio::test]
async fn a_mailed_file_is_shown_and_previewed_from_here() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let mail = json!({"email": "bob@example.com", "storageName": "demo", "key": "Welcome.txt"});
    jane.storage("send_download_url", &id, mail)
        .await
        .expect_empty();
    let url = app.mailed_link("bob@example.com");
    let page = app.get_link(&url).await;
    assert_eq!(page.status, 200);
    assert!(shown(page.text()).contains("Welcome.txt"));
    assert!(!page.text().contains("X-Amz"), "{}", page.text());

    let preview = app.get_link(&format!("{url}/content?preview=1")).await;
    assert_eq!(preview.status, 200);
    assert!(preview.text().starts_with("Welcome!"));
    assert_eq!(preview.header("location"), "");
}
