//! What the table holds of a sign-up.

use std::collections::BTreeSet;

use data_encoding::BASE64;
use serde_json::json;
use testkit::canary::assert_absent;
use testkit::{PASSWORD, TestApp};

use crate::{DAY, MINUTE};

#[tokio::test]
async fn nothing_that_opens_a_door_is_stored_in_clear() {
    let app = TestApp::start().await;
    let request_token = app.request_token().await;
    let mut secrets = vec![("password", PASSWORD.to_owned())];
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let body = json!({"requestToken": &request_token, "email": "jane@example.com"});
    app.post("/api/v1/desktop/resend_confirmation_email", body)
        .await
        .expect_empty();
    secrets.push(("request token", request_token.clone()));
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    secrets.push(("signature of the request token", signature(&request_token)));
    let code = app.mailed_code("jane@example.com");
    secrets.push(("code", code.clone()));
    secrets.push(("code without hyphens", code.replace('-', "")));
    let code_bytes = crockford(&code);

    for when in ["pending", "confirmed"] {
        let dump = serde_json::to_string(&app.records()).unwrap();
        for (what, secret) in &secrets {
            assert_absent(&dump, &format!("{what} while {when}"), secret);
            assert_absent(
                &dump,
                &format!("{what} while {when}"),
                secret.to_lowercase(),
            );
        }
        assert_absent(&dump, "the code's bytes", code_bytes);
        assert_eq!(
            dump.matches("$argon2id$v=19$m=19456,t=2,p=1$").count(),
            1,
            "{when}"
        );
        if when == "pending" {
            let jwt = app.confirm(&code).await.string();
            secrets.push(("signature of the session", signature(&jwt)));
            secrets.push(("session", jwt));
        }
    }
}

/// The 16 bytes of a code, by arithmetic of the test's own.
fn crockford(code: &str) -> [u8; 16] {
    let digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bits = code
        .chars()
        .filter_map(|c| digits.find(c))
        .flat_map(|digit| (0..5).rev().map(move |bit| digit >> bit & 1));
    std::array::from_fn(|_| {
        bits.by_ref()
            .take(8)
            .fold(0, |byte, bit| byte << 1 | u8::try_from(bit).unwrap())
    })
}

#[tokio::test]
async fn no_two_codes_or_stored_hashes_are_alike() {
    let app = TestApp::start().await;
    let mut codes = BTreeSet::new();
    for number in 0..20 {
        let email = format!("jane{number}@example.com");
        app.sign_up("Jane", &email, PASSWORD).await.expect_empty();
        codes.insert(app.mailed_code(&email));
    }
    assert_eq!(codes.len(), 20);
    let hashes: BTreeSet<_> = app
        .records()
        .iter()
        .filter_map(|item| item["password_hash"]["S"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(hashes.len(), 20, "one password, twenty salts");
    assert!(
        !hashes
            .iter()
            .any(|hash| hash.contains(&BASE64.encode(PASSWORD.as_bytes())))
    );
}

/// Housekeeping deletes by `ttl`, which counts seconds and must never come before the expiry.
#[tokio::test]
async fn what_expires_is_deleted_later_and_what_stays_never() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    app.user("john@example.com").await;
    app.sign_up("Mallory", "john@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(DAY - MINUTE);
    for email in ["jane@example.com", "john@example.com"] {
        app.resend(email).await.expect_empty();
    }

    let now = app.clock.now().as_second();
    for record in app.records() {
        let pk = record["pk"]["S"].as_str().unwrap();
        let kind = pk.split('#').next().unwrap();
        let lives_on = match (kind, record["sk"]["S"].as_str().unwrap()) {
            ("USER" | "EMAIL" | "ACCOUNT", _) => None,
            ("RT", _) => Some(-DAY.as_secs()),
            ("SESSION", _) | ("PENDING", "NOTICE") => Some(MINUTE.as_secs()),
            _ => Some(DAY.as_secs()),
        };
        let ttl: Option<i64> = record["ttl"]["N"].as_str().map(|ttl| ttl.parse().unwrap());
        assert_eq!(ttl.is_some(), lives_on.is_some(), "{record}");
        let slack = 0..2 * DAY.as_secs();
        assert!(
            ttl.zip(lives_on)
                .is_none_or(|(ttl, life)| slack.contains(&(ttl - now - life))),
            "{record}"
        );
    }
}
