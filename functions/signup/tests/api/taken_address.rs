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
    assert_eq!(attempts(&app), 1, "one that nothing confirms");
    let stored = serde_json::to_string(&app.records_of("PENDING#")).unwrap();
    assert!(!stored.contains("argon2"), "{stored}");
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

/// However long and often somebody asks: a sign-up for an address that has an owner looks like any other.
#[tokio::test]
async fn what_follows_a_signup_does_not_tell_a_taken_address_from_a_free_one() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;
    let both = ["free@example.com", "owner@example.com"];
    let sign_up = async || {
        for email in both {
            let body = app.sign_up("Jane", email, PASSWORD).await;
            body.expect_empty();
        }
    };
    sign_up().await;
    let mut told = app.mailbox.messages_to("owner@example.com").len();
    let hours = SignedDuration::from_hours;
    let pauses = [SignedDuration::ZERO, MINUTE, SECOND, hours(23), hours(23)]
        .into_iter()
        .chain([MINUTE; 9])
        .chain([hours(24), SECOND]);
    for (step, pause) in pauses.enumerate() {
        app.clock.advance(pause);
        let [free, taken] = [app.resend(both[0]).await, app.resend(both[1]).await];
        assert_eq!(taken.observable(), free.observable(), "step {step}");
        match step {
            0..11 => free.expect_empty(),
            11..14 => drop(free.expect_problem(499, "SECURITY")),
            _ => drop(free.expect_problem(404, "NOT_FOUND")),
        }
        let mails = app.mailbox.messages_to("owner@example.com").len();
        assert_eq!(mails, told, "step {step}: the owner is left in peace");
    }
    // And so does the next one.
    sign_up().await;
    told += 1;
    for pause in [SignedDuration::ZERO, MINUTE] {
        app.clock.advance(pause);
        let [free, taken] = [app.resend(both[0]).await, app.resend(both[1]).await];
        free.expect_empty();
        assert_eq!(taken.observable(), free.observable());
        assert_eq!(app.mailbox.messages_to("owner@example.com").len(), told);
    }
}
