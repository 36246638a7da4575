//! What both endpoints take and refuse, and from whom.

use serde_json::{Value, json};
use simulators::drives::Vendor;
use testkit::{REDIRECT_URL, TestApp};

use crate::{ask, generate_path, with};

#[tokio::test]
async fn without_a_session_nobody_is_asked_and_nothing_connected() {
    let app = TestApp::start().await;
    for vendor in Vendor::ALL {
        let callback = format!("/api/v1/desktop/{}_authorization_callback", vendor.slug());
        let body = json!({"code": "c", "state": "s", "redirectURL": REDIRECT_URL});
        for (path, body) in [
            (generate_path(vendor), ask(REDIRECT_URL, "D")),
            (callback, body),
        ] {
            let answer = app.post(&path, body).await;
            answer.expect_problem(401, "AUTH");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    assert!(app.records_of("STATE#").is_empty());
}

#[tokio::test]
async fn a_field_that_breaks_a_rule_is_named() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for (field, value) in [
        ("redirectURL", json!(null)),
        ("redirectURL", json!(5)),
        ("redirectURL", json!("")),
        ("redirectURL", json!("/callback")),
        ("redirectURL", json!("http://app.example.com/callback")),
        ("redirectURL", json!("https://app.example.com/callback#x")),
        ("redirectURL", json!("https://u:p@app.example.com/")),
        ("redirectURL", json!("javascript:alert(1)")),
        ("cloudName", json!(null)),
        ("cloudName", json!("")),
        ("cloudName", json!("a".repeat(51))),
        ("cloudName", json!("a\u{202e}b")),
        ("shared", json!("yes")),
    ] {
        for vendor in Vendor::ALL {
            let body = with(ask(REDIRECT_URL, "D"), field, value.clone());
            let answer = jane.post(&generate_path(vendor), body).await;
            let message = answer.expect_problem(499, "DEFAULT");
            assert!(message.starts_with(&format!("{field}: ")), "{message}");
        }
    }
    assert!(app.records_of("STATE#").is_empty());
}

#[tokio::test]
async fn a_name_of_fifty_characters_of_any_script_fits_every_vendors_state() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for name in ["👩".repeat(50), "\"\\".repeat(25), "字".repeat(50)] {
        for vendor in Vendor::ALL {
            let body = ask(REDIRECT_URL, &name);
            let url = jane.post(&generate_path(vendor), body).await.string();
            let consent = testkit::Consent::at(vendor, &format!("{url}&auto=approve")).await;
            let account = jane.call_back(vendor, consent.callback()).await.json();
            assert_eq!(account["name"], name);
        }
    }
}

#[tokio::test]
async fn a_deployment_may_list_its_redirect_urls() {
    let app = TestApp::start_with(|config| {
        config.redirect_urls = vec![REDIRECT_URL.to_owned()];
    })
    .await;
    let jane = app.user("jane@example.com").await;
    jane.connect_drive(Vendor::Dropbox).await;
    let body = ask("https://app.example.com/callback", "D");
    jane.post(&generate_path(Vendor::Dropbox), body)
        .await
        .expect_problem(499, "DEFAULT");
}

#[tokio::test]
async fn a_vendor_that_is_not_set_up_says_so() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    app.set_keys(&app.keys().without_app("box"));
    app.clock.advance(jiff::SignedDuration::from_secs(301));
    let answer = jane
        .post(&generate_path(Vendor::Box), ask(REDIRECT_URL, "D"))
        .await;
    let message = answer.expect_problem(499, "DEFAULT");
    assert!(message.contains("not set up"), "{message}");
    jane.connect_drive(Vendor::Dropbox).await;
}

/// Clients post whole objects back; what is not asked for is ignored.
#[tokio::test]
async fn shared_comes_from_the_question_and_not_from_the_callback() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(Vendor::Dropbox, "approve").await;
    let mut body: Value = consent.callback();
    body["shared"] = json!(true);
    body["cloudName"] = json!("Another");
    let account = jane.call_back(Vendor::Dropbox, body).await.json();
    assert_eq!(
        (&account["shared"], &account["name"]),
        (&json!(false), &json!("My drive"))
    );
}
