use serde_json::json;
use testkit::{PASSWORD, TestApp};

#[tokio::test]
async fn a_mailed_code_makes_a_user_who_can_log_in() {
    let app = TestApp::start().await;

    let body = json!({"name": "Jane", "email": "Jane@Example.com", "password": PASSWORD});
    app.post_with_token("/api/v1/desktop/signup", body)
        .await
        .expect_empty();
    assert_eq!(
        app.records_of("USER#").len(),
        0,
        "nobody exists before the code comes back"
    );
    let code = app.mailed_code("jane@example.com");
    let jwt = app
        .post_with_token("/api/v1/desktop/confirm_signup", json!({"token": code}))
        .await
        .string();
    assert_eq!(jwt.split('.').count(), 3);

    let login = json!({"username": "jane@example.com", "password": PASSWORD, "type": 16});
    let answer = app
        .post_with_token("/api/authentication/login", login)
        .await
        .json();
    assert_eq!(answer["challenge"], 0);
    assert_eq!(answer["session"], json!(null));
}
