//! Several people, or one person several times, sign up with one address.

use std::sync::Arc;

use testkit::{PASSWORD, TestApp};

use crate::{MINUTE, attempts};

const UNKNOWN: &str = "404 NOT_FOUND token: unknown, expired or already used";

/// Mallory signs up with Jane's address, then Jane does; the codes of both, which Jane's mailbox
/// gets.
async fn codes_of_mallory_and_jane(app: &TestApp) -> (String, String) {
    app.sign_up("Mallory", "jane@example.com", "mallory's password")
        .await
        .expect_empty();
    let mallorys = app.mailed_code("jane@example.com");
    app.clock.advance(MINUTE);
    app.sign_up("Jane", "jane@example.com", "jane's password")
        .await
        .expect_empty();
    let janes = app.mailed_code("jane@example.com");
    assert_ne!(mallorys, janes);
    (mallorys, janes)
}

#[tokio::test]
async fn the_owners_code_activates_the_owners_password_though_a_stranger_was_first() {
    let app = TestApp::start().await;
    let (mallorys, janes) = codes_of_mallory_and_jane(&app).await;

    app.confirm(&janes).await.string();

    assert_eq!(app.user_record("jane@example.com")["name"]["S"], "Jane");
    assert_eq!(
        app.log_in("jane@example.com", "jane's password")
            .await
            .status,
        200
    );
    assert_eq!(
        app.log_in("jane@example.com", "mallory's password")
            .await
            .status,
        401
    );
    assert_eq!(
        app.confirm(&mallorys).await.outcome(),
        UNKNOWN,
        "it voids the other"
    );
}

#[tokio::test]
async fn the_owners_code_activates_the_owners_password_though_a_stranger_came_after() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", "jane's password")
        .await
        .expect_empty();
    let janes = app.mailed_code("jane@example.com");
    for seconds in [0, 61] {
        app.clock.advance(seconds * crate::SECOND);
        app.sign_up("Mallory", "Jane@Example.com", "mallory's password")
            .await
            .expect_empty();
    }
    let mallorys = app.mailed_code("jane@example.com");

    app.confirm(&janes).await.string();

    assert_eq!(app.user_record("jane@example.com")["name"]["S"], "Jane");
    assert_eq!(
        app.log_in("jane@example.com", "jane's password")
            .await
            .status,
        200
    );
    assert_eq!(
        app.log_in("jane@example.com", "mallory's password")
            .await
            .status,
        401
    );
    assert_eq!(
        app.confirm(&mallorys).await.outcome(),
        UNKNOWN,
        "it voids the others"
    );
    assert_eq!(app.resend("jane@example.com").await.status, 404);
}

/// The mail shows the name, so whoever reads it knows whose attempt a code is; the code is still
/// good for exactly that attempt.
#[tokio::test]
async fn a_strangers_code_activates_the_strangers_attempt_only() {
    let app = TestApp::start().await;
    let (mallorys, janes) = codes_of_mallory_and_jane(&app).await;

    app.confirm(&mallorys).await.string();

    assert_eq!(app.user_record("jane@example.com")["name"]["S"], "Mallory");
    assert_eq!(
        app.log_in("jane@example.com", "mallory's password")
            .await
            .status,
        200
    );
    assert_eq!(
        app.log_in("jane@example.com", "jane's password")
            .await
            .status,
        401
    );
    assert_eq!(
        app.confirm(&janes).await.outcome(),
        UNKNOWN,
        "it voids the other"
    );
}

#[tokio::test]
async fn a_resent_code_is_the_newest_attempts() {
    let app = TestApp::start().await;
    let (_, janes) = codes_of_mallory_and_jane(&app).await;

    app.clock.advance(MINUTE);
    app.resend("JANE@example.com").await.expect_empty();

    assert_eq!(app.mailed_code("jane@example.com"), janes);
    assert!(app.mailbox.all()[0].text.starts_with("Hello Jane,"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_sign_ups_at_once_send_one_mail_and_leave_three_attempts() {
    let app = Arc::new(TestApp::start().await);

    let answers = app
        .at_once(30, |app, number| async move {
            let email = if number % 2 == 0 {
                "jane@example.com"
            } else {
                "JANE@Example.com"
            };
            app.sign_up("Jane", email, &format!("password {number}"))
                .await
        })
        .await;

    for answer in &answers {
        assert_eq!(answer.observable(), answers[0].observable());
    }
    answers[0].expect_empty();
    assert_eq!(app.mailbox.all().len(), 1);
    assert_eq!(attempts(&app), 3);
    app.confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_codes_for_one_address_typed_at_once_one_gets_in() {
    let app = Arc::new(TestApp::start().await);
    let (mallorys, janes) = codes_of_mallory_and_jane(&app).await;

    let mut outcomes = app
        .at_once(20, |app, number| {
            let code = if number % 2 == 0 {
                janes.clone()
            } else {
                mallorys.clone()
            };
            async move { app.confirm(&code).await.outcome() }
        })
        .await;

    outcomes.sort();
    assert_eq!(outcomes[0], "200");
    assert!(
        outcomes[1..].iter().all(|outcome| outcome == UNKNOWN),
        "{outcomes:?}"
    );
    for record in ["USER#", "EMAIL#", "ACCOUNT#"] {
        assert_eq!(app.records_of(record).len(), 1, "{record}");
    }
}

#[tokio::test]
async fn addresses_that_differ_in_case_are_one_user() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "Jane.Doe@Example.com", PASSWORD)
        .await
        .expect_empty();
    let first = app.mailed_code("jane.doe@example.com");
    app.clock.advance(MINUTE);
    app.sign_up("Jane", "JANE.DOE@EXAMPLE.COM", PASSWORD)
        .await
        .expect_empty();
    let second = app.mailed_code("jane.doe@example.com");

    app.confirm(&first).await.string();

    assert_eq!(app.confirm(&second).await.outcome(), UNKNOWN);
    for typed in [
        "jane.doe@example.com",
        "Jane.Doe@Example.com",
        "JANE.DOE@EXAMPLE.COM",
    ] {
        assert_eq!(app.log_in(typed, PASSWORD).await.status, 200, "{typed}");
    }
    assert_eq!(
        app.log_in("janedoe@example.com", PASSWORD).await.status,
        401,
        "a dot counts"
    );
}
