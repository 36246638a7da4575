//! One setting per Amove account: its own users share it, others never see it.

use serde_json::{Value, json};
use testkit::TestApp;

use crate::{DELETE, GET, SETUP, UPDATE, collector, snapshot, stored, with};

#[tokio::test]
async fn another_account_never_sees_or_changes_it() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    let janes = jane.post(SETUP, collector()).await.json();
    let before = snapshot(&app);

    assert_eq!(mallory.get(GET).await.json(), Value::Null);
    let taken = mallory.put(UPDATE, janes.clone()).await;
    taken.expect_problem(499, "NOT_FOUND");
    let deleted = mallory.delete(DELETE).await;
    deleted.expect_problem(499, "NOT_FOUND");

    assert_eq!(snapshot(&app), before);
    assert_eq!(jane.get(GET).await.json(), janes);
}

#[tokio::test]
async fn each_account_has_a_setting_of_its_own() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;

    let janes = jane.post(SETUP, collector()).await.json();
    let body = with(collector(), "token", "another-canary");
    let mallorys = mallory.post(SETUP, body).await.json();

    assert_ne!(janes["id"], mallorys["id"]);
    assert_eq!(stored(&app).len(), 2);
    mallory.delete(DELETE).await.expect_empty();
    assert_eq!(jane.get(GET).await.json(), janes);
}

#[tokio::test]
async fn the_users_of_an_account_share_its_setting() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mut setting = jane.post(SETUP, collector()).await.json();

    for user_type in [4, 8, 16, 32, 64] {
        let email = format!("type{user_type}@example.com");
        let joe = app.colleague(&jane, &email, user_type).await;
        assert_eq!(joe.get(GET).await.json(), setting, "{user_type}");
        let second = joe.post(SETUP, collector()).await;
        second.expect_problem(499, "DUPLICATE");
        setting["servicePort"] = json!((8_000 + user_type).to_string());
        joe.put(UPDATE, setting.clone()).await.json();
        assert_eq!(jane.get(GET).await.json(), setting, "{user_type}");
    }
}
