//! The refresh of drives' tokens, as its callers see it.

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulators::drives::{Fault, Scope, Vendor};
use testkit::TestApp;

use crate::{REFRESH, delete_path, expect_not_found, refresh};

fn calls(app: &TestApp, vendor: Vendor) -> usize {
    app.drives.of(vendor).grants().refresh_calls
}

/// Somebody is refreshing the account.
fn is_leased(app: &TestApp, id: &str) -> bool {
    app.record(&format!("CLOUD#{id}"))["lease_owner"]["S"].is_string()
}

async fn until_leased(app: &TestApp, id: &str) {
    while !is_leased(app, id) {
        tokio::task::yield_now().await;
    }
}

fn unavailable(retry_after: Option<u64>) -> Fault {
    Fault::Status {
        status: 429,
        retry_after,
    }
}

#[tokio::test]
async fn a_token_with_more_than_five_minutes_left_is_not_refreshed() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        let life = app
            .tokens_of(&id)
            .await
            .expires
            .duration_since(app.clock.now());
        app.clock.advance(life - SignedDuration::from_secs(301));
        for _ in 0..20 {
            app.post(REFRESH, refresh(&id)).await.json();
        }
        assert_eq!(calls(&app, vendor), 0);

        app.clock.advance(SignedDuration::from_secs(1));
        for _ in 0..20 {
            app.post(REFRESH, refresh(&id)).await.json();
        }
        assert_eq!(calls(&app, vendor), 1, "{vendor:?}");
        assert!(app.holds_the_live_token(vendor, &id).await);
    }
}

#[tokio::test]
async fn a_stranger_reads_masks_and_who_sees_the_account_reads_the_access_token() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    for vendor in Vendor::ALL {
        let id = jane.connect_drive(vendor).await;
        app.let_access_end(&id).await;
        let masked = app.post(REFRESH, refresh(&id)).await;
        assert_eq!(masked.json()["credentialsData"], "********");
        assert!(!masked.text().contains("canary"));
        let foreign = mallory.post(REFRESH, refresh(&id)).await;
        assert_eq!(foreign.observable(), masked.observable());

        let own = jane.post(REFRESH, refresh(&id)).await;
        let data = own.json()["credentialsData"].as_str().unwrap().to_owned();
        let data: Value = serde_json::from_str(&data).unwrap();
        let tokens = app.tokens_of(&id).await;
        assert_eq!(data["accessToken"], tokens.access_token.expose_secret());
        assert_eq!(data["expiresAt"], tokens.expires.to_string());
        assert_eq!(data.as_object().unwrap().len(), 2);
        assert!(!own.text().contains("canary-refresh"));
    }
}

#[tokio::test]
async fn a_dead_grant_is_flagged_and_not_asked_for_again() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        app.drives.of(vendor).grants().revoke_all();
        app.let_access_end(&id).await;
        let record = || app.record(&format!("CLOUD#{id}"));
        for _ in 0..5 {
            let answer = app.post(REFRESH, refresh(&id)).await;
            let message = answer.expect_problem(499, "ACCESS");
            assert!(message.contains("revoked or has expired"), "{message}");
            assert_eq!(record()["active"]["BOOL"], false);
        }
        let list = json!({"cloudAccountId": id});
        jane.post("/api/v1/desktop/list_buckets", list)
            .await
            .expect_problem(499, "ACCESS");
        assert_eq!(calls(&app, vendor), 1, "{vendor:?}");
        jane.delete(&delete_path(&id)).await.json();
    }
}

