use std::collections::BTreeSet;
use std::sync::Arc;

use http::Method;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use testkit::{KeyDocument, PASSWORD, TestApp};

use crate::forgery::{forgeries, part, resigned};
use crate::{BURNED, SECOND};

const PATH: &str = "/api/authentication/request_token";

/// What spends a request token at the least cost: a resend to nobody, 404 if the token was good.
async fn spend(app: &TestApp, token: &str) -> String {
    let body = json!({"requestToken": token, "email": "nobody@example.com"});
    app.post("/api/v1/desktop/resend_confirmation_email", body)
        .await
        .outcome()
}

const SPENT: &str = "404 NOT_FOUND email: no sign-up is pending for this address";

#[tokio::test]
async fn every_token_is_another_and_none_is_stored() {
    let app = TestApp::start().await;
    let mut tokens = BTreeSet::new();
    for _ in 0..100 {
        tokens.insert(app.request_token().await);
    }
    assert_eq!(tokens.len(), 100);
    assert_eq!(app.records(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_token_is_answered_whatever_is_posted() {
    let app = TestApp::start().await;
    for body in [None, Some(json!({})), Some(json!(["anything"]))] {
        let answer = app.request(Method::POST, PATH, None, body.as_ref()).await;
        assert_eq!(spend(&app, &answer.string()).await, SPENT, "{body:?}");
    }
    let answer = app
        .request(Method::POST, PATH, Some("no session"), None)
        .await;
    assert_eq!(answer.status, 200, "nobody needs to be logged in");
}

#[tokio::test]
async fn a_token_works_once_at_whatever_endpoint() {
    let app = TestApp::start().await;
    let token = app.request_token().await;
    assert_eq!(spend(&app, &token).await, SPENT);
    for (path, body) in [
        (
            "/api/v1/desktop/signup",
            json!({"name": "Jane", "email": "jane@example.com", "password": PASSWORD}),
        ),
        ("/api/v1/desktop/confirm_signup", json!({"token": "x"})),
        (
            "/api/v1/desktop/resend_confirmation_email",
            json!({"email": "jane@example.com"}),
        ),
        (
            "/api/authentication/login",
            json!({"username": "jane@example.com", "password": PASSWORD, "type": 16}),
        ),
        ("/api/authentication/logout", json!({"jwtToken": "x"})),
    ] {
        let mut body = body;
        body["requestToken"] = json!(token);
        assert_eq!(app.post(path, body).await.outcome(), BURNED, "{path}");
    }
    assert_eq!(app.records_of("PENDING#").len(), 0);
    assert_eq!(app.mailbox.all().len(), 0);
}

#[tokio::test]
async fn a_token_is_valid_for_60_seconds() {
    let app = TestApp::start().await;
    for (age, outcome) in [
        (0, SPENT),
        (59, SPENT),
        (60, BURNED),
        (61, BURNED),
        (86_400, BURNED),
    ] {
        let token = app.request_token().await;
        app.clock.advance(age * SECOND);
        assert_eq!(spend(&app, &token).await, outcome, "{age} s");
    }
}

#[tokio::test]
async fn a_burned_token_stays_burned_while_it_is_valid() {
    let app = TestApp::start().await;
    let token = app.request_token().await;
    assert_eq!(spend(&app, &token).await, SPENT);
    app.clock.advance(59 * SECOND);
    assert_eq!(spend(&app, &token).await, BURNED);
}

#[tokio::test]
async fn a_token_from_the_future_is_refused() {
    let app = TestApp::start().await;
    let token = app.request_token().await;
    app.clock.advance(-SECOND);
    assert_eq!(spend(&app, &token).await, BURNED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_uses_at_once_one_proceeds() {
    let app = Arc::new(TestApp::start().await);
    let token = app.request_token().await;

    let mut outcomes = app
        .at_once(50, |app, number| {
            let body = json!({
                "requestToken": token,
                "name": "Jane",
                "email": format!("jane{number}@example.com"),
                "password": PASSWORD,
            });
            async move { app.post("/api/v1/desktop/signup", body).await.outcome() }
        })
        .await;

    outcomes.sort();
    assert_eq!(outcomes[0], "200");
    assert!(
        outcomes[1..].iter().all(|outcome| outcome == BURNED),
        "{outcomes:?}"
    );
    assert_eq!(app.mailbox.all().len(), 1);
    assert_eq!(app.records_of("CODE#").len(), 1);
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let genuine = app.request_token().await;
    assert_eq!(part(&genuine, 0)["alg"], "HS256");

    for (what, token) in forgeries(&genuine, &keys.session_key("k1")) {
        assert_eq!(spend(&app, &token).await, BURNED, "{what}");
    }

    assert_eq!(
        app.records().len(),
        0,
        "none of them got as far as being burned"
    );
    assert_eq!(spend(&app, &genuine).await, SPENT);
}

#[tokio::test]
async fn a_token_of_another_kind_is_refused() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let user = app.user("jane@example.com").await;
    let genuine = app.request_token().await;
    let session_key = EncodingKey::from_ec_der(&keys.session_key("k1"));
    let disguised = resigned(&genuine, Algorithm::ES256, &json!("k1"), &session_key);

    assert_eq!(spend(&app, &user.jwt).await, BURNED, "a session");
    assert_eq!(
        spend(&app, &disguised).await,
        BURNED,
        "under the session's key"
    );
}
