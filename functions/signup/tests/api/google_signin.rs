//! Somebody whom Google has identified gets in, as the right user or not at all.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use testkit::{PASSWORD, TestApp, User};

use crate::MINUTE;

const PATH: &str = "/api/v1/desktop/google_signin";
const JANE: &str = "jane.doe@gmail.com";
const NO_USER: &str =
    "499 AUTH There is no user with this Google account. Sign up with Google first.";
const NOT_GOOGLES: &str = "499 AUTH There is a user with this address, which Google cannot vouch \
                           for. Sign in with the password.";
const LINKED_WITH_ANOTHER: &str = "499 AUTH The user with this address signs in with another \
                                   Google account. Use that one, or a password.";
const LINKED_SUBJECT: &str = "Google sign-in was added to your account";
const INACTIVE: &str = "499 INACTIVE_USER This user is not active.";

async fn come(app: &TestApp, overrides: Value) -> String {
    let token = app.google().id_token(&overrides);
    app.google_sign_in(&token).await.outcome()
}

/// The session is alive, and so whose: the id of their Amove account.
async fn status(app: &TestApp, jwt: &str) -> u16 {
    let path = "/api/v1/desktop/get_accountlogsetting";
    app.request(Method::GET, path, Some(jwt), None).await.status
}

/// The user whom a JWT is for.
fn user_of(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).unwrap();
    let payload = data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes());
    serde_json::from_slice::<Value>(&payload.unwrap()).unwrap()["sub"].clone()
}

async fn set_active(app: &TestApp, email: &str, active: bool) {
    let mut record = app.user_record(email);
    record["active"] = json!({"BOOL": active});
    app.put_record(&record).await;
}

#[tokio::test]
async fn who_signed_up_with_google_gets_in_whatever_the_address_is_now() {
    let app = TestApp::start().await;
    let sign_up = app.google().id_token(&json!({}));
    app.google_sign_up(&sign_up).await.expect_empty();
    let subject = app.google().claims(&json!({}))["sub"].clone();
    for email in [JANE, "Jane.Doe@Gmail.com", "jane@moved.example.com"] {
        let token = app
            .google()
            .id_token(&json!({"email": email, "sub": subject}));
        let jwt = app.google_sign_in(&token).await.string();
        assert_eq!(status(&app, &jwt).await, 200);
        assert_eq!(user_of(&jwt), app.user_record(JANE)["id"]["S"]);
    }
}

/// Nobody is made a user by signing in.
#[tokio::test]
async fn a_stranger_is_told_to_sign_up() {
    let app = TestApp::start().await;
    assert_eq!(come(&app, json!({})).await, NO_USER);
    app.sign_up("Jane", JANE, PASSWORD).await.expect_empty();
    assert_eq!(come(&app, json!({})).await, NO_USER, "pending is no user");
    assert!(app.records_of("USER#").is_empty() && app.records_of("GOOGLE#").is_empty());
}

/// Google runs the mailbox, so its word is as good as a code: the user is linked, for good, and
/// sessions of whoever knew the password end.
#[tokio::test]
async fn a_user_at_a_mailbox_of_googles_is_linked() {
    for overrides in [
        json!({"email": JANE}),
        json!({"email": "JANE.DOE@gmail.com"}),
        json!({"email": "jane@googlemail.com"}),
        json!({"email": "jane@example.com", "hd": "example.com"}),
    ] {
        let app = TestApp::start().await;
        let email = overrides["email"].as_str().unwrap().to_lowercase();
        let before = app.user(&email).await;
        let token = app.google().id_token(&overrides);

        let jwt = app.google_sign_in(&token).await.string();

        assert_eq!(user_of(&jwt), user_of(&before.jwt), "{overrides}");
        assert_eq!(status(&app, &jwt).await, 200);
        assert_eq!(status(&app, &before.jwt).await, 401, "{overrides}");
        let subject = app.google().claims(&overrides)["sub"].clone();
        assert_eq!(app.user_record(&email)["google_subject"]["S"], subject);
        let mails = app
            .mailbox
            .messages_to(app.user_record(&email)["email"]["S"].as_str().unwrap());
        assert_eq!(mails[0].subject, LINKED_SUBJECT);
        assert!(mails[0].text.contains("Jane"), "{}", mails[0].text);
        // From now on the address does not matter, and the password is as good as before.
        let moved = json!({"email": "jane@moved.example.com", "sub": subject});
        assert_eq!(come(&app, moved).await, "200");
        assert_eq!(app.log_in(&email, PASSWORD).await.status, 200);
        assert_eq!(status(&app, &jwt).await, 200, "{overrides}");
    }
}

/// The address may have changed hands since Google verified it.
#[tokio::test]
async fn a_user_at_another_mailbox_is_not_linked() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for overrides in [
        json!({"email": "jane@example.com"}),
        json!({"email": "JANE@EXAMPLE.COM", "hd": null}),
        json!({"email": "jane@example.com", "hd": ""}),
    ] {
        assert_eq!(
            come(&app, overrides.clone()).await,
            NOT_GOOGLES,
            "{overrides}"
        );
    }
    assert!(app.records_of("GOOGLE#").is_empty());
    assert_eq!(
        app.user_record("jane@example.com").get("google_subject"),
        None
    );
    assert_eq!(status(&app, &jane.jwt).await, 200);
    assert_eq!(app.log_in("jane@example.com", PASSWORD).await.status, 200);
}

