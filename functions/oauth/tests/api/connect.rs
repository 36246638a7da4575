//! The way that a connection is made.

use jiff::SignedDuration;
use serde_json::json;
use simulators::drives::{Fault, Scope, Vendor};
use testkit::{REDIRECT_URL, TestApp};
use url::Url;

use crate::{ask, cloud_type, generate_path, stored, token_calls};

#[tokio::test]
async fn consent_becomes_a_cloud_account() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let url = jane
            .post(&generate_path(vendor), ask(REDIRECT_URL, "Jane's drive"))
            .await
            .string();
        assert_eq!(stored(&app), 0, "nothing is connected by asking");

        let consent = testkit::Consent::at(vendor, &format!("{url}&auto=approve")).await;
        let account = jane.call_back(vendor, consent.callback()).await.json();

        assert_eq!(account["cloudType"], cloud_type(vendor));
        assert_eq!(account["name"], "Jane's drive");
        assert_eq!(account["shared"], true);
        assert_eq!(account["active"], true);
        assert_eq!(account["credentialsData"], "********");
        assert_eq!(account["accessKey"], json!(null));
        assert_eq!(account["secretKey"], json!(null));
        let keys = account.as_object().unwrap().len();
        assert_eq!(keys, 15, "{account}");
        assert_eq!(token_calls(&app, vendor), 1);
        let id = account["id"].as_str().unwrap();
        app.record(&format!("CLOUD#{id}"));
        let buckets = json!({"cloudAccountId": id});
        let buckets = jane.post("/api/v1/desktop/list_buckets", buckets).await;
        assert!(!buckets.json()["data"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_connection_counts_like_any_other() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    jane.connect_s3().await;
    for vendor in Vendor::ALL {
        jane.connect_drive(vendor).await;
    }
    let account = app.account_of("jane@example.com");
    let database = app.app.database();
    assert_eq!(database.connection_count(account).await.unwrap(), 5);
    assert_eq!(database.subscriptions(account).await.unwrap().len(), 5);
}

/// What the vendors need to give a refresh token, and what belongs to every authorization request.
#[tokio::test]
async fn the_url_asks_for_what_the_contract_says() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for (vendor, host, scope, parameters) in [
        (
            Vendor::Dropbox,
            "www.dropbox.com/oauth2/authorize",
            "account_info.read files.metadata.read files.content.read files.content.write",
            &[
                ("token_access_type", "offline"),
                ("code_challenge_method", "S256"),
            ][..],
        ),
        (
            Vendor::Box,
            "account.box.com/api/oauth2/authorize",
            "root_readwrite",
            &[],
        ),
        (
            Vendor::OneDrive,
            "login.microsoftonline.com/common/oauth2/v2.0/authorize",
            "Files.ReadWrite.All offline_access",
            &[("code_challenge_method", "S256")],
        ),
        (
            Vendor::GoogleDrive,
            "accounts.google.com/o/oauth2/v2/auth",
            "https://www.googleapis.com/auth/drive",
            &[
                ("access_type", "offline"),
                ("prompt", "consent"),
                ("code_challenge_method", "S256"),
            ],
        ),
    ] {
        let redirect = "com.example.desktop:/oauth?x=1&y=%2f";
        let answer = jane.post(&generate_path(vendor), ask(redirect, "D")).await;
        let url = Url::parse(&answer.string()).unwrap();
        let place = format!("{}/{host}", app.drives_url());
        assert_eq!(url.as_str().split('?').next().unwrap(), place);
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let one = |name: &str| {
            let mut values = query.iter().filter(|(known, _)| known == name);
            let value = values.next().map_or("", |(_, value)| value.as_str());
            assert!(values.next().is_none(), "{name} is there twice");
            value
        };
        assert_eq!(one("client_id"), vendor.client_id());
        assert_eq!(one("redirect_uri"), redirect, "byte for byte");
        assert_eq!(one("response_type"), "code");
        assert_eq!(one("scope"), scope);
        assert!(one("state").len() <= 500 && !one("state").is_empty());
        for (name, value) in parameters {
            assert_eq!(one(name), *value, "{vendor:?}");
        }
        let challenged = !one("code_challenge").is_empty();
        assert_eq!(challenged, vendor != Vendor::Box);
        assert!(!url.as_str().contains(&vendor.client_secret()));
    }
}

