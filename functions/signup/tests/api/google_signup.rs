//! Somebody whom Google has identified becomes a user.

use std::sync::Arc;

use serde_json::{Value, json};
use testkit::{PASSWORD, TestApp};

use crate::{MINUTE, attempts};

const PATH: &str = "/api/v1/desktop/google_signup";
const JANE: &str = "jane.doe@gmail.com";
const DUPLICATE: &str =
    "499 DUPLICATE There is a user with this Google account or its address. Sign in instead.";
const UNKNOWN: &str = "404 NOT_FOUND token: unknown, expired or already used";

/// A token for somebody at `email`.
fn token(app: &TestApp, email: &str) -> String {
    app.google().id_token(&json!({"email": email}))
}

#[tokio::test]
async fn the_user_owns_an_account_and_has_no_password() {
    let app = TestApp::start().await;
    app.google_sign_up(&token(&app, JANE)).await.expect_empty();

    let user = app.user_record(JANE);
    assert_eq!(user["name"]["S"], "Jane Doe");
    assert_eq!(user["email"]["S"], JANE);
    assert_eq!(user["user_type"]["N"], "16");
    assert_eq!(user["active"]["BOOL"], true);
    assert_eq!(user.get("password_hash"), None);
    let subject = app.google().claims(&json!({}))["sub"].clone();
    assert_eq!(user["google_subject"]["S"], subject);
    let link = app.record(&format!("GOOGLE#{}", subject.as_str().unwrap()));
    assert_eq!(link["user_id"], user["id"]);
    assert!(app.records_of("SESSION#").is_empty());

    let jwt = app.google_sign_in(&token(&app, JANE)).await.string();
    let path = "/api/v1/desktop/get_accountlogsetting";
    let answer = app.request(http::Method::GET, path, Some(&jwt), None).await;
    assert_eq!(answer.json(), Value::Null);
}

/// What is stored of Amove accounts: the sort keys, as far as they are not ids.
fn account_records(app: &TestApp) -> Vec<String> {
    let mut kinds: Vec<_> = app
        .records_of("ACCOUNT#")
        .iter()
        .map(|item| {
            let sort = item["sk"]["S"].as_str().unwrap();
            sort.split_inclusive('#').next().unwrap().to_owned()
        })
        .collect();
    kinds.sort_unstable();
    kinds
}

#[tokio::test]
async fn a_demo_drive_with_a_welcome_is_there_and_counts_as_no_connection() {
    let app = TestApp::start().await;
    app.google_sign_up(&token(&app, JANE)).await.expect_empty();
    let jwt = app.google_sign_in(&token(&app, JANE)).await.string();

    let user = app.user_record(JANE);
    let account = app.account_of(JANE);
    let drives = app.app.database().shared_cloud_drives(account).await;
    let [drive] = &drives.unwrap()[..] else {
        panic!("one drive")
    };
    assert_eq!(drive.creator_user_id.to_string(), user["id"]["S"]);
    assert!(drive.active && !drive.deleted);
    let listing = json!({
        "cloudAccountId": drive.cloud_account_id.to_string(),
        "bucketName": drive.storage_name,
        "path": "/",
    });
    let post = async |endpoint: &str, body: &Value| {
        let path = format!("/api/v1/desktop/{endpoint}");
        app.request(http::Method::POST, &path, Some(&jwt), Some(body))
            .await
    };
    let files = post("list_objects", &listing).await.json()["data"].clone();
    assert_eq!(files.as_array().unwrap().len(), 1, "{files}");
    assert_eq!(files[0]["name"], "Welcome.txt");
    assert_eq!(
        app.app.database().connection_count(account).await.unwrap(),
        0
    );
    assert_eq!(account_records(&app), ["DRIVE#", "META"]);
}

/// The file comes first, so that nobody has a drive without it.
#[tokio::test]
async fn without_the_platforms_bucket_nobody_is_half_signed_up() {
    let app = TestApp::start_with(|config| config.demo_bucket = None).await;
    let answer = app.google_sign_up(&token(&app, JANE)).await;
    assert_eq!((answer.status, answer.text()), (500, ""));
    for prefix in ["USER#", "EMAIL#", "GOOGLE#", "ACCOUNT#", "CLOUD#"] {
        assert!(app.records_of(prefix).is_empty(), "{prefix}");
    }
}

