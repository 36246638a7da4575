//! Attacks on the state: each is a 400, nothing is exchanged, and the way that was attacked stays
//! open to who opened it.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulators::drives::Vendor;
use testkit::{TestApp, User};

use crate::{stored, token_calls, with};

const VENDOR: Vendor = Vendor::Dropbox;

/// The callback is refused, and nothing came of it.
async fn expect_refused(app: &TestApp, user: &User<'_>, vendor: Vendor, body: Value) {
    let answer = user.call_back(vendor, body).await;
    let message = answer.expect_problem(400, "TOKEN");
    assert!(message.starts_with("state: "), "{message}");
    for vendor in Vendor::ALL {
        assert_eq!(token_calls(app, vendor), 0, "nothing is exchanged");
    }
    assert_eq!(stored(app), 0);
}

#[tokio::test]
async fn another_user_cannot_use_it() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    let consent = jane.consent(VENDOR, "approve").await;

    expect_refused(&app, &mallory, VENDOR, consent.callback()).await;

    jane.call_back(VENDOR, consent.callback()).await.json();
}

#[tokio::test]
async fn a_colleague_cannot_use_it() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let carl = app.colleague(&jane, "carl@example.com", 16).await;
    let consent = jane.consent(VENDOR, "approve").await;

    expect_refused(&app, &carl, VENDOR, consent.callback()).await;

    jane.call_back(VENDOR, consent.callback()).await.json();
}

#[tokio::test]
async fn it_is_good_for_no_other_provider() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for asked in Vendor::ALL {
        let consent = jane.consent(asked, "approve").await;
        for other in Vendor::ALL {
            if other != asked {
                expect_refused(&app, &jane, other, consent.callback()).await;
            }
        }
    }
}

#[tokio::test]
async fn it_is_good_for_no_other_redirect_url() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(VENDOR, "approve").await;
    for url in [
        "http://127.0.0.1:8123/callback/",
        "http://127.0.0.1:8124/callback",
        "https://evil.example/callback",
        "HTTP://127.0.0.1:8123/callback",
        "javascript:alert(1)",
        "",
    ] {
        let body = with(consent.callback(), "redirectURL", url);
        expect_refused(&app, &jane, VENDOR, body).await;
    }
    jane.call_back(VENDOR, consent.callback()).await.json();
}

#[tokio::test]
async fn it_expires() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(VENDOR, "approve").await;
    app.clock.advance(SignedDuration::from_mins(10));
    expect_refused(&app, &jane, VENDOR, consent.callback()).await;

    let consent = jane.consent(VENDOR, "approve").await;
    app.clock.advance(SignedDuration::from_secs(599));
    jane.call_back(VENDOR, consent.callback()).await.json();
}

#[tokio::test]
async fn it_works_once() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(VENDOR, "approve").await;
    jane.call_back(VENDOR, consent.callback()).await.json();

    let again = jane.call_back(VENDOR, consent.callback()).await;

    again.expect_problem(400, "TOKEN");
    assert_eq!((token_calls(&app, VENDOR), stored(&app)), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_at_once_one_works() {
    let app = Arc::new(TestApp::start().await);
    let (jwt, body) = {
        let jane = app.user("jane@example.com").await;
        let consent = jane.consent(VENDOR, "approve").await;
        (jane.jwt.clone(), consent.callback())
    };
    let answers = app
        .at_once(50, |app, _| {
            let (jwt, body) = (jwt.clone(), body.clone());
            async move {
                let path = "/api/v1/desktop/dropbox_authorization_callback";
                let answer = app.request(http::Method::POST, path, Some(&jwt), Some(&body));
                answer.await.status
            }
        })
        .await;
    let count = |status| answers.iter().filter(|one| **one == status).count();
    assert_eq!((count(200), count(400)), (1, 49));
    assert_eq!((token_calls(&app, VENDOR), stored(&app)), (1, 1));
}

#[tokio::test]
async fn a_changed_letter_makes_it_worthless() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(VENDOR, "approve").await;
    let state = consent.parameter("state").to_owned();
    for (at, letter) in state.char_indices().step_by(7) {
        let other = if letter == 'A' { "B" } else { "A" };
        let changed = [&state[..at], other, &state[at + 1..]].concat();
        let body = with(consent.callback(), "state", changed);
        expect_refused(&app, &jane, VENDOR, body).await;
    }
    for state in ["", ".", "..", "a.b.c", &state[1..], &format!("{state}x")] {
        let body = with(consent.callback(), "state", state);
        expect_refused(&app, &jane, VENDOR, body).await;
    }
    jane.call_back(VENDOR, consent.callback()).await.json();
}

#[tokio::test]
async fn an_unsigned_one_is_worthless() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(VENDOR, "approve").await;
    let parts: Vec<&str> = consent.parameter("state").split('.').collect();
    for algorithm in ["none", "None", "NONE"] {
        let header = json!({"typ": "JWT", "alg": algorithm, "kid": "k1"});
        let header = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        for signature in ["", parts[2]] {
            let state = format!("{header}.{}.{signature}", parts[1]);
            let body = with(consent.callback(), "state", state);
            expect_refused(&app, &jane, VENDOR, body).await;
        }
    }
    let body = with(
        consent.callback(),
        "state",
        format!("{}.{}.", parts[0], parts[1]),
    );
    expect_refused(&app, &jane, VENDOR, body).await;
}

/// Our other tokens are signed too, and are good for something else.
#[tokio::test]
async fn one_signed_with_another_of_our_keys_is_worthless() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(VENDOR, "approve").await;
    let request_token = app.request_token().await;
    let session = jane.jwt.clone();
    // The claims of a state under the signature of another kind: every part is ours.
    let parts: Vec<&str> = consent.parameter("state").split('.').collect();
    let foreign: Vec<&str> = request_token.split('.').collect();
    let mixed = format!("{}.{}.{}", parts[0], parts[1], foreign[2]);
    for state in [request_token.clone(), session, mixed] {
        let body = with(consent.callback(), "state", state);
        expect_refused(&app, &jane, VENDOR, body).await;
    }
    // And the other way round.
    let login = json!({
        "requestToken": consent.parameter("state"),
        "username": "jane@example.com",
        "password": testkit::PASSWORD,
        "type": 16,
    });
    app.post("/api/authentication/login", login)
        .await
        .expect_problem(499, "TOKEN");
}

/// A state of another deployment, or of keys that are gone, is none of ours.
#[tokio::test]
async fn one_of_foreign_keys_is_worthless() {
    let (app, elsewhere) = (TestApp::start().await, TestApp::start().await);
    let jane = app.user("jane@example.com").await;
    let other = elsewhere.user("jane@example.com").await;
    let consent = other.consent(VENDOR, "approve").await;
    expect_refused(&app, &jane, VENDOR, consent.callback()).await;
}