/// A Google account that comes with somebody's address is not theirs, if they have one.
#[tokio::test]
async fn the_same_address_under_another_google_account_is_somebody_else() {
    let app = TestApp::start().await;
    let sign_up = app.google().id_token(&json!({}));
    app.google_sign_up(&sign_up).await.expect_empty();
    let before = app.user_record(JANE);
    for overrides in [
        json!({"sub": "110169484474386276334"}),
        json!({"sub": "110169484474386276334", "hd": "gmail.com"}),
    ] {
        assert_eq!(come(&app, overrides).await, LINKED_WITH_ANOTHER);
    }
    assert_eq!(app.user_record(JANE), before);
    assert_eq!(app.records_of("GOOGLE#").len(), 1);
}

#[tokio::test]
async fn who_may_not_sign_in_is_neither_let_in_nor_linked() {
    let app = TestApp::start().await;
    let sign_up = app.google().id_token(&json!({}));
    app.google_sign_up(&sign_up).await.expect_empty();
    app.user("joe@gmail.com").await;
    app.user("jim@example.com").await;
    for email in [JANE, "joe@gmail.com", "jim@example.com"] {
        set_active(&app, email, false).await;
    }
    assert_eq!(come(&app, json!({})).await, INACTIVE);
    assert_eq!(
        come(&app, json!({"email": "joe@gmail.com"})).await,
        INACTIVE
    );
    let jim = json!({"email": "jim@example.com"});
    assert_eq!(come(&app, jim).await, NOT_GOOGLES);
    assert_eq!(app.records_of("GOOGLE#").len(), 1);
    assert!(
        app.records_of("SESSION#").len() == 2,
        "those of the sign-ups"
    );

    set_active(&app, "joe@gmail.com", true).await;
    assert_eq!(come(&app, json!({"email": "joe@gmail.com"})).await, "200");
}

/// The takeover that linking must not help with: somebody signs up with Jane's address and waits for
/// her to come with Google.
#[tokio::test]
async fn a_stranger_who_was_first_gains_nothing() {
    let app = TestApp::start().await;
    let mallory = app.sign_up("Mallory", JANE, "mallory's password").await;
    mallory.expect_empty();
    let code = app.mailed_code(JANE);
    app.clock.advance(MINUTE);
    assert_eq!(come(&app, json!({})).await, NO_USER);
    let sign_up = app.google().id_token(&json!({}));
    app.google_sign_up(&sign_up).await.expect_empty();
    let jwt = app.google_sign_in(&sign_up).await.string();

    assert_eq!(app.confirm(&code).await.status, 404);
    assert_eq!(app.log_in(JANE, "mallory's password").await.status, 401);
    assert_eq!(app.user_record(JANE)["name"]["S"], "Jane Doe");
    assert_eq!(status(&app, &jwt).await, 200);
}

#[tokio::test]
async fn malformed_requests_name_the_field_and_do_not_cost_the_token() {
    let app = TestApp::start().await;
    let token = app.google().id_token(&json!({}));
    app.google_sign_up(&token).await.expect_empty();
    let answer = app
        .refuse_then_accept(PATH, json!({"idToken": token}), &[])
        .await;
    assert_eq!(status(&app, &answer.string()).await, 200);
}

#[tokio::test]
async fn a_notice_that_cannot_be_mailed_keeps_nobody_out() {
    let app = TestApp::start().await;
    app.user(JANE).await;
    app.control.fail_mail(true);
    assert_eq!(come(&app, json!({})).await, "200");
    assert_eq!(app.mailbox.messages_to(JANE).len(), 1, "that with the code");
    app.control.fail_mail(false);
    assert_eq!(come(&app, json!({})).await, "200");
    assert_eq!(app.mailbox.messages_to(JANE).len(), 1, "it was linked once");
}

/// Twenty windows of one person, none of which has been linked yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_come_at_once_get_in_and_one_of_them_links() {
    let app = Arc::new(TestApp::start().await);
    let before = User::log_in(&app, &app.user(JANE).await.email, 16)
        .await
        .jwt;
    let jwts = app
        .at_once(20, async |app, _| {
            let token = app.google().id_token(&json!({}));
            app.google_sign_in(&token).await.string()
        })
        .await;
    for jwt in &jwts {
        assert_eq!(status(&app, jwt).await, 200);
        assert_eq!(user_of(jwt), user_of(&before));
    }
    assert_eq!(status(&app, &before).await, 401);
    assert_eq!(app.user_record(JANE)["session_epoch"]["N"], "1");
    assert_eq!(app.records_of("GOOGLE#").len(), 1);
    let mut mails = app.mailbox.messages_to(JANE);
    mails.retain(|mail| mail.subject == LINKED_SUBJECT);
    assert_eq!(mails.len(), 1);
}