#[tokio::test]
async fn no_two_requests_share_state_or_challenge() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..20 {
        let url = jane.authorization_url(Vendor::Dropbox).await;
        let url = Url::parse(&url).unwrap();
        for (name, value) in url.query_pairs() {
            if name == "state" || name == "code_challenge" {
                assert!(seen.insert(value.into_owned()), "{name} again");
            }
        }
    }
    assert_eq!(seen.len(), 40);
}

/// The secrets of a connection, in whatever form, are nowhere in the table.
#[tokio::test]
async fn tokens_and_verifiers_are_stored_sealed() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in Vendor::ALL {
        jane.connect_drive(vendor).await;
    }
    let table = serde_json::to_string(&app.records()).unwrap();
    for canary in [
        "canary-access",
        "canary-refresh",
        "canary-code",
        "canary-client",
    ] {
        assert!(!table.contains(canary), "{canary}");
    }
    let sealed = app.records_of("STATE#");
    assert_eq!(sealed.len(), 4);
    for state in sealed {
        assert!(state["verifier"]["S"].as_str().unwrap().starts_with("v1."));
    }
}

/// A Box code lives for 30 seconds: whoever is late reads that the code is no good.
#[tokio::test]
async fn a_code_that_is_too_old_is_refused_by_the_vendor() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let consent = jane.consent(Vendor::Box, "approve").await;
    app.clock.advance(SignedDuration::from_secs(31));

    let answer = jane.call_back(Vendor::Box, consent.callback()).await;

    answer.expect_problem(499, "TOKEN");
    assert_eq!(stored(&app), 0);
}

#[tokio::test]
async fn an_outage_of_the_vendor_is_no_fault_of_the_code() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for (status, retry_after) in [(503, None), (500, None), (429, Some(7))] {
        let consent = jane.consent(Vendor::GoogleDrive, "approve").await;
        let vendor = app.drives.of(Vendor::GoogleDrive);
        let fault = Fault::Status {
            status,
            retry_after,
        };
        vendor.switches().add(fault, Scope::Token, Some(1));
        let answer = jane
            .call_back(Vendor::GoogleDrive, consent.callback())
            .await;
        answer.expect_problem(499, "INTERNAL_ERROR");
        let expected = retry_after.map_or("2".to_owned(), |seconds| seconds.to_string());
        assert_eq!(answer.header("retry-after"), expected);
    }
    assert_eq!(stored(&app), 0);
}

/// A no that is not in OAuth's words is a no all the same.
#[tokio::test]
async fn a_refusal_that_does_not_read_is_one_of_the_code() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for status in [400, 401, 403, 404] {
        let consent = jane.consent(Vendor::Box, "approve").await;
        let fault = Fault::Status {
            status,
            retry_after: None,
        };
        let switches = app.drives.of(Vendor::Box).switches();
        switches.add(fault, Scope::Token, Some(1));
        jane.call_back(Vendor::Box, consent.callback())
            .await
            .expect_problem(499, "TOKEN");
    }
    assert_eq!(stored(&app), 0);
}

/// If the account cannot be stored, nobody would use the grant: it is given back.
#[tokio::test]
async fn a_grant_that_cannot_be_stored_is_given_back() {
    for vendor in [Vendor::Dropbox, Vendor::Box] {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let consent = jane.consent(vendor, "approve").await;
        let account = app.record(&format!("ACCOUNT#{}", app.account_of("jane@example.com")));
        app.remove_record(&account).await;

        let answer = jane.call_back(vendor, consent.callback()).await;

        assert_eq!(answer.status, 500, "the Amove account is gone");
        assert_eq!(app.drives.of(vendor).grants().count(), (1, 1), "{vendor:?}");
    }
}