#[tokio::test]
async fn after_a_failure_the_vendor_is_left_in_peace() {
    for vendor in Vendor::ALL {
        for (asked, pause) in [
            (None, 30),
            (Some(7), 30),
            (Some(90), 90),
            (Some(999_999), 86_400),
        ] {
            let app = TestApp::start().await;
            let jane = app.user("jane@example.com").await;
            let id = jane.connect_drive(vendor).await;
            app.let_access_end(&id).await;
            let switches = app.drives.of(vendor).switches();
            switches.add(unavailable(asked), Scope::Token, Some(1));

            for _ in 0..5 {
                let answer = app.post(REFRESH, refresh(&id)).await;
                answer.expect_problem(499, "INTERNAL_ERROR");
                assert_eq!(answer.header("retry-after"), pause.to_string());
            }
            assert_eq!(calls(&app, vendor), 0, "what was refused did not count");
            app.clock.advance(SignedDuration::from_secs(pause - 1));
            app.post(REFRESH, refresh(&id))
                .await
                .expect_problem(499, "INTERNAL_ERROR");
            app.clock.advance(SignedDuration::from_secs(1));
            app.post(REFRESH, refresh(&id)).await.json();
            assert_eq!(calls(&app, vendor), 1);
        }
    }
}

/// While there is something left of the old access token, a failure hurts nobody.
#[tokio::test]
async fn the_old_token_serves_to_its_end() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::OneDrive).await;
    app.clock.advance(SignedDuration::from_mins(57));
    let switches = app.drives.of(Vendor::OneDrive).switches();
    switches.add(unavailable(None), Scope::Token, None);
    let list = json!({"cloudAccountId": id});

    jane.post("/api/v1/desktop/list_buckets", list.clone())
        .await
        .json();
    app.post(REFRESH, refresh(&id)).await.json();
    app.clock.advance(SignedDuration::from_mins(3));
    jane.post("/api/v1/desktop/list_buckets", list)
        .await
        .expect_problem(499, "INTERNAL_ERROR");
}

#[tokio::test]
async fn a_secret_of_ours_that_is_wrong_flags_nobody() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in Vendor::ALL {
        let id = jane.connect_drive(vendor).await;
        app.set_keys(&app.keys().with_app_secret(vendor.slug(), "of-last-year"));
        app.clock.advance(SignedDuration::from_secs(301));
        app.let_access_end(&id).await;
        app.post(REFRESH, refresh(&id))
            .await
            .expect_problem(499, "INTERNAL_ERROR");
        let record = app.record(&format!("CLOUD#{id}"));
        assert_eq!(record["active"]["BOOL"], true, "{vendor:?}");
    }
}

/// What nobody understands kills no grant.
#[tokio::test]
async fn a_refusal_that_does_not_read_flags_nobody() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        app.let_access_end(&id).await;
        let fault = Fault::Status {
            status: 400,
            retry_after: None,
        };
        let switches = app.drives.of(vendor).switches();
        switches.add(fault, Scope::Token, Some(1));
        app.post(REFRESH, refresh(&id))
            .await
            .expect_problem(499, "INTERNAL_ERROR");
        app.clock.advance(SignedDuration::from_secs(30));
        app.post(REFRESH, refresh(&id)).await.json();
    }
}

/// A request that has no time left for the vendor does not ask it: what is cut off may be lost.
#[tokio::test]
async fn who_has_no_time_left_does_not_ask() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    app.let_access_end(&id).await;
    let stored = app.app.database().cloud_account(id.parse().unwrap()).await;
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(5);
    let late = shared::deadline::within(end, app.app.refresher().fresh(stored.unwrap())).await;
    let error = late.expect_err("there is no time");
    assert_eq!(error.kind(), shared::domain::ErrorKind::Unavailable);
    assert_eq!(calls(&app, Vendor::Box), 0);
    app.post(REFRESH, refresh(&id)).await.json();
}

#[tokio::test]
async fn a_provider_that_refuses_a_good_token_costs_one_refresh() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        let list = json!({"cloudAccountId": id, "bucketName": ""});
        let now = app.drives.of(vendor).clock().now();
        app.drives.of(vendor).grants().expire_access(now);

        jane.post("/api/v1/desktop/list_objects", list.clone())
            .await
            .json();
        assert_eq!(calls(&app, vendor), 1, "{vendor:?}");

        // One that refuses everything: one more, and that is it.
        let refuse = Fault::Status {
            status: 401,
            retry_after: None,
        };
        let switches = app.drives.of(vendor).switches();
        switches.add(refuse, Scope::Api, None);
        jane.post("/api/v1/desktop/list_objects", list)
            .await
            .expect_problem(499, "ACCESS");
        // Dropbox says what it means by a 401, and says nothing here: no refresh would mend it.
        let expected = if vendor == Vendor::Dropbox { 1 } else { 2 };
        assert_eq!(calls(&app, vendor), expected, "{vendor:?}");
    }
}

