use serde_json::{Value, json};
use testkit::{PASSWORD, TestApp};

use crate::{DAY, MINUTE, SECOND, attempts};

const PATH: &str = "/api/v1/desktop/signup";

fn jane() -> Value {
    json!({"name": "Jane", "email": "jane@example.com", "password": PASSWORD})
}

#[tokio::test]
async fn a_mailed_code_makes_a_user_who_can_log_in() {
    let app = TestApp::start().await;

    app.sign_up("Jane", "Jane@Example.com", PASSWORD)
        .await
        .expect_empty();
    assert_eq!(attempts(&app), 1);
    for existing in ["USER#", "EMAIL#", "ACCOUNT#", "SESSION#"] {
        assert_eq!(
            app.records_of(existing).len(),
            0,
            "{existing} before the code is back"
        );
    }
    assert_eq!(app.log_in("jane@example.com", PASSWORD).await.status, 401);

    let jwt = app
        .confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();

    assert_eq!(jwt.split('.').count(), 3);
    let answer = app.log_in("jane@example.com", PASSWORD).await.json();
    assert_eq!(answer["challenge"], 0);
}

#[tokio::test]
async fn a_malformed_body_is_refused_by_field_and_does_not_cost_the_request_token() {
    let app = TestApp::start().await;
    let name = |text: &str| ("name", json!(text));
    let email = |text: &str| ("email", json!(text));
    let password = |text: &str| ("password", json!(text));
    let long = "499 DEFAULT name: must be at most 50 characters";
    let deceptive = "499 DEFAULT name: must not contain control or text-direction characters";
    let no_address = "499 INVALID_EMAIL email: must be a valid e-mail address";
    let bad = [
        (name(""), "499 DEFAULT name: must not be empty"),
        (name("   "), "499 DEFAULT name: must not be empty"),
        (name(&"x".repeat(51)), long),
        (name(&"👩".repeat(51)), long),
        (name(&"e\u{301}".repeat(26)), long),
        (name("Jane\r\nBcc: all@example.com"), deceptive),
        (name("Jane\0"), deceptive),
        (name("\u{202E}enaJ"), deceptive),
        (email(""), no_address),
        (email("jane"), no_address),
        (email("jane@example"), no_address),
        (email("jane@exam ple.com"), no_address),
        (email(" jane@example.com"), no_address),
        (
            email("jane@example.com\r\nBcc: all@example.com"),
            no_address,
        ),
        (email("jane@127.0.0.1"), no_address),
        (email("\"jane doe\"@example.com"), no_address),
        (email("jané@example.com"), no_address),
        (
            email(&format!("{}@example.com", "a".repeat(39))),
            "499 INVALID_EMAIL email: must be at most 50 characters",
        ),
        (
            password(""),
            "499 DEFAULT password: must be at least 8 characters",
        ),
        (
            password("1234567"),
            "499 DEFAULT password: must be at least 8 characters",
        ),
        (
            password(&"🔑".repeat(7)),
            "499 DEFAULT password: must be at least 8 characters",
        ),
        (
            password(&"x".repeat(129)),
            "499 DEFAULT password: must be at most 128 characters",
        ),
        (
            password(&"🔑".repeat(129)),
            "499 DEFAULT password: must be at most 128 characters",
        ),
    ]
    .map(|((field, value), outcome)| (field, value, outcome));

    app.refuse_then_accept(PATH, jane(), &bad)
        .await
        .expect_empty();
    assert_eq!(attempts(&app), 1);
    assert_eq!(app.mailbox.all().len(), 1);
}

#[tokio::test]
async fn a_name_may_be_anything_readable_up_to_50_characters() {
    let app = TestApp::start().await;
    let names = [
        ("J", "one character"),
        (&"x".repeat(50), "50 characters"),
        (&"👩".repeat(50), "50 characters of four bytes"),
        (
            &"e\u{301}".repeat(25),
            "25 letters with a combining mark each",
        ),
        ("👩\u{200D}👩\u{200D}👧", "a family, joined invisibly"),
        ("שלום", "written from right to left"),
        (" Jane  Doe ", "spaces are kept"),
    ];
    for (number, (name, why)) in names.into_iter().enumerate() {
        let email = format!("jane{number}@example.com");
        assert_eq!(
            app.sign_up(name, &email, PASSWORD).await.outcome(),
            "200",
            "{why}"
        );
        app.confirm(&app.mailed_code(&email)).await.string();
        assert_eq!(app.user_record(&email)["name"]["S"], name, "{why}");
    }
}

#[tokio::test]
async fn a_password_is_kept_to_the_last_space() {
    let app = TestApp::start().await;
    let cases = [
        ("12345678", "123456789", "8 characters"),
        (&"x".repeat(128), &"x".repeat(127), "128 characters"),
        (
            &"🔑".repeat(8),
            &"🔑".repeat(9),
            "8 characters of four bytes",
        ),
        (
            &"🔑".repeat(128),
            &"🔑".repeat(127),
            "128 characters of four bytes",
        ),
        ("  spaced  ", "spaced", "spaces at the ends"),
        ("        ", "         ", "nothing but spaces"),
        ("Passw\u{f6}rt", "passw\u{f6}rt", "upper case"),
        ("tab\tnul\0!", "tab nul !", "control characters"),
    ];
    for (number, (password, almost, why)) in cases.into_iter().enumerate() {
        let email = format!("jane{number}@example.com");
        assert_eq!(
            app.sign_up("Jane", &email, password).await.outcome(),
            "200",
            "{why}"
        );
        app.confirm(&app.mailed_code(&email)).await.string();
        assert_eq!(app.log_in(&email, password).await.status, 200, "{why}");
        assert_eq!(app.log_in(&email, almost).await.status, 401, "{why}");
    }
}

