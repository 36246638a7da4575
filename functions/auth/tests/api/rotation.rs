//! Keys change while tokens are out, and the secret store may be away.

use std::sync::Arc;

use http::Method;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use testkit::{KeyDocument, PASSWORD, TestApp};

use crate::SECOND;
use crate::forgery::{part, resigned};

const PROBE: &str = "/api/v1/desktop/get_accountlogsetting";
/// How long the service uses the keys it has read.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

async fn probe(app: &TestApp, jwt: &str) -> u16 {
    app.request(Method::GET, PROBE, Some(jwt), None)
        .await
        .status
}

async fn login(app: &TestApp) -> String {
    let answer = app.log_in("jane@example.com", PASSWORD).await.json();
    answer["jwtToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_rotation_ends_no_session_and_new_ones_have_the_new_key() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    app.user("jane@example.com").await;
    let old = login(&app).await;
    let request_token = app.request_token().await;

    app.set_keys(&keys.rotated_to("k2"));
    assert_eq!(
        part(&login(&app).await, 0)["kid"],
        "k1",
        "the cached keys are fresh"
    );
    app.clock.advance(SECOND * 30);
    let body = json!({"requestToken": request_token, "jwtToken": login(&app).await});
    app.post("/api/authentication/logout", body)
        .await
        .expect_empty();
    app.clock.advance(FRESH);

    let new = login(&app).await;
    assert_eq!(part(&new, 0)["kid"], "k2");
    assert_eq!(part(&app.request_token().await, 0)["kid"], "k2");
    assert_eq!(
        (probe(&app, &old).await, probe(&app, &new).await),
        (200, 200)
    );

    app.set_keys(&KeyDocument::new("k3"));
    app.clock.advance(FRESH);
    for (jwt, which) in [(old, "k1"), (new, "k2")] {
        assert_eq!(probe(&app, &jwt).await, 401, "{which} was withdrawn");
    }
}

#[tokio::test]
async fn a_session_from_an_instance_with_newer_keys_gets_in_within_a_minute() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let user = app.user("jane@example.com").await;
    let rotated = keys.rotated_to("k2");
    app.set_keys(&rotated);
    let key = EncodingKey::from_ec_der(&rotated.session_key("k2"));
    let newer = resigned(&user.jwt, Algorithm::ES256, &json!("k2"), &key);
    let reads = app.control.secret_reads();

    app.clock.advance(SECOND * 59);
    assert_eq!(probe(&app, &newer).await, 401);
    assert_eq!(app.control.secret_reads(), reads);
    app.clock.advance(SECOND);

    assert_eq!(probe(&app, &newer).await, 200);
    assert_eq!(app.control.secret_reads(), reads + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_keys_cost_one_read_a_minute() {
    let app = Arc::new(TestApp::start().await);
    let jwt = app.user("jane@example.com").await.jwt.clone();
    let stranger = EncodingKey::from_ec_der(&KeyDocument::new("x").session_key("x"));
    assert_eq!(app.control.secret_reads(), 1, "the first request read them");

    for minute in 1..=3 {
        for _ in 0..2 {
            let statuses = app
                .at_once(25, |app, number| {
                    let kid = json!(format!("{minute}.{number}"));
                    let token = resigned(&jwt, Algorithm::ES256, &kid, &stranger);
                    async move { probe(&app, &token).await }
                })
                .await;
            assert_eq!(statuses, [401; 25]);
            assert_eq!(app.control.secret_reads(), minute);
        }
        app.clock.advance(SECOND * 60);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_start_reads_the_keys_once() {
    let app = Arc::new(TestApp::start().await);
    let tokens = app
        .at_once(25, |app, _| async move { app.request_token().await })
        .await;
    assert_eq!(tokens.len(), 25);
    assert_eq!(app.control.secret_reads(), 1);
}

#[tokio::test]
async fn a_failed_cold_start_is_not_remembered() {
    let app = TestApp::start().await;
    app.control.fail_secrets(usize::MAX);
    let path = "/api/authentication/request_token";
    let refused = app.request(Method::POST, path, None, None).await;
    assert_eq!(
        refused.outcome(),
        "499 INTERNAL_ERROR The service is starting. Try again."
    );
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    app.control.fail_secrets(0);

    assert_eq!(
        app.request(Method::POST, path, None, None).await.status,
        200
    );
}

#[tokio::test]
async fn the_keys_at_hand_serve_on_while_the_secret_store_is_away() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    app.control.fail_secrets(usize::MAX);
    app.clock.advance(FRESH);

    assert_eq!(user.get(PROBE).await.status, 200);
}