/// What the vendor refuses again and again is not renewed for ever: each renewal spends a token.
#[tokio::test]
async fn a_refusal_that_no_refresh_mends_is_believed_in_the_end() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    let list = json!({"cloudAccountId": id, "bucketName": ""});
    let refuse = Fault::Status {
        status: 401,
        retry_after: None,
    };
    let switches = app.drives.of(Vendor::Box).switches();
    switches.add(refuse, Scope::Api, None);
    for _ in 0..12 {
        jane.post("/api/v1/desktop/list_objects", list.clone())
            .await
            .expect_problem(499, "ACCESS");
    }
    assert_eq!(calls(&app, Vendor::Box), 5);
    switches.reset();
    jane.post("/api/v1/desktop/list_objects", list.clone())
        .await
        .json();
    app.clock.advance(SignedDuration::from_mins(10));
    let now = app.drives.of(Vendor::Box).clock().now();
    app.drives.of(Vendor::Box).grants().expire_access(now);
    jane.post("/api/v1/desktop/list_objects", list).await.json();
    assert_eq!(
        calls(&app, Vendor::Box),
        6,
        "after a while it is tried again"
    );
}

/// Who only wants to use the drive does not wait for another's refresh while the old token works.
#[tokio::test]
async fn a_slow_refresh_keeps_nobody_from_using_the_old_token() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::OneDrive).await;
    app.clock.advance(SignedDuration::from_mins(57));
    let switches = app.drives.of(Vendor::OneDrive).switches();
    switches.add(Fault::SlowAnswer { ms: 3_000 }, Scope::Token, Some(1));
    let process = app.another_process();
    let list = json!({"cloudAccountId": id});
    let body = refresh(&id);
    let slow = process.request(http::Method::POST, REFRESH, None, Some(&body));
    let quick = async {
        until_leased(&app, &id).await;
        let answer = jane.post("/api/v1/desktop/list_buckets", list).await;
        answer.json();
        is_leased(&app, &id)
    };
    let (slow, still_under_way) = tokio::join!(slow, quick);
    slow.json();
    assert!(
        still_under_way,
        "the drive was used before the refresh ended"
    );
    assert_eq!(calls(&app, Vendor::OneDrive), 1);
}

/// Whoever disconnects while the vendor is at it wins, and the new tokens are given back.
#[tokio::test]
async fn a_deletion_during_the_refresh_wins() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    app.let_access_end(&id).await;
    let switches = app.drives.of(Vendor::Box).switches();
    switches.add(Fault::SlowAnswer { ms: 700 }, Scope::Token, Some(1));

    let path = delete_path(&id);
    let deleted = async {
        until_leased(&app, &id).await;
        jane.delete(&path).await.json()
    };
    let (answer, _) = tokio::join!(app.post(REFRESH, refresh(&id)), deleted);

    expect_not_found(&answer);
    let record = app.record(&format!("CLOUD#{id}"));
    assert_eq!(record["deleted"]["BOOL"], true);
    assert!(record.get("credentials_data").is_none());
    assert_eq!(app.drives.of(Vendor::Box).grants().count(), (1, 1));
}

/// The write of received tokens is repeated, and its own repeat is no rival.
#[tokio::test]
async fn a_lost_answer_of_our_own_table_loses_no_token() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        app.faults
            .skip_pauses(tokio::time::pause, tokio::time::resume);
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        // Read, lease, and the save whose answer is lost.
        for spared in 0..3 {
            app.let_access_end(&id).await;
            app.faults.lose_answers_after(spared, 1);
            app.post(REFRESH, refresh(&id)).await.json();
            assert_eq!(app.faults.struck(), 1, "{vendor:?} {spared}");
            assert!(
                app.holds_the_live_token(vendor, &id).await,
                "{vendor:?} {spared}"
            );
        }
        assert_eq!(calls(&app, vendor), 3);
    }
}
