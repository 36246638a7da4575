use http::Method;
use serde_json::{Value, json};
use testkit::TestApp;

use crate::{DELETE, GET, SETUP, TOKEN, UPDATE, collector, snapshot, stored, with};

/// An id that nothing has.
const UNKNOWN: &str = "019f0000-0000-7000-8000-000000000000";

#[tokio::test]
async fn every_field_can_be_changed_and_the_id_stays() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();

    for (field, value) in [
        ("token", json!("another-canary")),
        ("serverAddress", json!("10.0.0.5")),
        ("servicePort", json!("65535")),
        ("active", json!(false)),
    ] {
        let before = jane.get(GET).await.json();
        let expected = with(before, field, value);
        let answer = jane.put(UPDATE, expected.clone()).await.json();
        assert_eq!(answer, expected, "{field}");
        assert_eq!(jane.get(GET).await.json(), expected, "{field}");
    }
    assert_eq!(jane.get(GET).await.json()["id"], setting["id"]);
    assert_eq!(stored(&app).len(), 1);
}

#[tokio::test]
async fn putting_back_what_get_answered_leaves_everything_as_it_was() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    jane.post(SETUP, collector()).await.json();

    let read = jane.get(GET).await.json();
    let answer = jane.put(UPDATE, read.clone()).await.json();

    assert_eq!(answer, read);
    assert_eq!(jane.get(GET).await.json(), read);
    assert_eq!(read["token"], TOKEN);
}

#[tokio::test]
async fn an_id_that_the_account_does_not_have_is_not_found() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    let janes = jane.post(SETUP, collector()).await.json();

    let unknown = jane.put(UPDATE, with(collector(), "id", UNKNOWN)).await;
    let message = unknown.expect_problem(499, "NOT_FOUND");
    assert_eq!(message, "Object not found.");
    let before = snapshot(&app);
    for (who, id, reason) in [
        (&mallory, &janes["id"], "another account's, having none"),
        (&mallory, &json!(UNKNOWN), "unknown, having none"),
    ] {
        let answer = who.put(UPDATE, with(collector(), "id", id.clone())).await;
        assert_eq!(answer.observable(), unknown.observable(), "{reason}");
    }
    assert_eq!(snapshot(&app), before);

    mallory.post(SETUP, collector()).await.json();
    let before = snapshot(&app);
    let body = with(collector(), "id", janes["id"].clone());
    let answer = mallory.put(UPDATE, body).await;
    assert_eq!(answer.observable(), unknown.observable());
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn the_id_of_a_deleted_setting_is_not_found() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let deleted = jane.post(SETUP, collector()).await.json();
    jane.delete(DELETE).await.expect_empty();

    let refused = jane.put(UPDATE, deleted.clone()).await;
    refused.expect_problem(499, "NOT_FOUND");
    assert_eq!(jane.get(GET).await.json(), Value::Null);

    let next = jane.post(SETUP, collector()).await.json();
    let refused = jane.put(UPDATE, deleted).await;
    refused.expect_problem(499, "NOT_FOUND");
    assert_eq!(jane.get(GET).await.json(), next);
}

#[tokio::test]
async fn the_account_in_the_body_has_no_effect() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    let janes = jane.post(SETUP, collector()).await.json();
    let own = mallory.post(SETUP, collector()).await.json();

    let mut body = with(own.clone(), "serverAddress", "evil.example.com");
    body["accountId"] = janes["accountId"].clone();
    let answer = mallory.put(UPDATE, body).await.json();

    assert_eq!(answer["accountId"], own["accountId"]);
    assert_eq!(jane.get(GET).await.json(), janes);
}

#[tokio::test]
async fn an_update_seals_the_token_anew() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();
    let before = stored(&app)[0]["token"].clone();

    jane.put(UPDATE, setting).await.json();

    assert_ne!(stored(&app)[0]["token"], before);
}

#[tokio::test]
async fn an_update_that_meets_a_delete_either_happens_before_it_or_not_at_all() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    for _ in 0..20 {
        let setting = jane.post(SETUP, collector()).await.json();
        let (updated, deleted) = tokio::join!(
            app.request(Method::PUT, UPDATE, Some(&jane.jwt), Some(&setting)),
            app.request(Method::DELETE, DELETE, Some(&jane.jwt), None),
        );
        deleted.expect_empty();
        if updated.status != 200 {
            updated.expect_problem(499, "NOT_FOUND");
        }
        assert_eq!(jane.get(GET).await.json(), Value::Null);
    }
}
