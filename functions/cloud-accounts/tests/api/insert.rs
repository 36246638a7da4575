use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::{S3_ACCESS_KEY, TestApp};

use crate::{INSERT, snapshot, with};

#[tokio::test]
async fn connecting_answers_the_account_with_its_credentials_masked() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    let answer = jane.post(INSERT, jane.s3_connection()).await.json();

    let owner = app.user_record("jane@example.com");
    let expected = json!({
        "id": answer["id"],
        "accountId": owner["account_id"]["S"],
        "userId": owner["id"]["S"],
        "cloudType": 8,
        "name": "Pictures",
        "accessKey": "****0001",
        "secretKey": "********",
        "credentialsData": null,
        "serviceUrl": app.s3.url(),
        "active": true,
        "shared": false,
        "internalStorage": false,
        "storageTier": null,
        "deleted": false,
        "createDate": app.clock.now().to_string(),
    });
    assert_eq!(answer, expected);
    let id = answer["id"].as_str().unwrap();
    assert_eq!((id.len(), &id[14..15]), (36, "7"), "{id} is a UUIDv7");
    let created = answer["createDate"].as_str().unwrap();
    assert_eq!(created.parse::<Timestamp>().unwrap(), app.clock.now());
    assert!(created.ends_with('Z'), "{created} is in UTC");
}

#[tokio::test]
async fn a_connected_account_is_stored_once_and_can_be_used() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    let id = jane.connect_s3().await;

    assert_eq!(app.records_of("CLOUD#").len(), 1);
    assert_eq!(app.record(&format!("CLOUD#{id}"))["id"]["S"], *id);
    let buckets = jane.storage("list_buckets", &id, json!({})).await.json();
    assert_eq!(buckets["data"][0]["name"], "pictures");
}

#[tokio::test]
async fn what_the_client_chooses_is_recorded() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mut body = jane.s3_connection();
    body["name"] = json!("Бильдер 👩‍👩‍👧");
    body["shared"] = json!(true);
    body["internalStorage"] = json!(true);
    body["credentialsData"] = json!("{\"access_token\": \"canary\"}");

    let answer = jane.post(INSERT, body).await.json();

    assert_eq!(answer["name"], "Бильдер 👩‍👩‍👧");
    assert_eq!(answer["shared"], true);
    assert_eq!(answer["internalStorage"], true);
    assert_eq!(answer["credentialsData"], "********");
}

#[tokio::test]
async fn the_same_drive_may_be_connected_twice() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    assert_ne!(jane.connect_s3().await, jane.connect_s3().await);
    assert_eq!(app.records_of("CLOUD#").len(), 2);
}

#[tokio::test]
async fn every_service_of_the_s3_family_is_connected_at_the_address_given() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for cloud_type in [1, 2, 8, 16, 64] {
        let body = with(jane.s3_connection(), "cloudType", cloud_type);
        let answer = jane.post(INSERT, body).await.json();
        assert_eq!(answer["cloudType"], cloud_type);
        assert_eq!(answer["serviceUrl"], app.s3.url());
    }
}

#[tokio::test]
async fn fields_that_the_server_owns_have_no_effect() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    let janes = jane.connect_s3().await;
    let before = app.record(&format!("CLOUD#{janes}"));
    let owner = app.user_record("jane@example.com");

    let mut body = mallory.s3_connection();
    body["id"] = json!(janes);
    body["accountId"] = owner["account_id"]["S"].clone();
    body["userId"] = owner["id"]["S"].clone();
    body["active"] = json!(false);
    body["deleted"] = json!(true);
    body["storageTier"] = json!("DEEP_ARCHIVE");
    body["createDate"] = json!("1999-12-31T23:59:59Z");
    let answer = mallory.post(INSERT, body).await.json();

    let caller = app.user_record("mallory@example.com");
    assert_ne!(answer["id"], *janes);
    assert_eq!(answer["accountId"], caller["account_id"]["S"]);
    assert_eq!(answer["userId"], caller["id"]["S"]);
    assert_eq!(answer["active"], true);
    assert_eq!(answer["deleted"], false);
    assert_eq!(answer["storageTier"], Value::Null);
    assert_eq!(answer["createDate"], app.clock.now().to_string());
    assert_eq!(app.record(&format!("CLOUD#{janes}")), before);
}

#[tokio::test]
async fn fields_that_nobody_knows_are_ignored_whatever_they_hold() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mut body = jane.s3_connection();
    body["subscription"] = json!({"kind": "paid", "items": [1, null, {"deep": []}]});
    body["access_key"] = json!(5);
    body["NAME"] = json!(null);

    let answer = jane.post(INSERT, body).await.json();

    assert_eq!(answer["name"], "Pictures");
    assert_eq!(answer.as_object().unwrap().len(), 15);
}

#[tokio::test]
async fn keys_that_the_provider_refuses_store_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);

    for (field, wrong) in [
        ("secretKey", "canary/of/another/secret"),
        ("accessKey", "AKIANOBODYSCANARY001"),
    ] {
        let body = with(jane.s3_connection(), field, wrong);
        let refused = jane.post(INSERT, body).await;
        let message = refused.expect_problem(499, "ACCESS");
        assert!(!message.contains(wrong) && !message.contains(S3_ACCESS_KEY));
        assert_eq!(snapshot(&app), before, "{field}");
    }
}

#[tokio::test]
async fn internal_storage_grants_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let body = with(jane.s3_connection(), "internalStorage", true);
    let before = snapshot(&app);

    for (field, value, code) in [
        ("accessKey", json!(null), "DEFAULT"),
        ("secretKey", json!(""), "DEFAULT"),
        ("secretKey", json!("wrong"), "ACCESS"),
    ] {
        let refused = jane.post(INSERT, with(body.clone(), field, value)).await;
        refused.expect_problem(499, code);
        assert_eq!(snapshot(&app), before, "without {field}");
    }
    jane.post(INSERT, body).await.json();
    let account = app.account_of("jane@example.com");
    let connections = app.app.database().connection_count(account).await.unwrap();
    assert_eq!(connections, 1, "it holds a connection like any other");
}
