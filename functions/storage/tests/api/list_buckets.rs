use jiff::Timestamp;
use serde_json::{Value, json};
use testkit::TestApp;

const PATH: &str = "/api/v1/desktop/list_buckets";

#[tokio::test]
async fn every_bucket_is_listed_on_one_page() {
    let app = TestApp::start().await;
    app.s3.create_bucket("archive-2026").unwrap();
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let answer = user
        .post(PATH, json!({"cloudAccountId": account}))
        .await
        .json();
    assert_eq!(fields(&answer), ["continuationToken", "data"]);
    assert_eq!(answer["continuationToken"], "");
    let buckets = answer["data"].as_array().unwrap();
    let mut names: Vec<_> = buckets.iter().map(|bucket| &bucket["name"]).collect();
    names.sort_by_key(|name| name.as_str());
    assert_eq!(names, ["archive-2026", "pictures"]);
    for bucket in buckets {
        assert_eq!(fields(bucket), ["createDate", "id", "name", "region"]);
        assert_eq!(bucket["id"], "", "the name is the id");
        let created: Timestamp = bucket["createDate"].as_str().unwrap().parse().unwrap();
        assert!(created <= Timestamp::now());
    }
}

#[tokio::test]
async fn a_region_is_told_only_when_asked_for() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let body = json!({"cloudAccountId": account, "includeRegion": false});
    let without = user.post(PATH, body).await.json();
    assert_eq!(without["data"][0]["region"], json!(null));
    assert_eq!(without["data"][0]["name"], "pictures");

    // It is what is told if nothing is said.
    let body = json!({"cloudAccountId": account, "includeRegion": true});
    let with = user.post(PATH, body).await.json();
    let default = user
        .post(PATH, json!({"cloudAccountId": account}))
        .await
        .json();
    assert_eq!(with, default);
}

#[tokio::test]
async fn an_account_without_buckets_lists_none() {
    let app = TestApp::start().await;
    std::fs::remove_dir_all(app.s3_root.path().join(testkit::BUCKET)).unwrap();
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let answer = user
        .post(PATH, json!({"cloudAccountId": account}))
        .await
        .json();
    assert_eq!(answer, json!({"data": [], "continuationToken": ""}));
}

fn fields(value: &Value) -> Vec<&str> {
    let fields = value.as_object().unwrap().keys();
    fields.map(String::as_str).collect()
}
