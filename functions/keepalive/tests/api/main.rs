//! The schedule's job: grants that are idle are used before their vendors let them die.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulators::drives::{Fault, Scope, Vendor};
use testkit::TestApp;
use testkit::lambda::Lambda;

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

fn refreshes(app: &TestApp, vendor: Vendor) -> usize {
    app.drives.of(vendor).grants().refresh_calls
}

/// The drive answers; the session is of now.
async fn works(app: &TestApp, id: &str) -> bool {
    let jane = testkit::User::log_in(app, "jane@example.com", 16).await;
    let buckets = json!({"cloudAccountId": id});
    let answer = jane.post("/api/v1/desktop/list_buckets", buckets).await;
    answer.status == 200
}

#[tokio::test]
async fn a_grant_that_would_die_of_idleness_lives_on() {
    for (vendor, life, interval) in [
        (Vendor::Box, days(60), days(31)),
        (Vendor::OneDrive, days(90), days(46)),
        (Vendor::GoogleDrive, days(182), days(91)),
    ] {
        let (kept, left) = (TestApp::start().await, TestApp::start().await);
        let mut ids = Vec::new();
        for app in [&kept, &left] {
            let jane = app.user("jane@example.com").await;
            ids.push(jane.connect_drive(vendor).await);
            app.clock.advance(interval);
        }
        keepalive::sweep(kept.app.clone()).await.unwrap();
        assert_eq!(refreshes(&kept, vendor), 1, "{vendor:?}");
        for app in [&kept, &left] {
            app.clock.advance(life - interval + days(1));
        }
        assert!(works(&kept, &ids[0]).await, "{vendor:?}");
        assert!(!works(&left, &ids[1]).await, "{vendor:?} dies without it");
    }
}

#[tokio::test]
async fn what_is_in_use_or_cannot_die_is_left_alone() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    jane.connect_s3().await;
    let demo = format!("CLOUD#{}", app.give_demo_drive(&jane).await);
    let record = app.record(&demo);
    for vendor in Vendor::ALL {
        jane.connect_drive(vendor).await;
    }
    app.clock.advance(days(29));
    keepalive::sweep(app.app.clone()).await.unwrap();
    assert!(
        Vendor::ALL
            .iter()
            .all(|vendor| refreshes(&app, *vendor) == 0)
    );

    app.clock.advance(days(2));
    keepalive::sweep(app.app.clone()).await.unwrap();
    keepalive::sweep(app.app.clone()).await.unwrap();
    let counts = Vendor::ALL.map(|vendor| refreshes(&app, vendor));
    assert_eq!(counts, [0, 1, 0, 0], "Box alone, and once");
    assert_eq!(app.record(&demo), record);
}

#[tokio::test]
async fn one_that_fails_keeps_nobody_else_waiting() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for _ in 0..20 {
        jane.connect_drive(Vendor::Box).await;
    }
    app.clock.advance(days(31));
    let fault = Fault::Status {
        status: 503,
        retry_after: None,
    };
    let vendor = app.drives.of(Vendor::Box);
    vendor.switches().add(fault, Scope::Token, Some(3));

    keepalive::sweep(app.app.clone()).await.unwrap();
    assert_eq!(refreshes(&app, Vendor::Box), 17);
    app.clock.advance(SignedDuration::from_mins(1));
    keepalive::sweep(app.app.clone()).await.unwrap();
    assert_eq!(refreshes(&app, Vendor::Box), 20, "the next run goes on");
}

#[tokio::test]
async fn a_dead_grant_is_flagged_for_its_user() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    app.drives.of(Vendor::Box).grants().revoke_all();
    app.clock.advance(days(31));

    keepalive::sweep(app.app.clone()).await.unwrap();

    let record: Value = app.record(&format!("CLOUD#{id}"));
    assert_eq!(record["active"]["BOOL"], false);
    assert!(
        record["inactive_reason"]["S"]
            .as_str()
            .unwrap()
            .contains("Connect it again")
    );
}

/// The function's real binary, invoked by the schedule's event.
#[tokio::test]
async fn the_schedules_event_runs_it() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    // The process lives by the machine's clock: the grant was last used long ago.
    let mut record = app.record(&format!("CLOUD#{id}"));
    let long_ago = app.clock.now() - days(31);
    record["refreshed_ms"] = json!({"N": long_ago.as_millisecond().to_string()});
    record["token_expires"] = json!({"S": long_ago.to_string()});
    app.put_record(&record).await;

    let mut lambda = Lambda::start(&app, env!("CARGO_BIN_EXE_keepalive")).await;
    let event = include_str!("../../../../events/keepalive/scheduled.json");
    lambda.invoke_job(event).await;

    let printed = lambda.stop().await;
    assert!(printed.contains("\"renewed\":1"), "{printed}");
    assert_eq!(refreshes(&app, Vendor::Box), 1);
}
