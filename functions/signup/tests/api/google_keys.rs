//! Google's keys: read when they are needed, kept for as long as Google says, and what happens when
//! they change or do not come. The number of reads is part of what is told.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use simulators::google_identity::{KeyFault, SigningKey};
use testkit::TestApp;

use crate::{DAY, SECOND};

/// The answer of a service that has checked a token and knows nobody like that.
const CHECKED: &str =
    "499 AUTH There is no user with this Google account. Sign up with Google first.";
const REFUSED: &str =
    "499 AUTH idToken: is no valid Google ID token for this service. Sign in with Google again.";
const UNAVAILABLE: &str = "499 INTERNAL_ERROR Google's answer is needed to check the token and \
                           does not come. Try again.";
/// An unknown key makes the keys be read again no sooner than this after the last time.
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
const DOWN: KeyFault = KeyFault::Status { status: 503 };

/// Somebody comes with a fresh token.
async fn come(app: &TestApp) -> String {
    come_with(app, &app.google().signing_key()).await
}

/// Somebody comes with a fresh token that `key` has signed.
async fn come_with(app: &TestApp, key: &SigningKey) -> String {
    let claims = app.google().claims(&json!({}));
    let token = key.sign(&key.header(), &claims);
    app.google_sign_in(&token).await.outcome()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_start_reads_the_keys_once() {
    let app = Arc::new(TestApp::start().await);
    let outcomes = app.at_once(25, async |app, _| come(&app).await).await;
    assert_eq!(outcomes, [CHECKED; 25]);
    assert_eq!(app.google().key_fetches(), 1);
}

#[tokio::test]
async fn the_keys_are_kept_for_as_long_as_google_says() {
    for (cache_control, seconds) in [
        ("public, max-age=600, must-revalidate", 600),
        (
            "public, max-age=19800, must-revalidate, no-transform",
            19_800,
        ),
        ("max-age=604800", 86_400),
        ("", 300),
    ] {
        let app = TestApp::start().await;
        app.google().set_cache_control(cache_control);
        assert_eq!(come(&app).await, CHECKED);
        app.clock.advance(SignedDuration::from_secs(seconds - 1));
        assert_eq!(come(&app).await, CHECKED);
        assert_eq!(app.google().key_fetches(), 1, "{cache_control}");
        app.clock.advance(SECOND);
        assert_eq!(come(&app).await, CHECKED);
        assert_eq!(app.google().key_fetches(), 2, "{cache_control}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_keys_cost_one_read_in_five_minutes() {
    let app = Arc::new(TestApp::start().await);
    assert_eq!(come(&app).await, CHECKED);
    let stranger = SigningKey::generate();
    for round in 1..=4 {
        for batch in 0..5 {
            let outcomes = app
                .at_once(50, |app, number| {
                    let mut header = stranger.header();
                    header["kid"] = json!(format!("{round}.{batch}.{number}"));
                    let claims = app.google().claims(&json!({}));
                    let token = stranger.sign(&header, &claims);
                    async move { app.google_sign_in(&token).await.outcome() }
                })
                .await;
            assert_eq!(outcomes, [REFUSED; 50]);
            assert_eq!(app.google().key_fetches(), round);
        }
        app.clock.advance(PAUSE);
    }
}

#[tokio::test]
async fn a_new_key_is_known_within_five_minutes_and_an_old_one_until_google_withdraws_it() {
    let app = TestApp::start().await;
    assert_eq!(come(&app).await, CHECKED);
    let old = app.google().signing_key();
    app.google().rotate();
    app.clock.advance(PAUSE - SECOND);
    assert_eq!(come(&app).await, REFUSED, "the keys were just read");
    assert_eq!(app.google().key_fetches(), 1);
    app.clock.advance(SECOND);
    assert_eq!(come(&app).await, CHECKED);
    assert_eq!(come_with(&app, &old).await, CHECKED);
    assert_eq!(app.google().key_fetches(), 2);

    app.google().rotate();
    app.clock.advance(PAUSE);
    assert_eq!(come(&app).await, CHECKED);
    assert_eq!(come_with(&app, &old).await, REFUSED);
    assert_eq!(app.google().key_fetches(), 3);
}

#[tokio::test]
async fn without_a_pause_a_new_key_is_known_at_once() {
    let app = TestApp::start_with(|config| config.google_keys_pause = SignedDuration::ZERO).await;
    for rotations in 1..=3 {
        assert_eq!(come(&app).await, CHECKED);
        assert_eq!(app.google().key_fetches(), rotations);
        app.google().rotate();
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    for fault in [
        DOWN,
        KeyFault::Status { status: 404 },
        KeyFault::Huge,
        KeyFault::NotJson,
        KeyFault::NoKeys,
    ] {
        let app = TestApp::start().await;
        app.google().fail(fault.clone(), 1);
        let token = app.google().id_token(&json!({}));
        let answer = app.google_sign_up(&token).await;
        assert_eq!(answer.outcome(), UNAVAILABLE, "{fault:?}");
        assert_eq!(answer.header("retry-after"), "2");
        app.google_sign_up(&token).await.expect_empty();
        assert_eq!(app.google().key_fetches(), 2, "{fault:?}");
    }
}

/// The wait is of two seconds, and nobody waits in turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_google_that_hangs_is_waited_for_once_by_all() {
    let app = Arc::new(TestApp::start().await);
    app.google().fail(KeyFault::Slow { ms: 60_000 }, 1);
    let start = tokio::time::Instant::now();
    let outcomes = app.at_once(25, async |app, _| come(&app).await).await;
    assert_eq!(outcomes, [UNAVAILABLE; 25]);
    assert_eq!(app.google().key_fetches(), 1);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    assert_eq!(come(&app).await, CHECKED);
}

#[tokio::test]
async fn the_keys_at_hand_serve_on_for_a_day_while_google_is_away() {
    let app = TestApp::start().await;
    app.google().set_cache_control("max-age=600");
    assert_eq!(come(&app).await, CHECKED);
    app.google().fail(DOWN, usize::MAX);
    app.clock.advance(SECOND * 600);
    for _ in 0..5 {
        assert_eq!(come(&app).await, CHECKED);
    }
    assert_eq!(app.google().key_fetches(), 2, "it is not asked each time");
    app.clock.advance(SECOND * 10);
    assert_eq!(come(&app).await, CHECKED);
    assert_eq!(app.google().key_fetches(), 3);
    app.clock.advance(DAY - SECOND * 11);
    assert_eq!(come(&app).await, CHECKED);
    app.clock.advance(SECOND);
    assert_eq!(come(&app).await, UNAVAILABLE);

    app.google().fail(DOWN, 0);
    app.clock.advance(SECOND * 10);
    assert_eq!(come(&app).await, CHECKED);
}

/// Whether an unknown key is a new one, only Google can say.
#[tokio::test]
async fn a_new_key_is_not_refused_while_google_is_away() {
    let app = TestApp::start().await;
    assert_eq!(come(&app).await, CHECKED);
    let old = app.google().signing_key();
    app.google().rotate();
    app.clock.advance(PAUSE);
    app.google().fail(DOWN, 1);
    assert_eq!(come(&app).await, UNAVAILABLE);
    assert_eq!(come(&app).await, UNAVAILABLE);
    assert_eq!(come_with(&app, &old).await, CHECKED);
    assert_eq!(app.google().key_fetches(), 2);
    app.clock.advance(SECOND * 10);
    assert_eq!(come(&app).await, CHECKED);
    assert_eq!(app.google().key_fetches(), 3);
}
