//! What a request with a session must bring: the endpoint at hand is `get_accountlogsetting`.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderValue, Request};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use testkit::{KeyDocument, Response, TestApp};

use crate::SECOND;
use crate::forgery::{altered, forgeries, part, signed};

const PROBE: &str = "/api/v1/desktop/get_accountlogsetting";
const ENDED: &str = "401 SESSION The session has expired or was ended. Log in again.";
const NOT_VALID: &str = "401 AUTH Authorization: the bearer token is not valid";

async fn with_headers(app: &TestApp, headers: &[&[u8]]) -> Response {
    let mut request = Request::get(PROBE);
    for header in headers {
        let value = HeaderValue::from_bytes(header).unwrap();
        request = request.header("authorization", value);
    }
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    if answer.status == 401 {
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    answer
}

async fn with_header(app: &TestApp, header: &str) -> Response {
    with_headers(app, &[header.as_bytes()]).await
}

#[tokio::test]
async fn one_bearer_header_gets_in_however_its_scheme_is_written() {
    let app = TestApp::start().await;
    let jwt = app.user("jane@example.com").await.jwt.clone();
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer "] {
        let answer = with_header(&app, &format!("{scheme} {jwt}")).await;
        assert_eq!(answer.outcome(), "200", "{scheme:?}");
    }
}

#[tokio::test]
async fn every_other_header_is_a_401() {
    let app = TestApp::start().await;
    let jwt = app.user("jane@example.com").await.jwt.clone();
    let good = format!("Bearer {jwt}");
    for (header, why) in [
        ("", "empty"),
        ("Bearer", "no token"),
        ("Bearer ", "no token after the space"),
        (&jwt, "no scheme"),
        (&format!("Basic {jwt}"), "another scheme"),
        (&format!("Token {jwt}"), "another scheme"),
        (&format!("Bearer: {jwt}"), "a colon"),
        (&format!("Bearer\t{jwt}"), "a tab"),
        (&format!("Bearer {jwt} {jwt}"), "two tokens"),
        (&format!("Bearer {jwt},{good}"), "two in one header"),
        (&format!("Bearer {jwt}, Basic eDp5"), "two in one header"),
        (&format!("Bearer \"{jwt}\""), "quoted"),
        (&format!("Bearer token={jwt}"), "named"),
        (&format!("Bearer {}", "x".repeat(4_097)), "more than 4 kB"),
        ("Basic eDp5", "name and password"),
    ] {
        assert_eq!(
            with_header(&app, header).await.outcome(),
            NOT_VALID,
            "{why}"
        );
    }
    let (good, not_text) = (good.as_bytes(), b"Bearer \xFF\xFE".as_slice());
    for (headers, why) in [
        (&[good, good][..], "the same header twice"),
        (&[good, b"Basic eDp5"][..], "another scheme beside it"),
        (&[b"", good][..], "an empty one beside it"),
        (&[not_text][..], "bytes that are no text"),
    ] {
        assert_eq!(
            with_headers(&app, headers).await.outcome(),
            NOT_VALID,
            "{why}"
        );
    }
    assert_eq!(
        with_headers(&app, &[]).await.outcome(),
        "401 AUTH Authorization: a bearer token is required"
    );
}

#[tokio::test]
async fn a_session_ends_by_the_clock() {
    let app = TestApp::start_with(|config| config.session_lifetime = Duration::from_hours(1)).await;
    let user = app.user("jane@example.com").await;
    for (pause, outcome, when) in [
        (
            SignedDuration::from_mins(60) - SECOND,
            "200",
            "a second before its end",
        ),
        (SECOND, ENDED, "at its end"),
        (SignedDuration::from_hours(24), ENDED, "a day later"),
    ] {
        app.clock.advance(pause);
        assert_eq!(user.get(PROBE).await.outcome(), outcome, "{when}");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_five_seconds() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    app.clock.advance(-5 * SECOND);
    assert_eq!(user.get(PROBE).await.outcome(), "200");
    app.clock.advance(-SECOND);
    assert_eq!(user.get(PROBE).await.outcome(), NOT_VALID);
}

#[tokio::test]
async fn forged_sessions_are_refused() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let user = app.user("jane@example.com").await;

    for (what, token) in forgeries(&user.jwt, &keys.session_key("k1")) {
        let header = format!("Bearer {token}");
        let answer = with_headers(&app, &[header.as_bytes()]).await;
        assert_eq!(answer.outcome(), NOT_VALID, "{what}");
    }

    assert_eq!(user.get(PROBE).await.outcome(), "200");
}

