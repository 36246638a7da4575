//! The demo drive beside the cloud accounts that users connect.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use testkit::{BUCKET, TestApp, User};

use crate::{INSERT, REFRESH, delete_path, expect_not_found, refresh, snapshot, with};

/// The one shared cloud drive in the table.
#[track_caller]
fn shared_drive(app: &TestApp) -> Value {
    let mut drives = app.records_of("ACCOUNT#");
    drives.retain(|item| {
        item["sk"]["S"]
            .as_str()
            .is_some_and(|sk| sk.starts_with("DRIVE#"))
    });
    assert_eq!(drives.len(), 1, "{drives:?}");
    drives.remove(0)
}

async fn connections(app: &TestApp, user: &User<'_>) -> (u64, usize) {
    let account = app.account_of(&user.email);
    let database = app.app.database();
    let count = database.connection_count(account).await;
    let subscriptions = database.subscriptions(account).await;
    (
        count.expect("the account is there"),
        subscriptions.expect("so are its subscriptions").len(),
    )
}

#[tokio::test]
async fn its_records_hold_no_key_and_no_connection() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;

    assert_eq!(connections(&app, &jane).await, (0, 0));
    let account = app.record(&format!("CLOUD#{id}"));
    let owner = app.account_of("jane@example.com").to_string();
    for (attribute, value) in [
        ("account_id", json!({"S": owner})),
        ("cloud_type", json!({"N": "1"})),
        ("name", json!({"S": "Demo drive"})),
        ("active", json!({"BOOL": true})),
        ("shared", json!({"BOOL": true})),
        ("internal_storage", json!({"BOOL": true})),
        ("deleted", json!({"BOOL": false})),
        ("demo_prefix", json!({"S": format!("{owner}/")})),
    ] {
        assert_eq!(account[attribute], value, "{attribute}");
    }
    for secret in ["access_key", "secret_key", "credentials_data"] {
        assert_eq!(account[secret], Value::Null, "{secret}");
    }

    let mut drive = shared_drive(&app);
    let fields = drive.as_object_mut().unwrap();
    let drive_id = fields.remove("id").unwrap();
    let key = format!("DRIVE#{}", drive_id["S"].as_str().unwrap());
    let expected = json!({
        "pk": {"S": format!("ACCOUNT#{owner}")},
        "sk": {"S": key},
        "account_id": {"S": owner},
        "creator_user_id": account["user_id"],
        "cloud_account_id": {"S": id},
        "active": {"BOOL": true},
        "name": {"S": "Demo drive"},
        "prefix": {"S": ""},
        "prefix_id": {"S": ""},
        "storage_id": {"S": ""},
        "storage_name": {"S": "demo"},
        "objects_per_folder": {"N": "0"},
        "allow_delete": {"BOOL": true},
        "local_cache_encrypted": {"BOOL": false},
        "cloud_objects_encrypted": {"BOOL": false},
        "drive_type": {"N": "1"},
        "sync_type": {"N": "1"},
        "deleted": {"BOOL": false},
    });
    assert_eq!(drive, expected);
}

