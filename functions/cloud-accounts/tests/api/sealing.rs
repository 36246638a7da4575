//! Credentials in the table: unreadable, and good for nothing anywhere but in their place.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{KeyDocument, S3_ACCESS_KEY, S3_SECRET_KEY, TestApp, User, canary};

use crate::{INSERT, REFRESH, delete_path, expect_defect, refresh, with};

/// OAuth tokens, as one value.
const TOKENS: &str = "canary-refresh-token/+of the drive";

/// A connected account whose credentials are all set; answers its id.
async fn connect(jane: &User<'_>) -> String {
    let body = with(jane.s3_connection(), "credentialsData", TOKENS);
    let account = jane.post(INSERT, body).await.json();
    account["id"].as_str().expect("an id").to_owned()
}

async fn reads(jane: &User<'_>, id: &str) -> bool {
    let answer = jane.storage("list_buckets", id, json!({})).await;
    if answer.status != 200 {
        expect_defect(&answer);
        expect_defect(&jane.post(REFRESH, refresh(id)).await);
    }
    answer.status == 200
}

fn url_encoded(secret: &str) -> String {
    secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[tokio::test]
async fn no_spelling_of_a_credential_is_in_the_table() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (kept, deleted) = (connect(&jane).await, connect(&jane).await);
    jane.delete(&delete_path(&deleted)).await.json();

    let table = Value::from(app.records()).to_string();
    for (what, secret) in [
        ("the access key", S3_ACCESS_KEY),
        ("the secret key", S3_SECRET_KEY),
        ("the tokens", TOKENS),
    ] {
        canary::assert_absent(&table, what, secret);
        assert!(!table.contains(&url_encoded(secret)), "{what}, for a URL");
    }
    let record = app.record(&format!("CLOUD#{kept}"));
    for attribute in ["access_key", "secret_key", "credentials_data"] {
        let sealed = record[attribute]["S"].as_str().unwrap();
        assert!(sealed.starts_with("v1.k1."), "{attribute}: {sealed}");
    }
    let emptied = app.record(&format!("CLOUD#{deleted}")).to_string();
    assert!(!emptied.contains("v1.k1."), "{emptied}");
}

#[tokio::test]
async fn equal_credentials_are_sealed_differently_each_time() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (one, other) = (connect(&jane).await, connect(&jane).await);
    let (one, other) = (
        app.record(&format!("CLOUD#{one}")),
        app.record(&format!("CLOUD#{other}")),
    );

    for attribute in ["access_key", "secret_key", "credentials_data"] {
        assert_ne!(one[attribute], other[attribute]);
    }
}

#[tokio::test]
async fn a_sealed_value_does_not_open_in_another_place() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    // All with equal credentials: only the place can make the difference.
    let id = connect(&jane).await;
    let record = app.record(&format!("CLOUD#{id}"));
    let own = app.record(&format!("CLOUD#{}", connect(&jane).await));
    let foreign = app.record(&format!("CLOUD#{}", connect(&mallory).await));

    for (source, from, to, reason) in [
        (&own, "access_key", "access_key", "another record"),
        (&own, "secret_key", "secret_key", "another record"),
        (
            &own,
            "credentials_data",
            "credentials_data",
            "another record",
        ),
        (&foreign, "secret_key", "secret_key", "another account"),
        (&record, "access_key", "secret_key", "another attribute"),
        (&record, "secret_key", "access_key", "another attribute"),
        (
            &record,
            "secret_key",
            "credentials_data",
            "another attribute",
        ),
    ] {
        let mut changed = record.clone();
        changed[to] = source[from].clone();
        app.put_record(&changed).await;
        assert!(!reads(&jane, &id).await, "{from} as {to} of {reason}");
    }
    app.put_record(&record).await;
    assert!(reads(&jane, &id).await);
}