#[tokio::test]
async fn another_users_claims_under_the_old_signature_are_refused() {
    let app = TestApp::start().await;
    let (jane, john) = (
        app.user("jane@example.com").await,
        app.user("john@example.com").await,
    );
    for claim in ["sub", "sid"] {
        let other = part(&john.jwt, 1)[claim].clone();
        let token = altered(&jane.jwt, 1, |claims| claims[claim] = other);
        assert_eq!(
            with_header(&app, &format!("Bearer {token}"))
                .await
                .outcome(),
            NOT_VALID,
            "{claim}"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_kind_is_refused() {
    let app = TestApp::start().await;
    app.user("jane@example.com").await;
    let token = app.request_token().await;
    assert_eq!(
        with_header(&app, &format!("Bearer {token}"))
            .await
            .outcome(),
        NOT_VALID
    );
}

/// Even under the right key every claim must be there and make sense.
#[tokio::test]
async fn our_own_signature_excuses_no_claim() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let (jane, john) = (
        app.user("jane@example.com").await,
        app.user("john@example.com").await,
    );
    let key = EncodingKey::from_ec_der(&keys.session_key("k1"));
    let genuine = part(&jane.jwt, 1);
    let now = app.clock.now().as_second();
    let outcome = async |claims: &Value| {
        let token = signed(claims, Algorithm::ES256, &json!("k1"), &key);
        with_header(&app, &format!("Bearer {token}"))
            .await
            .outcome()
    };
    assert_eq!(
        outcome(&genuine).await,
        "200",
        "the test signs as the service does"
    );

    for claim in ["iss", "aud", "iat", "nbf", "exp", "sub", "sid"] {
        let mut claims = genuine.clone();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(outcome(&claims).await, NOT_VALID, "no {claim}");
        for wrong in [
            json!(null),
            json!(true),
            json!({}),
            json!([genuine[claim]]),
            json!("x"),
        ] {
            let mut claims = genuine.clone();
            claims[claim] = wrong;
            assert_eq!(
                outcome(&claims).await,
                NOT_VALID,
                "{claim} is {}",
                claims[claim]
            );
        }
    }
    for (claim, value, expected) in [
        ("iss", json!("desktop-api/"), NOT_VALID),
        ("aud", json!("request"), NOT_VALID),
        ("nbf", json!(now + 6), NOT_VALID),
        ("iat", json!(now + 6), NOT_VALID),
        ("iat", json!(i64::MAX), NOT_VALID),
        ("exp", json!(now - 5), ENDED),
        ("exp", json!(i64::MIN), ENDED),
        ("exp", json!(1e18), NOT_VALID),
        ("sub", part(&john.jwt, 1)["sub"].clone(), ENDED),
        ("sid", part(&john.jwt, 1)["sid"].clone(), ENDED),
        ("sid", json!("00000000-0000-7000-8000-000000000000"), ENDED),
    ] {
        let mut claims = genuine.clone();
        claims[claim] = value;
        assert_eq!(
            outcome(&claims).await,
            expected,
            "{claim} is {}",
            claims[claim]
        );
    }
}

#[tokio::test]
async fn a_far_exp_does_not_outlive_the_stored_session() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let user = app.user("jane@example.com").await;
    let mut claims = part(&user.jwt, 1);
    claims["exp"] = json!(i64::MAX);
    let key = EncodingKey::from_ec_der(&keys.session_key("k1"));
    let token = signed(&claims, Algorithm::ES256, &json!("k1"), &key);

    app.clock.advance(SignedDuration::from_hours(24));

    assert_eq!(
        with_header(&app, &format!("Bearer {token}"))
            .await
            .outcome(),
        ENDED
    );
}