#[tokio::test]
async fn deleting_it_releases_no_connection_and_keeps_the_files() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    jane.connect_s3().await;
    let files = app.demo_keys().await;
    let before = shared_drive(&app);

    assert_eq!(jane.delete(&delete_path(&id)).await.json(), json!(true));

    assert_eq!(connections(&app, &jane).await, (1, 1));
    assert_eq!(app.demo_keys().await, files);
    let account = app.record(&format!("CLOUD#{id}"));
    assert_eq!(account["deleted"], json!({"BOOL": true}));
    assert_eq!(account["active"], json!({"BOOL": false}));
    let flagged = with(before, "deleted", json!({"BOOL": true}));
    let flagged = with(flagged, "active", json!({"BOOL": false}));
    assert_eq!(shared_drive(&app), flagged);

    expect_not_found(&jane.delete(&delete_path(&id)).await);
    expect_not_found(&jane.post(REFRESH, refresh(&id)).await);
    expect_not_found(&jane.storage("list_buckets", &id, json!({})).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_delete_it_one_does() {
    let app = Arc::new(TestApp::start().await);
    let jane = app.user("jane@example.com").await;
    let path = delete_path(&app.give_demo_drive(&jane).await);
    let answers = app
        .at_once(16, |app, _| {
            let (jwt, path) = (jane.jwt.clone(), path.clone());
            async move { app.request(Method::DELETE, &path, Some(&jwt), None).await }
        })
        .await;
    let (deleted, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((deleted.len(), refused.len()), (1, 15));
    for answer in refused {
        expect_not_found(answer);
    }
    assert_eq!(connections(&app, &jane).await, (0, 0));
    assert_eq!(shared_drive(&app)["deleted"], json!({"BOOL": true}));
}

#[tokio::test]
async fn others_cannot_delete_it_and_colleagues_see_it_as_any_shared_one() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let stranger = app.user("eve@example.com").await;
    let creative = app.colleague(&jane, "creative@example.com", 32).await;
    let standard = app.colleague(&jane, "standard@example.com", 64).await;

    let list = json!({"bucketName": "demo"});
    for unseen in [&stranger, &standard] {
        expect_not_found(&unseen.delete(&delete_path(&id)).await);
        expect_not_found(&unseen.storage("list_objects", &id, list.clone()).await);
    }
    let seen = creative.storage("list_objects", &id, list).await.json();
    assert_eq!(seen["data"][0]["path"], "Welcome.txt");
}

#[tokio::test]
async fn a_refresh_answers_it_unchanged_and_without_credentials() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let before = snapshot(&app);

    let own = jane.post(REFRESH, refresh(&id)).await.json();
    assert_eq!(own, app.post(REFRESH, refresh(&id)).await.json());

    for field in ["accessKey", "secretKey", "credentialsData", "serviceUrl"] {
        assert_eq!(own[field], Value::Null, "{field}");
    }
    assert_eq!(own["cloudType"], 1);
    assert_eq!(own["name"], "Demo drive");
    for flag in ["active", "shared", "internalStorage"] {
        assert_eq!(own[flag], true, "{flag}");
    }
    assert!(!own.to_string().contains("prefix"), "{own}");
    assert_eq!(snapshot(&app), before);
}

/// What tells a drive of the platform's own cannot be sent.
#[tokio::test]
async fn nobody_inserts_one() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let victim = app.user("victim@example.com").await;
    app.give_demo_drive(&victim).await;
    let prefix = format!("{}/", app.account_of("victim@example.com"));
    let ask_for_one = |mut body: Value| {
        for field in ["internalStorage", "internal_storage"] {
            body[field] = json!(true);
        }
        for field in ["demoPrefix", "demo_prefix", "prefix"] {
            body[field] = json!(prefix);
        }
        body
    };
    let before = snapshot(&app);
    for cloud_type in [1, 8] {
        for body in [
            json!({"cloudType": cloud_type, "name": "Mine", "serviceUrl": app.s3.url()}),
            json!({"cloudType": cloud_type, "name": "Mine", "serviceUrl": app.platform_s3.url(),
                   "accessKey": "", "secretKey": ""}),
        ] {
            let answer = jane.post(INSERT, ask_for_one(body)).await;
            assert_eq!(
                answer.expect_problem(499, "DEFAULT"),
                "accessKey: is required for this cloudType"
            );
        }
    }
    assert_eq!(snapshot(&app), before);

    let body = ask_for_one(jane.s3_connection());
    let account = jane.post(INSERT, body).await.json();
    assert_eq!(account["internalStorage"], true);
    let id = account["id"].as_str().unwrap();
    assert_eq!(
        app.record(&format!("CLOUD#{id}"))["demo_prefix"],
        Value::Null
    );
    assert_eq!(connections(&app, &jane).await, (1, 1));
    let buckets = jane.storage("list_buckets", id, json!({})).await.json();
    let names: Vec<_> = buckets["data"].as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 1, "{buckets}");
    assert_eq!(names[0]["name"], BUCKET);
    let demo = jane.storage("list_objects", id, json!({"bucketName": "demo"}));
    demo.await.expect_problem(499, "NOT_FOUND");
}

/// The platform's own server takes the role's keys only, and nobody has them.
#[tokio::test]
async fn a_users_keys_do_not_open_the_platforms_storage() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    app.give_demo_drive(&jane).await;
    let body = with(jane.s3_connection(), "serviceUrl", app.platform_s3.url());
    let answer = jane.post(INSERT, with(body, "internalStorage", true)).await;
    answer.expect_problem(499, "ACCESS");
    assert_eq!(connections(&app, &jane).await, (0, 0));
}
