//! A stranger signs up with an address that somebody owns.

use jiff::SignedDuration;
use testkit::{PASSWORD, TestApp};

use crate::{DAY, MINUTE, SECOND, attempts};

#[tokio::test]
async fn the_answer_is_the_same_for_a_new_a_pending_and_a_taken_address() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;

    let new = app.sign_up("Jane", "jane@example.com", PASSWORD).await;
    let pending = app.sign_up("Jane", "jane@example.com", PASSWORD).await;
    let taken = app.sign_up("Jane", "owner@example.com", PASSWORD).await;
    let taken_again = app.sign_up("Jane", "owner@example.com", PASSWORD).await;

    new.expect_empty();
    for (answer, why) in [
        (pending, "pending"),
        (taken, "taken"),
        (taken_again, "told before"),
    ] {
        assert_eq!(answer.observable(), new.observable(), "{why}");
    }
}

#[tokio::test]
async fn the_owner_is_told_and_reads_nothing_of_what_the_stranger_typed() {
    let app = TestApp::start().await;
    app.user("Owner@example.com").await;
    let before = app.records_of("USER#");

    app.sign_up(
        "Mallory <script>",
        "OWNER@example.com",
        "mallory's password",
    )
    .await
    .expect_empty();

    let mails = app.mailbox.messages_to("owner@example.com");
    assert_eq!(mails.len(), 2, "the code and the notice");
    let notice = &mails[0];
    assert_eq!(notice.to, "Owner@example.com", "the owner's own spelling");
    assert_eq!(notice.from, "Desktop <no-reply@desktop.example>");
    assert_eq!(notice.subject, "You already have an account");
    let asked = app.clock.now().strftime("%Y-%m-%d %H:%M UTC").to_string();
    for part in [&notice.text, &notice.html] {
        let words: Vec<_> = part.split_whitespace().collect();
        assert!(words.join(" ").contains("has an account already"), "{part}");
        assert!(part.contains(&asked), "{part}");
        for typed in ["Mallory", "script>", "OWNER", "mallory's"] {
            assert!(!part.contains(typed), "{typed} in {part}");
        }
    }
    assert_eq!(attempts(&app), 0);
    assert_eq!(app.records_of("USER#"), before);
    assert_eq!(app.log_in("owner@example.com", PASSWORD).await.status, 200);
    assert_eq!(
        app.log_in("owner@example.com", "mallory's password")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn the_owner_is_told_at_most_once_a_day() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;
    let steps = [
        (SignedDuration::ZERO, 1, "the first"),
        (MINUTE, 1, "a minute later"),
        (DAY - MINUTE - SECOND, 1, "a second before the day is over"),
        (SECOND, 2, "a day later"),
    ];
    for (pause, notices, when) in steps {
        app.clock.advance(pause);
        app.sign_up("Jane", "owner@example.com", PASSWORD)
            .await
            .expect_empty();
        let told = app.mailbox.all().len() - 1;
        assert_eq!(told, notices, "{when}");
    }
}

#[tokio::test]
async fn nothing_pending_is_one_404_whether_the_address_is_known_or_not() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    app.sign_up("Mallory", "owner@example.com", PASSWORD)
        .await
        .expect_empty();
    app.clock.advance(DAY);
    let mails = app.mailbox.all().len();

    let unknown = app.resend("nobody@example.com").await;
    let registered = app.resend("owner@example.com").await;
    let expired = app.resend("jane@example.com").await;

    assert_eq!(
        unknown.outcome(),
        "404 NOT_FOUND email: no sign-up is pending for this address"
    );
    assert_eq!(registered.observable(), unknown.observable());
    assert_eq!(expired.observable(), unknown.observable());
    assert_eq!(app.mailbox.all().len(), mails);
}

#[tokio::test]
async fn a_resend_after_a_signup_does_not_tell_a_taken_address_from_a_free_one() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;
    app.sign_up("Jane", "free@example.com", PASSWORD)
        .await
        .expect_empty();
    app.sign_up("Mallory", "owner@example.com", PASSWORD)
        .await
        .expect_empty();
    for (pause, when) in [
        (SignedDuration::ZERO, "at once"),
        (MINUTE, "a minute later"),
    ] {
        app.clock.advance(pause);
        let told = app.mailbox.messages_to("owner@example.com").len();

        let free = app.resend("free@example.com").await;
        let taken = app.resend("owner@example.com").await;

        free.expect_empty();
        assert_eq!(taken.observable(), free.observable(), "{when}");
        let mails = app.mailbox.messages_to("owner@example.com").len();
        assert_eq!(mails, told, "{when}: the owner is left in peace");
    }
}
