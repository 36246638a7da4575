//! The collector's token in the table: unreadable, and good for nothing but in its place.

use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{KeyDocument, Response, TestApp, canary};

use crate::{DELETE, GET, SETUP, TOKEN, UPDATE, collector, stored, with};

#[track_caller]
fn expect_defect(answer: &Response) {
    assert_eq!((answer.status, answer.text()), (500, ""));
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn no_spelling_of_the_token_is_in_the_table() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();
    let url_encoded = TOKEN.replace('/', "%2F").replace('+', "%2B");

    for _ in 0..2 {
        let table = Value::from(app.records()).to_string();
        canary::assert_absent(&table, "the token", TOKEN);
        assert!(!table.contains(&url_encoded));
        let sealed = stored(&app)[0]["token"]["S"].clone();
        assert!(sealed.as_str().unwrap().starts_with("v1.k1."), "{sealed}");
        jane.put(UPDATE, setting.clone()).await.json();
    }
}

#[tokio::test]
async fn a_sealed_token_does_not_open_in_another_account() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    jane.post(SETUP, collector()).await.json();
    let janes = stored(&app).remove(0);
    let own = mallory.post(SETUP, collector()).await.json();
    let mut mallorys = stored(&app)
        .into_iter()
        .find(|record| record["id"]["S"] == own["id"])
        .unwrap();

    mallorys["token"] = janes["token"].clone();
    app.put_record(&mallorys).await;

    expect_defect(&mallory.get(GET).await);
    assert_eq!(jane.get(GET).await.json()["token"], TOKEN);
    // A new token mends it.
    let body = with(own, "token", "another-canary");
    mallory.put(UPDATE, body.clone()).await.json();
    assert_eq!(mallory.get(GET).await.json(), body);
}

#[tokio::test]
async fn a_sealed_token_with_a_character_changed_does_not_open() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    jane.post(SETUP, collector()).await.json();
    let record = stored(&app).remove(0);
    let sealed = record["token"]["S"].as_str().unwrap();

    for at in 0..sealed.len() {
        let other = if sealed[at..].starts_with('A') {
            "B"
        } else {
            "A"
        };
        let mut changed = sealed.to_owned();
        changed.replace_range(at..=at, other);
        app.put_record(&with(record.clone(), "token", json!({"S": changed})))
            .await;
        expect_defect(&jane.get(GET).await);
    }
    jane.delete(DELETE).await.expect_empty();
}

#[tokio::test]
async fn keys_rotate_under_a_stored_token() {
    let app = TestApp::start().await;
    let keys = KeyDocument::new("k1");
    app.set_keys(&keys);
    let jane = app.user("jane@example.com").await;
    let setting = jane.post(SETUP, collector()).await.json();

    app.set_keys(&keys.rotated_to("k2"));
    app.clock.advance(SignedDuration::from_mins(5));

    assert_eq!(jane.get(GET).await.json(), setting);
    jane.put(UPDATE, setting.clone()).await.json();
    let sealed = stored(&app)[0]["token"]["S"].clone();
    assert!(sealed.as_str().unwrap().starts_with("v1.k2."), "{sealed}");
    assert_eq!(jane.get(GET).await.json(), setting);
}
