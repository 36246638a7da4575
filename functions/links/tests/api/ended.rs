//! Links that are none, or are none any more.

use serde_json::json;
use simulators::drives::Vendor;
use testkit::{PUBLIC_URL, TestApp, User};

use crate::{put_file, url_for};

async fn link(app: &TestApp, jane: &User<'_>) -> (String, String) {
    let id = jane.connect_drive(Vendor::Box).await;
    put_file(app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let (url, _) = url_for(jane, "generate_download_url", &id, json!({})).await;
    assert_eq!(app.get_link(&url).await.status, 302);
    (id, url)
}

#[tokio::test]
async fn what_was_never_a_link_is_not_found() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (_, url) = link(&app, &jane).await;
    let id = url.split('/').nth_back(1).unwrap();
    let other = if id.starts_with('A') { "B" } else { "A" };
    for id in [
        "x",
        "..",
        "%2e%2e",
        &id[1..],
        &format!("{other}{}", &id[1..]),
        &format!("{id}x"),
        &"A".repeat(43),
        &"A".repeat(5_000),
    ] {
        let answer = app.get_link(&format!("{PUBLIC_URL}/v/{id}/content")).await;
        assert_eq!(answer.status, 404, "{id}");
    }
}

#[tokio::test]
async fn a_link_ends_with_its_cloud_account() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (id, url) = link(&app, &jane).await;
    jane.delete(&format!("/api/v1/desktop/delete?id={id}"))
        .await
        .json();
    assert_eq!(app.get_link(&url).await.status, 410);
}

#[tokio::test]
async fn a_link_ends_when_its_maker_may_no_longer_sign_in() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (_, url) = link(&app, &jane).await;
    app.deactivate("jane@example.com").await;
    assert_eq!(app.get_link(&url).await.status, 410);
}

/// A colleague's link to a shared account ends when the account is shared no longer.
#[tokio::test]
async fn a_link_ends_when_its_maker_no_longer_sees_the_account() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let carl = app.colleague(&jane, "carl@example.com", 16).await;
    let id = jane.connect_drive(Vendor::Box).await;
    put_file(&app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let mut record = app.record(&format!("CLOUD#{id}"));
    record["shared"] = json!({"BOOL": true});
    app.put_record(&record).await;
    let (url, _) = url_for(&carl, "generate_download_url", &id, json!({})).await;
    assert_eq!(app.get_link(&url).await.status, 302);

    record["shared"] = json!({"BOOL": false});
    app.put_record(&record).await;
    assert_eq!(app.get_link(&url).await.status, 410);
}

/// Who reads the table cannot use its links.
#[tokio::test]
async fn the_table_does_not_hold_what_the_url_does() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (_, url) = link(&app, &jane).await;
    let id = url.split('/').nth_back(1).unwrap();
    assert_eq!(id.len(), 43);
    let records = serde_json::to_string(&app.records()).unwrap();
    assert!(!records.contains(id));
    assert_eq!(app.records_of("LINK#").len(), 1);
}
