use std::sync::Arc;

use http::Method;
use testkit::TestApp;

use crate::{DELETE, SETUP, collector, snapshot, stored};

#[tokio::test]
async fn deleting_removes_the_setting_and_its_token() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);
    jane.post(SETUP, collector()).await.json();
    assert_eq!(stored(&app).len(), 1);

    jane.delete(DELETE).await.expect_empty();

    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn where_none_is_set_there_is_nothing_to_delete() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;

    let never = jane.delete(DELETE).await;
    assert_eq!(never.expect_problem(499, "NOT_FOUND"), "Object not found.");

    jane.post(SETUP, collector()).await.json();
    jane.delete(DELETE).await.expect_empty();
    let again = jane.delete(DELETE).await;
    assert_eq!(again.observable(), never.observable());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_deletes_at_once_exactly_one_succeeds() {
    let app = Arc::new(TestApp::start().await);
    let jane = app.user("jane@example.com").await;
    jane.post(SETUP, collector()).await.json();

    let jwt = jane.jwt.clone();
    let answers = app
        .at_once(20, move |app, _| {
            let jwt = jwt.clone();
            async move { app.request(Method::DELETE, DELETE, Some(&jwt), None).await }
        })
        .await;

    let deleted = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(deleted, 1);
    for late in answers.iter().filter(|answer| answer.status != 200) {
        late.expect_problem(499, "NOT_FOUND");
    }
}
