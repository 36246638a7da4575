//! Addresses that mail does not go to any more: nobody can tell.

use shared::database::MarkReason;
use shared::domain::email::EmailAddress;
use testkit::{PASSWORD, TestApp};

use crate::{MINUTE, attempts};

async fn mark(app: &TestApp, address: &str, reason: MarkReason) {
    let address = EmailAddress::parse("email", address).unwrap();
    let marked = app.app.database().mark_address(&address, reason).await;
    marked.unwrap();
}

#[tokio::test]
async fn a_marked_address_is_answered_like_any_other_and_not_mailed() {
    for reason in [MarkReason::Bounce, MarkReason::Complaint] {
        let app = TestApp::start().await;
        mark(&app, "JANE@example.com", reason).await;

        let marked = app.sign_up("Jane", "jane@Example.com", PASSWORD).await;
        let other = app.sign_up("Joe", "joe@example.com", PASSWORD).await;
        assert_eq!(marked.observable(), other.observable());
        assert_eq!(attempts(&app), 2, "an attempt is pending all the same");

        for _ in 0..10 {
            app.clock.advance(MINUTE);
            let marked = app.resend("jane@example.com").await;
            let other = app.resend("joe@example.com").await;
            assert_eq!(marked.observable(), other.observable());
        }
        assert_eq!(app.mailbox.messages_to("jane@example.com").len(), 0);
        assert_eq!(app.mailbox.messages_to("joe@example.com").len(), 10);
    }
}

#[tokio::test]
async fn the_marked_owner_of_a_taken_address_is_not_told() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;
    let before = app.mailbox.all().len();
    mark(&app, "owner@example.com", MarkReason::Complaint).await;

    let taken = app.sign_up("Jane", "owner@example.com", PASSWORD).await;
    let new = app.sign_up("Jane", "jane@example.com", PASSWORD).await;

    assert_eq!(taken.observable(), new.observable());
    assert_eq!(app.mailbox.all().len(), before + 1, "the new one alone");
}

#[tokio::test]
async fn a_lifted_mark_lets_mail_through_again() {
    let app = TestApp::start().await;
    mark(&app, "jane@example.com", MarkReason::Bounce).await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let marks = app.records_of("MAILMARK#");
    assert_eq!(marks.len(), 1);
    assert!(!marks[0].to_string().contains("jane"), "{}", marks[0]);
    assert!(marks[0].get("ttl").is_none(), "a mark does not expire");

    app.remove_record(&marks[0]).await;
    app.clock.advance(MINUTE);
    app.resend("jane@example.com").await.expect_empty();

    app.confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();
}

#[tokio::test]
async fn marks_of_many_addresses_are_read_at_once() {
    let app = TestApp::start().await;
    let database = app.app.database();
    let addresses: Vec<_> = (0..10)
        .map(|number| EmailAddress::parse("email", &format!("A{number}@example.com")).unwrap())
        .collect();
    let none = database.marked_addresses(&addresses).await.unwrap();
    assert_eq!(none.len(), 0);
    for marked in ["a3@example.com", "a7@example.com", "b@example.com"] {
        mark(&app, marked, MarkReason::Bounce).await;
    }

    // An address that is there twice is one.
    let twice = [addresses.clone(), addresses].concat();
    let marked = database.marked_addresses(&twice).await.unwrap();

    let expected = ["a3@example.com", "a7@example.com"].map(str::to_owned);
    assert_eq!(marked, expected.into());
    assert_eq!(database.marked_addresses(&[]).await.unwrap().len(), 0);
}
