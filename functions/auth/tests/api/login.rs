use http::{Method, Request};
use serde_json::json;
use testkit::{PASSWORD, Response, TestApp};

use crate::BURNED;
use crate::forgery::part;

const PATH: &str = "/api/authentication/login";

#[tokio::test]
async fn a_login_answers_a_jwt_that_works() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;

    let answer = app.log_in("jane@example.com", PASSWORD).await.json();

    let jwt = answer["jwtToken"].as_str().unwrap();
    assert_eq!(
        answer,
        json!({"challenge": 0, "jwtToken": jwt, "session": null})
    );
    let path = "/api/v1/desktop/get_accountlogsetting";
    assert_eq!(
        app.request(Method::GET, path, Some(jwt), None).await.status,
        200
    );
    let header = part(jwt, 0);
    assert_eq!(header["alg"], "ES256");
    assert_eq!(header["kid"], "k1");
    let payload = part(jwt, 1).to_string();
    assert!(
        !payload.contains("jane"),
        "a JWT says nothing of a person: {payload}"
    );
}

#[tokio::test]
async fn every_login_is_a_session_of_its_own() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let first = app.log_in("jane@example.com", PASSWORD).await.json()["jwtToken"].clone();
    let second = app.log_in("jane@example.com", PASSWORD).await.json()["jwtToken"].clone();
    assert_ne!(first, second);

    app.log_out(first.as_str().unwrap()).await.expect_empty();

    let path = "/api/v1/desktop/get_accountlogsetting";
    for (jwt, status) in [
        (first.as_str(), 401),
        (second.as_str(), 200),
        (Some(&*user.jwt), 200),
    ] {
        assert_eq!(
            app.request(Method::GET, path, jwt, None).await.status,
            status
        );
    }
}

#[tokio::test]
async fn a_malformed_body_is_refused_by_field_and_does_not_cost_the_request_token() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let good = json!({"username": "jane@example.com", "password": PASSWORD, "type": 16});
    let wrong = "499 DEFAULT type: has the wrong type";
    let bad = [
        ("type", json!("16"), wrong),
        ("type", json!(16.0), wrong),
        ("type", json!(-16), wrong),
        ("type", json!(4_294_967_312_u64), wrong),
    ];

    let answer = app.refuse_then_accept(PATH, good, &bad).await.json();

    assert_eq!(answer["challenge"], 0);
}

async fn try_to_log_in(app: &TestApp, username: &str, password: &str, r#type: u32) -> Response {
    let body = json!({"username": username, "password": password, "type": r#type});
    app.post_with_token(PATH, body).await
}

#[tokio::test]
async fn wrong_user_password_and_type_are_one_401() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    app.sign_up("John", "john@example.com", PASSWORD)
        .await
        .expect_empty();
    let refused = try_to_log_in(&app, "jane@example.com", "not her password", 16).await;
    assert_eq!(
        refused.outcome(),
        "401 AUTH Wrong username, password or type."
    );
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    let sessions = app.records_of("SESSION#").len();
    let (long, upper) = ("x".repeat(60_000), PASSWORD.to_uppercase());
    let (spaced, cut) = (format!("{PASSWORD} "), &PASSWORD[..PASSWORD.len() - 1]);

    for (username, password, r#type, why) in [
        ("nobody@example.com", PASSWORD, 16, "nobody's address"),
        ("john@example.com", PASSWORD, 16, "not confirmed yet"),
        ("jane", PASSWORD, 16, "no address"),
        ("", PASSWORD, 16, "no username"),
        (
            " jane@example.com",
            PASSWORD,
            16,
            "a space before the address",
        ),
        (&long, PASSWORD, 16, "a huge username"),
        ("jane@example.com", "", 16, "no password"),
        ("jane@example.com", &upper, 16, "a password in upper case"),
        (
            "jane@example.com",
            &spaced,
            16,
            "a password with a space after it",
        ),
        ("jane@example.com", cut, 16, "a password cut short"),
        ("jane@example.com", &long, 16, "a huge password"),
        ("jane@example.com", PASSWORD, 0, "no type"),
        ("jane@example.com", PASSWORD, 1, "another type"),
        ("jane@example.com", PASSWORD, 8, "another type"),
        ("jane@example.com", PASSWORD, 17, "two types"),
        ("jane@example.com", PASSWORD, 32, "another type"),
        ("jane@example.com", PASSWORD, u32::MAX, "every type"),
        ("nobody@example.com", "wrong", 0, "everything"),
    ] {
        let answer = try_to_log_in(&app, username, password, r#type).await;
        assert_eq!(answer.observable(), refused.observable(), "{why}");
    }
    assert_eq!(app.records_of("SESSION#").len(), sessions);
    assert_eq!(
        try_to_log_in(&app, "jane@example.com", PASSWORD, 16)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_login_costs_its_request_token_whatever_comes_of_it() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    for (username, status) in [("jane@example.com", 200), ("nobody", 401)] {
        let mut body = json!({"username": username, "password": PASSWORD, "type": 16});
        body["requestToken"] = json!(app.request_token().await);
        assert_eq!(
            app.post(PATH, body.clone()).await.status,
            status,
            "{username}"
        );
        assert_eq!(app.post(PATH, body).await.outcome(), BURNED, "{username}");
    }
}

#[tokio::test]
async fn an_inactive_user_learns_it_from_the_right_password_only() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    app.deactivate("jane@example.com").await;

    let right = app.log_in("jane@example.com", PASSWORD).await;
    let wrong = app.log_in("jane@example.com", "not her password").await;

    assert_eq!(
        right.outcome(),
        "499 INACTIVE_USER This user is not active."
    );
    assert_eq!(
        wrong.outcome(),
        "401 AUTH Wrong username, password or type."
    );
    let path = "/api/v1/desktop/get_accountlogsetting";
    user.get(path).await.expect_problem(401, "SESSION");
}

#[tokio::test]
async fn a_bearer_token_beside_a_login_is_ignored() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let token = app.request_token().await;
    let body = json!({
        "requestToken": token, "username": "jane@example.com", "password": PASSWORD, "type": 16,
    });
    let request = Request::post(PATH)
        .header("authorization", "Bearer expired.long.ago")
        .header("content-type", "application/json; charset=utf-8")
        .body(body.to_string().into())
        .unwrap();
    assert_eq!(app.send(request).await.status, 200);
}
