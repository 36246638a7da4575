//! Who sees whose cloud accounts.

use serde_json::json;
use testkit::{TestApp, User};

use crate::{INSERT, REFRESH, delete_path, expect_not_found, refresh, with};

/// Connects the embedded S3 server for `owner`.
async fn connect(owner: &User<'_>, shared: bool) -> String {
    let body = with(owner.s3_connection(), "shared", shared);
    let account = owner.post(INSERT, body).await.json();
    account["id"].as_str().expect("an id").to_owned()
}

/// Puts `viewer` before a new cloud account of `owner`, at every endpoint that looks for one.
async fn check(viewer: &User<'_>, owner: &User<'_>, shared: bool, sees: bool) {
    let id = connect(owner, shared).await;
    let case = format!("{} and {}, shared: {shared}", viewer.email, owner.email);

    // Open to everybody: a JWT that may not see the account reads what a stranger reads.
    let refreshed = viewer.post(REFRESH, refresh(&id)).await.json();
    assert_eq!(refreshed["secretKey"], "********", "{case}");

    let listed = viewer.storage("list_buckets", &id, json!({})).await;
    if !sees {
        expect_not_found(&listed);
        expect_not_found(&viewer.delete(&delete_path(&id)).await);
        let kept = owner.storage("list_buckets", &id, json!({})).await;
        assert_eq!(kept.status, 200, "{case}");
        return;
    }
    assert_eq!(listed.status, 200, "{case}");
    assert_eq!(listed.json()["data"][0]["name"], "pictures", "{case}");
    let deleted = viewer.delete(&delete_path(&id)).await;
    assert_eq!(deleted.text(), "true", "{case}");
}

#[tokio::test]
async fn shared_accounts_are_seen_by_desktop_admins_and_creative_users_of_the_same_account() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for (user_type, sees_shared) in [
        (1, false),
        (2, false),
        (4, false),
        (8, false),
        (16, true),
        (32, true),
        (64, false),
    ] {
        let email = format!("type{user_type}@example.com");
        let viewer = app.colleague(&jane, &email, user_type).await;
        check(&viewer, &jane, true, sees_shared).await;
        check(&viewer, &jane, false, false).await;
    }
}

#[tokio::test]
async fn everybody_sees_their_own_accounts() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for user_type in [1, 2, 4, 8, 16, 32, 64] {
        let email = format!("type{user_type}@example.com");
        let owner = app.colleague(&jane, &email, user_type).await;
        check(&owner, &owner, false, true).await;
        check(&owner, &owner, true, true).await;
    }
}

#[tokio::test]
async fn nobody_sees_the_accounts_of_another_amove_account() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;

    for user_type in [1, 8, 16, 32, 64] {
        let email = format!("type{user_type}@example.com");
        let outsider = app.colleague(&mallory, &email, user_type).await;
        check(&outsider, &jane, true, false).await;
        check(&outsider, &jane, false, false).await;
    }
}

#[tokio::test]
async fn an_owner_who_becomes_a_standard_user_keeps_only_what_they_own() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let joe = app.colleague(&jane, "joe@example.com", 32).await;
    let (shared, own) = (connect(&jane, true).await, connect(&joe, false).await);
    joe.storage("list_buckets", &shared, json!({})).await.json();

    let mut record = app.user_record("joe@example.com");
    record["user_type"] = json!({"N": "64"});
    app.put_record(&record).await;

    expect_not_found(&joe.storage("list_buckets", &shared, json!({})).await);
    joe.storage("list_buckets", &own, json!({})).await.json();
}