#[tokio::test]
async fn a_mail_welcomes_the_user_and_is_not_waited_for() {
    let app = TestApp::start().await;
    app.google_sign_up(&token(&app, JANE)).await.expect_empty();
    let mails = app.mailbox.messages_to(JANE);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Welcome");
    assert!(mails[0].text.contains("Jane Doe"), "{}", mails[0].text);

    app.control.fail_mail(true);
    let joe = token(&app, "joe@gmail.com");
    app.google_sign_up(&joe).await.expect_empty();
    assert_eq!(app.google_sign_up(&joe).await.outcome(), DUPLICATE);
    assert_eq!(app.mailbox.all().len(), 1);
}

/// A password login finds the user without a password, and says what it says to everybody.
#[tokio::test]
async fn no_password_logs_in() {
    let app = TestApp::start().await;
    app.google_sign_up(&token(&app, JANE)).await.expect_empty();
    let stranger = app.log_in("nobody@example.com", PASSWORD).await;
    for password in ["", PASSWORD, "null"] {
        let answer = app.log_in(JANE, password).await;
        assert_eq!(answer.observable(), stranger.observable());
        assert_eq!(
            answer.outcome(),
            "401 AUTH Wrong username, password or type."
        );
    }
}

#[tokio::test]
async fn the_name_is_googles_or_else_from_the_address() {
    let app = TestApp::start().await;
    let long = "n".repeat(80);
    for (number, (name, expected)) in [
        (json!("Zoë Li"), "Zoë Li"),
        (json!(null), "jane"),
        (json!(""), "jane"),
        (json!("\u{202E}evil\r\nBcc: x"), "evilBcc: x"),
        (json!(long), &long[..50]),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("jane@mail{number}.example.com");
        let token = app
            .google()
            .id_token(&json!({"email": email, "name": name}));
        app.google_sign_up(&token).await.expect_empty();
        assert_eq!(app.user_record(&email)["name"]["S"], expected);
    }
}

#[tokio::test]
async fn whoever_is_a_user_already_is_told_so() {
    let app = TestApp::start().await;
    app.google_sign_up(&token(&app, JANE)).await.expect_empty();
    app.user("joe@example.com").await;
    let before = app.records_of("USER#");
    let subject = app.google().claims(&json!({}))["sub"].clone();
    for overrides in [
        json!({}),
        json!({"email": "Jane.Doe@GMAIL.com", "sub": "1"}),
        json!({"email": "jane@moved.example.com", "sub": subject}),
        json!({"email": "joe@example.com"}),
        json!({"email": "joe@example.com", "hd": "example.com"}),
    ] {
        let token = app.google().id_token(&overrides);
        let outcome = app.google_sign_up(&token).await.outcome();
        assert_eq!(outcome, DUPLICATE, "{overrides}");
    }
    assert_eq!(app.records_of("USER#"), before);
    assert_eq!(app.records_of("GOOGLE#").len(), 1);
}

#[tokio::test]
async fn malformed_requests_name_the_field_and_do_not_cost_the_token() {
    let app = TestApp::start().await;
    let good = json!({"idToken": token(&app, JANE)});
    let answer = app.refuse_then_accept(PATH, good, &[]).await;
    answer.expect_empty();
}

#[tokio::test]
async fn a_request_token_is_burned_before_the_id_token_is_looked_at() {
    let app = TestApp::start().await;
    let request_token = app.request_token().await;
    let bad = json!({"requestToken": request_token, "idToken": "x"});
    app.post(PATH, bad).await.expect_problem(499, "AUTH");
    let good = json!({"requestToken": request_token, "idToken": token(&app, JANE)});
    let outcome = app.post(PATH, good).await.outcome();
    assert_eq!(
        outcome,
        "499 TOKEN requestToken: unknown, expired or already used"
    );
    assert_eq!(app.google().key_fetches(), 0);
}

