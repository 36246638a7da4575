use serde_json::{Value, json};
use testkit::TestApp;

use crate::{DELETE, GET, SETUP, UPDATE, collector, snapshot, with};

#[tokio::test]
async fn before_any_setup_the_answer_is_null() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    let answer = jane.get(GET).await;

    assert_eq!(answer.json(), Value::Null);
    assert_eq!(answer.text(), "null");
}

#[tokio::test]
async fn it_answers_what_was_last_set_and_changes_nothing() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let first = jane.post(SETUP, collector()).await.json();
    assert_eq!(jane.get(GET).await.json(), first);

    let body = with(first, "serverAddress", "10.0.0.5");
    let updated = jane.put(UPDATE, body).await.json();
    let before = snapshot(&app);
    assert_eq!(jane.get(GET).await.json(), updated);
    assert_eq!(jane.get(GET).await.json(), updated);
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn after_a_delete_the_answer_is_null_again() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    jane.post(SETUP, collector()).await.json();
    jane.delete(DELETE).await.expect_empty();

    assert_eq!(jane.get(GET).await.json(), json!(null));
}
