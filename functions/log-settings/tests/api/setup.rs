use std::sync::Arc;

use http::Method;
use serde_json::json;
use testkit::TestApp;

use crate::{DELETE, GET, SETUP, TOKEN, collector, snapshot, stored, with};

#[tokio::test]
async fn the_first_setup_answers_the_setting() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    let answer = jane.post(SETUP, collector()).await.json();

    let expected = json!({
        "id": answer["id"],
        "accountId": app.account_of("jane@example.com").to_string(),
        "token": TOKEN,
        "serverAddress": "splunk.example.com",
        "servicePort": "8088",
        "active": true,
        "provider": 1,
    });
    assert_eq!(answer, expected);
    let id = answer["id"].as_str().unwrap();
    assert_eq!((id.len(), &id[14..15]), (36, "7"), "{id} is a UUIDv7");
    assert_eq!(stored(&app).len(), 1);
    assert_eq!(jane.get(GET).await.json(), answer);
}

#[tokio::test]
async fn a_setting_may_be_set_up_inactive() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    let answer = jane.post(SETUP, with(collector(), "active", false)).await;

    assert_eq!(answer.json()["active"], false);
    assert_eq!(jane.get(GET).await.json()["active"], false);
}

#[tokio::test]
async fn fields_that_the_server_owns_and_unknown_ones_have_no_effect() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    app.user("mallory@example.com").await;
    let mut body = collector();
    body["id"] = json!("019f0000-0000-7000-8000-000000000000");
    body["accountId"] = json!(app.account_of("mallory@example.com").to_string());
    body["token_hint"] = json!({"deep": [null]});

    let answer = jane.post(SETUP, body).await.json();

    assert_ne!(answer["id"], "019f0000-0000-7000-8000-000000000000");
    let account = app.account_of("jane@example.com").to_string();
    assert_eq!(answer["accountId"], *account);
    assert_eq!(stored(&app)[0]["pk"]["S"], format!("ACCOUNT#{account}"));
}

#[tokio::test]
async fn a_second_setup_is_a_duplicate_and_changes_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    jane.post(SETUP, collector()).await.json();
    let before = snapshot(&app);

    for body in [collector(), with(collector(), "serverAddress", "10.0.0.5")] {
        let refused = jane.post(SETUP, body).await;
        let message = refused.expect_problem(499, "DUPLICATE");
        assert!(!message.contains(TOKEN));
        assert_eq!(snapshot(&app), before);
    }
}

#[tokio::test]
async fn after_a_delete_the_account_is_set_up_anew() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let first = jane.post(SETUP, collector()).await.json();
    jane.delete(DELETE).await.expect_empty();

    let second = jane.post(SETUP, collector()).await.json();

    assert_ne!(second["id"], first["id"]);
    assert_eq!(jane.get(GET).await.json(), second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_setups_at_once_exactly_one_succeeds() {
    let app = Arc::new(TestApp::start().await);
    let jane = app.user("jane@example.com").await;

    let jwt = jane.jwt.clone();
    let answers = app
        .at_once(50, move |app, number| {
            let jwt = jwt.clone();
            let body = with(collector(), "servicePort", (8000 + number).to_string());
            async move {
                app.request(Method::POST, SETUP, Some(&jwt), Some(&body))
                    .await
            }
        })
        .await;

    let (set, late): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((set.len(), late.len()), (1, 49));
    for answer in late {
        answer.expect_problem(499, "DUPLICATE");
    }
    assert_eq!(stored(&app).len(), 1);
    assert_eq!(jane.get(GET).await.json(), set[0].json());
}
