use http::Request;
use serde_json::json;
use testkit::TestApp;

use crate::{INSERT, REFRESH, delete_path, expect_not_found, refresh, snapshot, with};

#[tokio::test]
async fn a_stranger_reads_the_account_masked_and_unchanged() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let body = with(
        jane.s3_connection(),
        "credentialsData",
        "{\"a\": \"canary\"}",
    );
    let account = jane.post(INSERT, body).await.json();
    let id = account["id"].as_str().unwrap();
    let before = snapshot(&app);

    let answer = app.post(REFRESH, refresh(id)).await;

    assert_eq!(answer.json(), account);
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn a_jwt_shows_no_more_of_an_account_that_is_connected_by_keys() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    let id = jane.connect_s3().await;

    let anonymous = app.post(REFRESH, refresh(&id)).await;
    anonymous.json();
    for user in [&jane, &mallory] {
        let answer = user.post(REFRESH, refresh(&id)).await;
        assert_eq!(
            answer.observable(),
            anonymous.observable(),
            "{}",
            user.email
        );
    }
}

#[tokio::test]
async fn an_unknown_and_a_deleted_account_read_the_same() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    jane.delete(&delete_path(&id)).await.json();

    let deleted = app.post(REFRESH, refresh(&id)).await;
    let unknown = refresh("019f0000-0000-7000-8000-000000000000");

    expect_not_found(&deleted);
    assert_eq!(
        deleted.observable(),
        app.post(REFRESH, unknown.clone()).await.observable()
    );
    assert_eq!(
        deleted.observable(),
        jane.post(REFRESH, unknown).await.observable()
    );
    assert_eq!(
        deleted.observable(),
        jane.post(REFRESH, refresh(&id)).await.observable()
    );
}

#[tokio::test]
async fn the_account_must_be_named_by_its_uuid() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;

    for (body, reason) in [
        (json!({}), "missing"),
        (json!({"cloudAccountId": null}), "null"),
        (json!({"cloudAccountId": 5}), "a number"),
        (json!({"cloudAccountId": [id]}), "a list"),
        (json!({"cloudAccountId": ""}), "empty"),
        (json!({"cloudAccountId": "pictures"}), "no UUID"),
        (
            json!({"cloudAccountId": id.replace('-', "")}),
            "not hyphenated",
        ),
        (json!({"cloudAccountId": format!(" {id}")}), "with a space"),
        (json!({"id": id}), "under another name"),
    ] {
        let message = app.post(REFRESH, body).await.expect_problem(499, "DEFAULT");
        assert!(
            message.starts_with("cloudAccountId: "),
            "{reason}: {message}"
        );
    }
}

#[tokio::test]
async fn a_client_may_post_the_whole_account_back() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let account = jane.post(INSERT, jane.s3_connection()).await.json();

    let mut body = account.clone();
    body["cloudAccountId"] = account["id"].clone();
    body["name"] = json!("Renamed");

    assert_eq!(jane.post(REFRESH, body).await.json(), account);
}

/// A stranger is limited, whoever has a session is not.
#[tokio::test]
async fn a_network_without_a_session_is_given_thirty_refreshes_a_minute() {
    let app = TestApp::start().await;
    app.clock.begin_window(60);
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    let ask = async |jwt: Option<&str>| {
        let mut request = Request::post(REFRESH).header("content-type", "application/json");
        if let Some(jwt) = jwt {
            request = request.header("authorization", format!("Bearer {jwt}"));
        }
        let body = json!({"cloudAccountId": id}).to_string();
        app.send_from("203.0.113.7", request.body(body.into()).unwrap())
            .await
    };
    for _ in 0..30 {
        assert_eq!(ask(None).await.outcome(), "200");
    }
    let answer = ask(None).await;
    answer.expect_problem(499, "SECURITY");
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(ask(Some(&jane.jwt)).await.outcome(), "200");
}