#[tokio::test]
async fn a_password_typed_with_other_keys_is_the_same_password() {
    let app = TestApp::start().await;

    app.sign_up("Zoë", "zoe@example.com", "caf\u{e9} noir")
        .await
        .expect_empty();
    app.confirm(&app.mailed_code("zoe@example.com"))
        .await
        .string();

    assert_eq!(
        app.log_in("zoe@example.com", "cafe\u{301} noir")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn the_longest_address_works_like_any_other() {
    let app = TestApp::start().await;
    let email = format!("{}@example.com", "a".repeat(38));

    app.sign_up("Jane", &email, PASSWORD).await.expect_empty();
    app.confirm(&app.mailed_code(&email)).await.string();

    assert_eq!(app.log_in(&email, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let app = TestApp::start().await;
    let mut body = jane();
    for (field, value) in [
        ("id", json!(7)),
        ("userType", json!(1)),
        ("active", json!(false)),
    ] {
        body[field] = value;
    }

    app.post_with_token(PATH, body).await.expect_empty();
    app.confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();

    let user = app.user_record("jane@example.com");
    assert_eq!(user["user_type"]["N"], "16");
    assert_eq!(user["active"]["BOOL"], true);
}

#[tokio::test]
async fn a_sign_up_costs_its_request_token_whatever_comes_of_it() {
    let app = TestApp::start().await;
    app.user("owner@example.com").await;
    for (email, why) in [
        ("jane@example.com", "new"),
        ("jane@example.com", "pending"),
        ("owner@example.com", "taken"),
    ] {
        let mut body = jane();
        body["email"] = json!(email);
        body["requestToken"] = json!(app.request_token().await);
        app.post(PATH, body.clone()).await.expect_empty();
        let again = app.post(PATH, body).await;
        assert_eq!(
            again.outcome(),
            "499 TOKEN requestToken: unknown, expired or already used",
            "{why}"
        );
    }
}

#[tokio::test]
async fn nobody_is_mailed_more_than_once_a_minute() {
    let app = TestApp::start().await;
    let steps = [
        (0, 1, "the first"),
        (59, 1, "59 s later"),
        (1, 2, "60 s after the mail"),
    ];
    for (seconds, mails, when) in steps {
        app.clock.advance(seconds * SECOND);
        app.sign_up("Jane", "jane@example.com", PASSWORD)
            .await
            .expect_empty();
        assert_eq!(
            app.mailbox.messages_to("jane@example.com").len(),
            mails,
            "{when}"
        );
    }
    assert_eq!(attempts(&app), 3, "the quiet one is registered as well");

    app.sign_up("John", "john@example.com", PASSWORD)
        .await
        .expect_empty();
    assert_eq!(
        app.mailbox.messages_to("john@example.com").len(),
        1,
        "somebody else"
    );
}

#[tokio::test]
async fn a_fourth_attempt_changes_nothing_and_is_told_nothing() {
    let app = TestApp::start().await;
    let mut answers = Vec::new();
    for number in 1..=3 {
        answers.push(
            app.sign_up("Jane", "jane@example.com", &format!("password {number}"))
                .await,
        );
        app.clock.advance(MINUTE);
    }
    let before = pending(&app);

    let fourth = app
        .sign_up("Mallory", "JANE@example.com", "password 4")
        .await;

    for answer in answers {
        assert_eq!(fourth.observable(), answer.observable());
    }
    assert_eq!(pending(&app), before);
    assert_eq!(app.mailbox.all().len(), 3);
    app.confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();
    assert_eq!(
        app.log_in("jane@example.com", "password 3").await.status,
        200
    );
}

#[tokio::test]
async fn an_expired_attempt_makes_room() {
    let app = TestApp::start().await;
    for _ in 1..=3 {
        app.sign_up("Jane", "jane@example.com", PASSWORD)
            .await
            .expect_empty();
        app.clock.advance(MINUTE);
    }
    app.clock.advance(DAY - 3 * MINUTE - SECOND);
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    assert_eq!(
        app.mailbox.all().len(),
        3,
        "a second before the first one expires"
    );

    app.clock.advance(SECOND);
    app.sign_up("Jane", "jane@example.com", "password 4")
        .await
        .expect_empty();

    assert_eq!(app.mailbox.all().len(), 4);
    app.confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();
    assert_eq!(
        app.log_in("jane@example.com", "password 4").await.status,
        200
    );
    assert_eq!(
        pending(&app),
        Vec::<Value>::new(),
        "expired attempts go with the others"
    );
}

/// What is stored of pending sign-ups, in one order.
fn pending(app: &TestApp) -> Vec<Value> {
    let mut records = app.records_of("PENDING#");
    records.extend(app.records_of("CODE#"));
    records.sort_by_key(Value::to_string);
    records
}
