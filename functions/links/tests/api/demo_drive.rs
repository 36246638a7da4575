//! Links to files on a demo drive: each use makes a URL under the platform's own role.

use http::Method;
use jiff::SignedDuration;
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
    let answer = reqwest::get(&place).await.unwrap();
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

    let put = async |content_type: &str, body: &str| {
        let headers = [("content-type", content_type)];
        send(&app, Method::PUT, &url, &headers, body.into()).await
    };
    let prefix = app.account_of("jane@example.com").to_string();
    let welcome = format!("{prefix}/Welcome.txt");
    assert_eq!(put("text/plain", "x").await.status, 400);
    assert_eq!(put("text/html", &"x".repeat(4_500_001)).await.status, 413);
    assert_eq!(app.demo_keys().await.len(), 1, "nothing so far");

    let stored = put("text/html", "x").await;
    assert_eq!((stored.status, stored.header("location")), (201, ""));
    assert_eq!(
        app.demo_keys().await,
        [welcome, format!("{prefix}/a/b.html")]
    );
    // A link to store does not read, and the other way round.
    assert_eq!(app.get_link(&url).await.status, 404);
}

/// The platform pays for what is put there.
#[tokio::test]
async fn a_drive_takes_so_many_files_a_day() {
    let app = TestApp::start_with(|config| {
        config.limits = shared::limits::Limits::parse("demo-upload=2/86400").unwrap();
    })
    .await;
    let jane = app.user("jane@example.com").await;
    let joe = app.user("joe@example.com").await;
    let file = json!({"key": "a.txt", "contentType": "text/plain"});
    let mut urls = Vec::new();
    for user in [&jane, &joe] {
        let id = app.give_demo_drive(user).await;
        urls.push(link(user, &id, "generate_upload_url", file.clone()).await.0);
    }
    let put = async |url: &str| {
        let headers = [("content-type", "text/plain")];
        send(&app, Method::PUT, url, &headers, b"x".to_vec())
            .await
            .status
    };
    for (url, status) in [(0, 201), (0, 201), (0, 429), (1, 201)] {
        assert_eq!(put(&urls[url]).await, status);
    }
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
