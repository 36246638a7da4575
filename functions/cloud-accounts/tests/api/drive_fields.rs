//! Drives that are inserted with tokens from elsewhere.

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulators::drives::{Fault, Scope, Vendor};
use testkit::TestApp;

use crate::{INSERT, snapshot};

const SCOPES: [(Vendor, u32, &[&str]); 4] = [
    (
        Vendor::Dropbox,
        128,
        &["account_info.read", "files.metadata.read"],
    ),
    (Vendor::Box, 256, &["root_readwrite"]),
    (Vendor::OneDrive, 512, &["Files.ReadWrite.All"]),
    (
        Vendor::GoogleDrive,
        1024,
        &["https://www.googleapis.com/auth/drive"],
    ),
];

fn body(cloud_type: u32, tokens: &Value) -> Value {
    json!({"cloudType": cloud_type, "name": "D", "credentialsData": tokens.to_string()})
}

#[tokio::test]
async fn tokens_that_work_are_stored_as_they_are() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for (vendor, cloud_type, scopes) in SCOPES {
        let issued = app.drives.of(vendor).grant(scopes);
        let tokens = json!({
            "access_token": issued.access_token,
            "refresh_token": issued.refresh_token,
            "expires_in": issued.expires_in.as_secs(),
            "token_type": "bearer",
        });
        let account = jane.post(INSERT, body(cloud_type, &tokens)).await.json();
        assert_eq!(account["credentialsData"], "********");
        assert_eq!(account["cloudType"], cloud_type);
        assert_eq!(app.drives.of(vendor).grants().refresh_calls, 0);
        let buckets = json!({"cloudAccountId": account["id"]});
        jane.post("/api/v1/desktop/list_buckets", buckets)
            .await
            .json();
    }
}

#[tokio::test]
async fn access_that_has_ended_is_renewed_before_it_is_tried() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for (vendor, cloud_type, scopes) in SCOPES {
        let simulator = app.drives.of(vendor);
        for revoked_by_clock in [true, false] {
            let issued = simulator.grant(scopes);
            let mut tokens = json!({"refreshToken": issued.refresh_token});
            if !revoked_by_clock {
                // Good by its date, and no good to the vendor.
                tokens["accessToken"] = json!("canary-access-of-yesterday");
                tokens["expiresIn"] = json!(3_600);
            }
            let account = jane.post(INSERT, body(cloud_type, &tokens)).await.json();
            let id = account["id"].as_str().unwrap();
            assert!(app.holds_the_live_token(vendor, id).await, "{vendor:?}");
        }
        assert_eq!(simulator.grants().refresh_calls, 2, "{vendor:?}");
    }
}

/// What a renewal brought is stored, whatever happens next: a token that works once is spent.
#[tokio::test]
async fn what_was_renewed_for_the_insert_is_not_lost_to_an_outage() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for (vendor, cloud_type, scopes) in SCOPES {
        let simulator = app.drives.of(vendor);
        let issued = simulator.grant(scopes);
        let outage = Fault::Status {
            status: 503,
            retry_after: None,
        };
        simulator.switches().add(outage, Scope::Api, None);
        // As SDKs print it.
        let tokens = json!({"refresh_token": issued.refresh_token});
        let pretty = serde_json::to_string_pretty(&tokens).unwrap();
        let body = json!({"cloudType": cloud_type, "name": "D", "credentialsData": pretty});
        let account = jane.post(INSERT, body).await.json();
        let id = account["id"].as_str().unwrap();
        assert!(app.holds_the_live_token(vendor, id).await, "{vendor:?}");
    }
}

/// Whoever disconnects after others have renewed ends what is alive, and not what was spent.
#[tokio::test]
async fn a_deletion_ends_the_tokens_that_are_alive() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    let read = app.app.database().cloud_account(id.parse().unwrap()).await;
    app.let_access_end(&id).await;
    app.post(crate::REFRESH, crate::refresh(&id)).await.json();
    let alive = app.tokens_of(&id).await;

    let deleted = app.app.database().delete_cloud_account(read.unwrap()).await;

    let deleted = deleted.unwrap().open(app.app.secrets()).await.unwrap();
    let ended = deleted.tokens().unwrap();
    assert_eq!(
        ended.refresh_token.expose_secret(),
        alive.refresh_token.expose_secret()
    );
}

#[tokio::test]
async fn what_does_not_last_or_does_not_work_is_not_stored() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let before = snapshot(&app);
    for (vendor, cloud_type, scopes) in SCOPES {
        let issued = app.drives.of(vendor).grant(scopes);
        app.drives.of(vendor).grants().revoke(&issued.access_token);
        let revoked = json!({
            "access_token": issued.access_token,
            "refresh_token": issued.refresh_token,
            "expires_in": 3_600,
        });
        for (tokens, code) in [
            (revoked, "ACCESS"),
            (json!({"access_token": "a", "expires_in": 60}), "ACCESS"),
            (json!({"refresh_token": "canary-unknown"}), "ACCESS"),
            (json!("canary"), "DEFAULT"),
            (json!({"refresh_token": 7}), "DEFAULT"),
        ] {
            let answer = jane.post(INSERT, body(cloud_type, &tokens)).await;
            answer.expect_problem(499, code);
            assert!(!answer.text().contains("canary"));
        }
    }
    assert_eq!(snapshot(&app), before);
}

#[tokio::test]
async fn a_drive_that_is_disconnected_is_ended_at_its_vendor() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in Vendor::ALL {
        let id = jane.connect_drive(vendor).await;
        // An access token that has ended is no obstacle.
        app.clock.advance(jiff::SignedDuration::from_hours(5));
        jane.delete(&crate::delete_path(&id)).await.json();
        let revoked = app.drives.of(vendor).grants().count().1;
        // Microsoft has no way to end one grant, and Google ends all that the person gave.
        let ends = matches!(vendor, Vendor::Dropbox | Vendor::Box);
        assert_eq!(revoked, usize::from(ends), "{vendor:?}");
        let record = app.record(&format!("CLOUD#{id}"));
        assert!(record.get("credentials_data").is_none());
    }
}

#[tokio::test]
async fn a_vendor_that_is_out_keeps_nobody_from_disconnecting() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in Vendor::ALL {
        let id = jane.connect_drive(vendor).await;
        app.drives
            .of(vendor)
            .switches()
            .add(Fault::LoseAnswer, Scope::All, None);
        jane.delete(&crate::delete_path(&id)).await.json();
        app.drives.of(vendor).switches().reset();
    }
    let account = app.account_of("jane@example.com");
    let count = app.app.database().connection_count(account).await;
    assert_eq!(count.unwrap(), 0);
}