#[tokio::test]
async fn a_whole_record_does_not_open_under_another_id() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = connect(&jane).await;
    let mut record = app.record(&format!("CLOUD#{id}"));

    let other = "019f0000-0000-7000-8000-000000000000";
    record["pk"] = json!({"S": format!("CLOUD#{other}")});
    record["id"] = json!({"S": other});
    app.put_record(&record).await;

    assert!(!reads(&jane, other).await);
}

#[tokio::test]
async fn a_sealed_value_with_any_character_changed_does_not_open() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = connect(&jane).await;
    let record = app.record(&format!("CLOUD#{id}"));
    let sealed = record["access_key"]["S"].as_str().unwrap().to_owned();

    let flipped = (0..sealed.len()).map(|at| {
        let other = if sealed[at..].starts_with('A') {
            "B"
        } else {
            "A"
        };
        let mut text = sealed.clone();
        text.replace_range(at..=at, other);
        text
    });
    let cut = [
        String::new(),
        "v1".to_owned(),
        "v1.k1.".to_owned(),
        sealed[..sealed.len() - 4].to_owned(),
        format!("{sealed}AAAA"),
        format!(" {sealed}"),
        S3_ACCESS_KEY.to_owned(),
    ];
    for text in flipped.chain(cut) {
        let mut changed = record.clone();
        changed["access_key"] = json!({"S": text});
        app.put_record(&changed).await;
        assert!(!reads(&jane, &id).await, "{text} for {sealed}");
    }
    app.put_record(&record).await;
    assert!(reads(&jane, &id).await);
}

#[tokio::test]
async fn keys_rotate_under_stored_credentials() {
    let app = TestApp::start().await;
    let first = KeyDocument::new("k1");
    let second = first.rotated_to("k2");
    app.set_keys(&first);
    let jane = app.user("jane@example.com").await;
    let old = connect(&jane).await;

    app.set_keys(&second);
    app.clock.advance(SignedDuration::from_mins(5));
    let new = connect(&jane).await;

    for (id, key) in [(&old, "v1.k1."), (&new, "v1.k2.")] {
        let record = app.record(&format!("CLOUD#{id}"));
        for attribute in ["access_key", "secret_key", "credentials_data"] {
            let sealed = record[attribute]["S"].as_str().unwrap();
            assert!(sealed.starts_with(key), "{attribute}: {sealed}");
        }
        assert!(reads(&jane, id).await);
    }
}

#[tokio::test]
async fn a_key_that_another_process_has_read_already_is_fetched() {
    let app = TestApp::start().await;
    let first = KeyDocument::new("k1");
    app.set_keys(&first);
    let jane = app.user("jane@example.com").await;
    app.set_keys(&first.rotated_to("k2"));
    app.clock.advance(SignedDuration::from_mins(2));

    let newer = app.another_process();
    let account = newer.post(INSERT, &jane.jwt, &jane.s3_connection()).await;

    let id = account.json()["id"].as_str().unwrap().to_owned();
    let record = app.record(&format!("CLOUD#{id}"));
    let sealed = record["secret_key"]["S"].as_str().unwrap();
    assert!(sealed.starts_with("v1.k2."), "{sealed}");
    assert!(reads(&jane, &id).await);
}

#[tokio::test]
async fn a_key_that_is_gone_opens_nothing_and_harms_nothing_else() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let old = connect(&jane).await;

    app.set_keys(&KeyDocument::new("k2"));
    app.clock.advance(SignedDuration::from_mins(5));
    // The old session was signed with a key that is gone as well.
    let jane = User::log_in(&app, "jane@example.com", 16).await;
    let new = connect(&jane).await;

    assert!(!reads(&jane, &old).await);
    assert!(reads(&jane, &new).await);
}

#[tokio::test]
async fn a_key_of_the_same_name_is_not_the_same_key() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = connect(&jane).await;

    app.set_keys(&KeyDocument::new("k1"));
    app.clock.advance(SignedDuration::from_mins(5));
    let jane = User::log_in(&app, "jane@example.com", 16).await;

    assert!(!reads(&jane, &id).await);
}
