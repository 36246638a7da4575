use serde_json::json;
use testkit::TestApp;

use crate::{INSERT, REFRESH, delete_path, expect_not_found, refresh, snapshot, with};

/// An id that nothing has.
const UNKNOWN: &str = "019f0000-0000-7000-8000-000000000000";

#[tokio::test]
async fn deleting_keeps_the_record_but_not_its_credentials() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let body = with(jane.s3_connection(), "credentialsData", "{}");
    let account = jane.post(INSERT, body).await.json();
    let id = account["id"].as_str().unwrap();
    let before = app.record(&format!("CLOUD#{id}"));

    let answer = jane.delete(&delete_path(id)).await;

    assert_eq!(answer.json(), json!(true));
    assert_eq!(answer.text(), "true");
    let mut expected = before;
    for sealed in ["access_key", "secret_key", "credentials_data"] {
        let gone = expected.as_object_mut().unwrap().remove(sealed);
        assert!(gone.is_some(), "{sealed} was there");
    }
    expected["deleted"] = json!({"BOOL": true});
    expected["active"] = json!({"BOOL": false});
    assert_eq!(app.record(&format!("CLOUD#{id}")), expected);
}

#[tokio::test]
async fn deleting_releases_the_connection() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let account = app.account_of("jane@example.com");
    let (gone, kept) = (jane.connect_s3().await, jane.connect_s3().await);

    jane.delete(&delete_path(&gone)).await.json();

    let database = app.app.database();
    assert_eq!(database.connection_count(account).await.unwrap(), 1);
    let subscriptions = database.subscriptions(account).await.unwrap();
    assert_eq!(subscriptions.len(), 1);
    assert_eq!(subscriptions[0].cloud_account_id.to_string(), kept);
}

#[tokio::test]
async fn a_deleted_account_is_gone_for_every_endpoint() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    jane.delete(&delete_path(&id)).await.json();

    expect_not_found(&jane.delete(&delete_path(&id)).await);
    expect_not_found(&jane.post(REFRESH, refresh(&id)).await);
    for (endpoint, body) in [
        ("list_buckets", json!({})),
        ("list_objects", json!({})),
        ("create_folder", json!({"path": "/", "folderName": "a"})),
        ("delete_object", json!({"key": "a"})),
        ("generate_download_url", json!({"key": "a"})),
        ("generate_upload_url", json!({"key": "a"})),
    ] {
        expect_not_found(&jane.storage(endpoint, &id, body).await);
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_yours_read_the_same() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let colleague = app.colleague(&jane, "joe@example.com", 16).await;
    let stranger = app.user("mallory@example.com").await;
    let private = jane.connect_s3().await;
    let shared = with(jane.s3_connection(), "shared", true);
    let shared = jane.post(INSERT, shared).await.json();
    let shared = shared["id"].as_str().unwrap();
    let deleted = jane.connect_s3().await;
    jane.delete(&delete_path(&deleted)).await.json();
    let before = snapshot(&app);

    let again = jane.delete(&delete_path(&deleted)).await;
    expect_not_found(&again);
    for (who, id, reason) in [
        (&jane, UNKNOWN, "nobody's"),
        (&colleague, &*private, "a colleague's private one"),
        (&colleague, &deleted, "a colleague's deleted one"),
        (&stranger, &private, "a stranger's private one"),
        (&stranger, shared, "a stranger's shared one"),
        (&stranger, &deleted, "a stranger's deleted one"),
        (&stranger, UNKNOWN, "nobody's"),
    ] {
        let answer = who.delete(&delete_path(id)).await;
        assert_eq!(answer.observable(), again.observable(), "{reason}");
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn the_id_must_be_there_once_and_be_a_uuid() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    let before = snapshot(&app);

    for query in [
        String::new(),
        "?".to_owned(),
        format!("?ID={id}"),
        format!("?cloudAccountId={id}"),
        "?id".to_owned(),
        "?id=".to_owned(),
        "?id=1".to_owned(),
        "?id=null".to_owned(),
        format!("?id={}", id.replace('-', "")),
        format!("?id={{{id}}}")
            .replace('{', "%7B")
            .replace('}', "%7D"),
        format!("?id={id}x"),
        format!("?id={id}%20"),
        format!("?id={id}%00"),
        format!("?id=%FF{id}"),
        format!("?id={id}&id={id}"),
        format!("?id={id}&id="),
        format!("?id={UNKNOWN}&id={id}"),
        format!("?id={id}&%69d={id}"),
    ] {
        let refused = jane.delete(&format!("/api/v1/desktop/delete{query}")).await;
        let message = refused.expect_problem(499, "DEFAULT");
        assert!(message.starts_with("id: "), "{query}: {message}");
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn the_id_may_be_spelt_as_urls_and_uuids_allow() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for spell in [
        |id: &str| format!("?id={}", id.to_uppercase()),
        |id: &str| format!("?id={}", id.replace('-', "%2D")),
        |id: &str| format!("?id={}", id.replace('0', "%30")),
        |id: &str| format!("?%69%64={id}"),
        |id: &str| format!("?trace=on&id={id}&"),
    ] {
        let query = spell(&jane.connect_s3().await);
        let answer = jane.delete(&format!("/api/v1/desktop/delete{query}")).await;
        assert_eq!(answer.json(), json!(true), "{query}");
    }
}

#[tokio::test]
async fn only_the_method_delete_deletes() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    let before = snapshot(&app);

    let path = delete_path(&id);
    assert_eq!(jane.get(&path).await.status, 405);
    assert_eq!(jane.post(&path, json!({})).await.status, 405);
    assert_eq!(snapshot(&app), before);
}