/// Mallory has signed up with Jane's address, and perhaps others too; none has the code.
#[tokio::test]
async fn what_was_pending_for_the_address_is_void() {
    let app = TestApp::start().await;
    let mut codes = Vec::new();
    for name in ["Mallory", "Eve"] {
        let answer = app.sign_up(name, JANE, "mallory's password").await;
        answer.expect_empty();
        codes.push(app.mailed_code(JANE));
        app.clock.advance(MINUTE);
    }
    app.google_sign_up(&token(&app, JANE)).await.expect_empty();

    assert_eq!(attempts(&app), 0);
    assert!(app.records_of("CODE#").is_empty());
    for code in codes {
        assert_eq!(app.confirm(&code).await.outcome(), UNKNOWN);
    }
    let outcome = app.log_in(JANE, "mallory's password").await.status;
    assert_eq!(outcome, 401);
    assert_eq!(app.resend(JANE).await.status, 404);
    assert_eq!(app.user_record(JANE)["name"]["S"], "Jane Doe");
}

/// Whoever comes first has the address: a code that is confirmed at the same moment, or Google.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_code_and_google_at_once_one_has_the_address() {
    for _ in 0..10 {
        let app = Arc::new(TestApp::start().await);
        app.sign_up("Mallory", JANE, PASSWORD).await.expect_empty();
        let code = app.mailed_code(JANE);
        let mut answers = app
            .at_once(2, |app, number| {
                let code = code.clone();
                async move {
                    if number == 0 {
                        app.confirm(&code).await.status
                    } else {
                        app.google_sign_up(&token(&app, JANE)).await.status
                    }
                }
            })
            .await;
        answers.sort_unstable();
        assert!(
            [[200, 404], [200, 499]].contains(&[answers[0], answers[1]]),
            "{answers:?}"
        );
        assert_eq!(app.records_of("USER#").len(), 1);
        assert_eq!(app.records_of("EMAIL#").len(), 1);
        let user = app.user_record(JANE);
        let by_google = answers[1] == 404;
        assert_eq!(user.get("password_hash").is_none(), by_google);
        assert_eq!(app.log_in(JANE, PASSWORD).await.status == 401, by_google);
    }
}

/// A hundred requests for one address: three people with a code each, and Google's word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_at_once_one_has_the_address() {
    let app = Arc::new(TestApp::start().await);
    let mut codes = Vec::new();
    for _ in 0..3 {
        app.sign_up("Mallory", JANE, PASSWORD).await.expect_empty();
        codes.push(app.mailed_code(JANE));
        app.clock.advance(MINUTE);
    }
    let statuses = app
        .at_once(100, |app, number| {
            let code = codes.get(number % 4).cloned();
            async move {
                match code {
                    Some(code) => app.confirm(&code).await.status,
                    None => app.google_sign_up(&token(&app, JANE)).await.status,
                }
            }
        })
        .await;
    let made = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(made, 1, "{statuses:?}");
    for prefix in ["USER#", "EMAIL#"] {
        assert_eq!(app.records_of(prefix).len(), 1, "{prefix}");
    }
    assert!(app.records_of("GOOGLE#").len() <= 1 && attempts(&app) == 0);
    assert_eq!(app.demo_keys().await.len(), app.records_of("CLOUD#").len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_at_once_one_makes_the_user() {
    let app = Arc::new(TestApp::start().await);
    let outcomes = app
        .at_once(20, async |app, _| {
            app.google_sign_up(&token(&app, JANE)).await.outcome()
        })
        .await;
    let made = outcomes.iter().filter(|outcome| *outcome == "200").count();
    let told = outcomes.iter().filter(|outcome| *outcome == DUPLICATE);
    assert_eq!((made, told.count()), (1, 19));
    for prefix in ["USER#", "EMAIL#", "GOOGLE#", "CLOUD#"] {
        assert_eq!(app.records_of(prefix).len(), 1, "{prefix}");
    }
    assert_eq!(account_records(&app), ["DRIVE#", "META"]);
    assert_eq!(app.demo_keys().await.len(), 1, "no file is nobody's");
}
