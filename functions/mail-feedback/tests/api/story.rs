//! From a mail to a mark, and what is mailed then: nothing, and nobody can tell.

use testkit::{PASSWORD, TestApp};
use tokio::time::Duration;

use crate::{reasons, tell};

/// SES's mailbox simulator, which takes labels; an address for each test of it.
const BOUNCES: &str = "bounce+jane@simulator.amazonses.com";
const COMPLAINS: &str = "Complaint+jane@simulator.amazonses.com";

#[tokio::test]
async fn who_complained_is_answered_like_anybody_and_not_mailed_again() {
    let app = TestApp::start().await;
    app.sign_up("Jane", COMPLAINS, PASSWORD)
        .await
        .expect_empty();
    assert_eq!(app.mailbox.messages_to(COMPLAINS).len(), 1);

    let event = app.control.feedback().take().expect("SES tells of it");
    tell(&app, &event).await.unwrap();
    assert_eq!(reasons(&app), ["complaint"]);

    app.sign_up("Joe", "joe@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(jiff::SignedDuration::from_mins(1));
    for (marked, other) in [
        (
            app.resend(COMPLAINS).await,
            app.resend("joe@example.com").await,
        ),
        (
            app.sign_up("Jane", COMPLAINS, PASSWORD).await,
            app.sign_up("Joe", "joe@example.com", PASSWORD).await,
        ),
    ] {
        assert_eq!(marked.observable(), other.observable());
        assert_eq!(marked.status, 200);
    }
    assert_eq!(app.mailbox.messages_to(COMPLAINS).len(), 1);
    assert_eq!(app.mailbox.messages_to("joe@example.com").len(), 2);

    // The code that was mailed before is good all the same.
    app.confirm(&app.mailed_code(COMPLAINS)).await.string();
}

#[tokio::test]
async fn what_bounced_is_not_tried_again() {
    let app = TestApp::start().await;
    app.sign_up("Jane", BOUNCES, PASSWORD).await.expect_empty();
    assert_eq!(app.mailbox.all().len(), 0, "there is no such mailbox");
    let event = app.control.feedback().take().expect("SES tells of it");
    tell(&app, &event).await.unwrap();
    assert_eq!(reasons(&app), ["bounce"]);

    app.clock.advance(jiff::SignedDuration::from_mins(1));
    app.resend(BOUNCES).await.expect_empty();

    assert_eq!(app.control.feedback().take(), None, "SES got nothing");
}

#[tokio::test]
async fn without_a_configuration_set_ses_tells_nothing() {
    let app = TestApp::start_with(|config| config.mail_configuration_set = None).await;
    for address in [BOUNCES, COMPLAINS, "jane@example.com"] {
        app.sign_up("Jane", address, PASSWORD).await.expect_empty();
    }
    let feedback = app.control.feedback();
    let told = tokio::time::timeout(Duration::from_millis(1), feedback.next());
    assert!(told.await.is_err());
    assert_eq!(app.mailbox.all().len(), 2);
}
