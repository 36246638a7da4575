//! What a person or a vendor refuses.

use serde_json::json;
use simulators::drives::Vendor;
use testkit::{Consent, TestApp};

use crate::{stored, token_calls, with};

#[tokio::test]
async fn who_denies_is_told_so_and_nothing_is_exchanged() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let consent = jane.consent(vendor, "deny").await;
        assert_eq!(consent.parameter("error"), "access_denied");

        let answer = jane.call_back(vendor, consent.callback()).await;

        let message = answer.expect_problem(401, "ACCESS");
        assert!(message.starts_with("access_denied"), "{message}");
        assert_eq!(answer.header("www-authenticate"), "");
        assert_eq!((token_calls(&app, vendor), stored(&app)), (0, 0));
        // The way is closed: what was denied is asked anew.
        let again = with(consent.callback(), "code", "x");
        jane.call_back(vendor, with(again, "error", json!(null)))
            .await
            .expect_problem(400, "TOKEN");
    }
}

#[tokio::test]
async fn an_error_wins_over_a_code_and_its_words_are_text() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(Vendor::OneDrive, "approve").await;
    let hostile = "<script>alert(1)</script>\r\nX: y \u{1b}[2J\u{202e}".to_owned();
    let mut body = with(consent.callback(), "error", "server_error");
    body["errorDescription"] = json!(hostile + &"a".repeat(5_000));

    let answer = jane.call_back(Vendor::OneDrive, body).await;

    let message = answer.expect_problem(401, "ACCESS");
    assert!(message.starts_with("server_error: <script>alert(1)</script>X: y [2Ja"));
    assert_eq!(message.chars().count(), 512);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((token_calls(&app, Vendor::OneDrive), stored(&app)), (0, 0));
}

#[tokio::test]
async fn a_code_that_the_vendor_does_not_know_is_a_token_error() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let consent = jane.consent(vendor, "approve").await;
        let body = with(consent.callback(), "code", "canary-code-of-somebody-else");

        let answer = jane.call_back(vendor, body).await;

        answer.expect_problem(499, "TOKEN");
        assert_eq!(stored(&app), 0);
    }
}

#[tokio::test]
async fn a_code_without_text_is_refused_before_the_vendor_is_asked() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for code in [
        json!(null),
        json!(""),
        json!("a\nb"),
        json!("x".repeat(4_097)),
    ] {
        let consent = jane.consent(Vendor::Dropbox, "approve").await;
        let body = with(consent.callback(), "code", code);
        let answer = jane.call_back(Vendor::Dropbox, body).await;
        let message = answer.expect_problem(499, "DEFAULT");
        assert!(message.starts_with("code: "), "{message}");
    }
    assert_eq!(token_calls(&app, Vendor::Dropbox), 0);
}

/// Google lets people untick what is asked for.
#[tokio::test]
async fn a_permission_that_was_unticked_is_missed() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let url = jane.authorization_url(Vendor::GoogleDrive).await;
    let scope = "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdrive";
    let url = url.replace(scope, &format!("{scope}+{scope}.readonly"));
    let url = format!("{url}&auto=approve&granted={scope}.readonly");
    let consent = Consent::at(Vendor::GoogleDrive, &url).await;

    let answer = jane
        .call_back(Vendor::GoogleDrive, consent.callback())
        .await;

    let message = answer.expect_problem(499, "ACCESS");
    assert!(
        message.contains("https://www.googleapis.com/auth/drive was not given"),
        "{message}"
    );
    assert_eq!(stored(&app), 0);
}

/// Google ends all that a person gave the app when one of it is given back, so nothing is.
#[tokio::test]
async fn a_connection_of_the_same_person_outlives_one_that_fails_or_ends() {
    let vendor = Vendor::GoogleDrive;
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let kept = jane.connect_drive(vendor).await;

    let url = jane.authorization_url(vendor).await;
    let scope = "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdrive";
    let url = url.replace(scope, &format!("{scope}+{scope}.readonly"));
    let url = format!("{url}&auto=approve&granted={scope}.readonly");
    let consent = Consent::at(vendor, &url).await;
    jane.call_back(vendor, consent.callback())
        .await
        .expect_problem(499, "ACCESS");
    let other = jane.connect_drive(vendor).await;
    jane.delete(&format!("/api/v1/desktop/delete?id={other}"))
        .await
        .json();

    let list = json!({"cloudAccountId": kept, "bucketName": ""});
    jane.post("/api/v1/desktop/list_objects", list).await.json();
    assert!(app.holds_the_live_token(vendor, &kept).await);
}

/// A vendor that does not know our app is our trouble, and nobody's grant is dead of it.
#[tokio::test]
async fn a_vendor_that_does_not_take_our_own_secret_is_an_outage() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in Vendor::ALL {
        let consent = jane.consent(vendor, "approve").await;
        let keys = app.keys().with_app_secret(vendor.slug(), "of-last-year");
        app.set_keys(&keys);
        app.clock.advance(jiff::SignedDuration::from_secs(301));
        let answer = jane.call_back(vendor, consent.callback()).await;
        answer.expect_problem(499, "INTERNAL_ERROR");
        app.set_keys(
            &app.keys()
                .with_app_secret(vendor.slug(), &vendor.client_secret()),
        );
        app.clock.advance(jiff::SignedDuration::from_secs(301));
    }
    assert_eq!(stored(&app), 0);
}
