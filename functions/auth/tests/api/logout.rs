use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use testkit::{KeyDocument, PASSWORD, TestApp};

use crate::BURNED;
use crate::forgery::{altered, forgeries, resigned};

const PATH: &str = "/api/authentication/logout";
const PROBE: &str = "/api/v1/desktop/get_accountlogsetting";

#[tokio::test]
async fn a_logout_ends_the_session_at_once() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    assert_eq!(user.get(PROBE).await.status, 200);

    app.log_out(&user.jwt).await.expect_empty();

    let refused = user.get(PROBE).await;
    assert_eq!(
        refused.outcome(),
        "401 SESSION The session has expired or was ended. Log in again."
    );
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    assert_eq!(app.records_of("SESSION#").len(), 0);
    assert_eq!(app.log_in("jane@example.com", PASSWORD).await.status, 200);
    assert_eq!(
        user.get(PROBE).await.status,
        401,
        "a new login revives nothing"
    );
}

#[tokio::test]
async fn a_logout_may_be_repeated() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    for _ in 0..3 {
        app.log_out(&user.jwt).await.expect_empty();
    }
}

#[tokio::test]
async fn a_session_that_has_expired_is_logged_out() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    app.clock.advance(SignedDuration::from_hours(25));
    app.log_out(&user.jwt).await.expect_empty();
}

#[tokio::test]
async fn a_logout_ends_nobody_elses_session() {
    let app = TestApp::start().await;
    let (jane, john) = (
        app.user("jane@example.com").await,
        app.user("john@example.com").await,
    );

    app.log_out(&jane.jwt).await.expect_empty();

    assert_eq!(jane.get(PROBE).await.status, 401);
    assert_eq!(john.get(PROBE).await.status, 200);
}

#[tokio::test]
async fn a_malformed_body_is_refused_by_field_and_does_not_cost_the_request_token() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let good = json!({"jwtToken": user.jwt});
    app.refuse_then_accept(PATH, good, &[]).await.expect_empty();
    assert_eq!(user.get(PROBE).await.status, 401);
}

#[tokio::test]
async fn what_is_no_session_of_ours_is_a_401_and_ends_nothing() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let (jane, john) = (
        app.user("jane@example.com").await,
        app.user("john@example.com").await,
    );
    let key = keys.session_key("k1");
    let mut refused = forgeries(&jane.jwt, &key);
    refused.push(("a request token".to_owned(), app.request_token().await));
    let swapped = altered(&jane.jwt, 1, |claims| {
        claims["sid"] = crate::forgery::part(&john.jwt, 1)["sid"].clone();
    });
    refused.push(("somebody else's session".to_owned(), swapped));
    let audience = resigned(
        &app.request_token().await,
        Algorithm::ES256,
        &json!("k1"),
        &EncodingKey::from_ec_der(&key),
    );
    refused.push(("our signature under another kind".to_owned(), audience));

    for (what, token) in refused {
        let answer = app.log_out(&token).await;
        assert_eq!(answer.outcome(), "401 AUTH jwtToken: not valid", "{what}");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
    }

    assert_eq!(jane.get(PROBE).await.status, 200);
    assert_eq!(john.get(PROBE).await.status, 200);
}

#[tokio::test]
async fn a_logout_costs_its_request_token_whatever_comes_of_it() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    for (jwt, status) in [(&*user.jwt, 200), ("garbage", 401)] {
        let body = json!({"requestToken": app.request_token().await, "jwtToken": jwt});
        assert_eq!(app.post(PATH, body.clone()).await.status, status, "{jwt}");
        assert_eq!(app.post(PATH, body).await.outcome(), BURNED, "{jwt}");
    }
}

#[tokio::test]
async fn without_a_request_token_a_logout_ends_nothing() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let body = json!({"requestToken": "spent", "jwtToken": user.jwt});
    assert_eq!(app.post(PATH, body).await.outcome(), BURNED);
    assert_eq!(user.get(PROBE).await.status, 200);
}
