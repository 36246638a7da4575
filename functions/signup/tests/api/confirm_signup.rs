use std::sync::Arc;

use serde_json::json;
use testkit::{PASSWORD, TestApp};

use crate::{DAY, SECOND};

const PATH: &str = "/api/v1/desktop/confirm_signup";
const UNKNOWN: &str = "404 NOT_FOUND token: unknown, expired or already used";

#[tokio::test]
async fn a_code_makes_the_owner_of_a_new_account_with_a_session() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "Jane@Example.com", PASSWORD)
        .await
        .expect_empty();

    let jwt = app
        .confirm(&app.mailed_code("jane@example.com"))
        .await
        .string();

    let user = app.user_record("jane@example.com");
    assert_eq!(user["name"]["S"], "Jane");
    assert_eq!(user["email"]["S"], "Jane@example.com");
    assert_eq!(user["user_type"]["N"], "16");
    assert_eq!(app.records_of("ACCOUNT#").len(), 1);
    assert_eq!(
        app.records_of("ACCOUNT#")[0]["pk"]["S"],
        format!("ACCOUNT#{}", user["account_id"]["S"].as_str().unwrap())
    );
    assert_eq!(app.records_of("SESSION#").len(), 1);
    for gone in ["PENDING#", "CODE#"] {
        assert_eq!(app.records_of(gone).len(), 0, "{gone}");
    }
    let setting = app
        .request(
            http::Method::GET,
            "/api/v1/desktop/get_accountlogsetting",
            Some(&jwt),
            None,
        )
        .await;
    assert_eq!(setting.json(), json!(null), "the session is good at once");
}

#[tokio::test]
async fn a_malformed_body_is_refused_by_field_and_does_not_cost_the_request_token() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let good = json!({"token": app.mailed_code("jane@example.com")});

    app.refuse_then_accept(PATH, good, &[]).await.string();
}

#[tokio::test]
async fn what_is_no_live_code_is_a_404_and_costs_the_request_token() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let code = app.mailed_code("jane@example.com");
    let end = if code.ends_with('0') { "4" } else { "0" };
    let almost = format!("{}{end}", &code[..29]);
    for (token, why) in [
        ("00000-00000-000000-00000-00000", "nobody's"),
        (&almost, "one character off"),
        ("", "empty"),
        ("-----", "nothing but hyphens"),
        (&code[..29], "one character short"),
        (&format!("{code}0"), "one character long"),
        (
            &format!("U{}", &code[1..]),
            "with a letter that codes do not have",
        ),
        ("🔑🔑🔑🔑🔑", "in another script"),
        (&"0".repeat(60_000), "huge"),
        ("jane@example.com", "an address"),
    ] {
        let mut body = json!({"token": token});
        body["requestToken"] = json!(app.request_token().await);
        assert_eq!(
            app.post(PATH, body.clone()).await.outcome(),
            UNKNOWN,
            "{why}"
        );
        body["token"] = json!(code);
        assert_eq!(
            app.post(PATH, body).await.outcome(),
            "499 TOKEN requestToken: unknown, expired or already used",
            "{why}"
        );
    }
    app.confirm(&code).await.string();
}

#[tokio::test]
async fn a_code_works_once() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let code = app.mailed_code("jane@example.com");

    app.confirm(&code).await.string();

    assert_eq!(app.confirm(&code).await.outcome(), UNKNOWN);
    assert_eq!(app.records_of("USER#").len(), 1);
}

#[tokio::test]
async fn a_code_is_valid_for_24_hours() {
    for (age, outcome, when) in [
        (DAY - SECOND, "200", "a second before its end"),
        (DAY, UNKNOWN, "at its end"),
        (DAY + SECOND, UNKNOWN, "after its end"),
    ] {
        let app = TestApp::start().await;
        app.sign_up("Jane", "jane@example.com", PASSWORD)
            .await
            .expect_empty();
        app.clock.advance(age);
        let code = app.mailed_code("jane@example.com");
        assert_eq!(app.confirm(&code).await.outcome(), outcome, "{when}");
    }
}

type Spelling = fn(&str) -> String;

/// Signs up address after address until a code has all of `digits`.
async fn code_with(app: &TestApp, who: &str, digits: &str) -> String {
    for number in 0.. {
        let email = format!("{who}{number}@example.com");
        app.sign_up("Jane", &email, PASSWORD).await.expect_empty();
        let code = app.mailed_code(&email);
        if digits.chars().all(|digit| code.contains(digit)) {
            return code;
        }
    }
    unreachable!("codes are random")
}

#[tokio::test]
async fn a_code_may_be_typed_as_people_type() {
    let app = TestApp::start().await;
    let spellings: [(&str, Spelling); 9] = [
        ("as mailed", str::to_owned),
        ("in lower case", str::to_lowercase),
        ("without hyphens", |code| code.replace('-', "")),
        ("with spaces for hyphens", |code| code.replace('-', " ")),
        ("with a space at either end", |code| format!(" {code}\n")),
        ("with O for 0", |code| code.replace('0', "O")),
        ("with o for 0", |code| code.replace('0', "o")),
        ("with I for 1", |code| code.replace('1', "I")),
        ("with l for 1", |code| code.replace('1', "l")),
    ];
    for (number, (how, spell)) in spellings.into_iter().enumerate() {
        let code = code_with(&app, &format!("jane{number}."), "01").await;
        assert_eq!(app.confirm(&spell(&code)).await.outcome(), "200", "{how}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_type_one_code_at_once_one_gets_in() {
    let app = Arc::new(TestApp::start().await);
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let code = app.mailed_code("jane@example.com");

    let mut outcomes = app
        .at_once(25, |app, _| {
            let code = code.clone();
            async move { app.confirm(&code).await.outcome() }
        })
        .await;

    outcomes.sort();
    assert_eq!(outcomes[0], "200");
    assert!(
        outcomes[1..].iter().all(|outcome| outcome == UNKNOWN),
        "{outcomes:?}"
    );
    for record in ["USER#", "EMAIL#", "ACCOUNT#", "SESSION#"] {
        assert_eq!(app.records_of(record).len(), 1, "{record}");
    }
}

#[tokio::test]
async fn no_get_confirms_anything() {
    let app = TestApp::start().await;
    app.sign_up("Jane", "jane@example.com", PASSWORD)
        .await
        .expect_empty();
    let code = app.mailed_code("jane@example.com");
    for method in [http::Method::GET, http::Method::HEAD] {
        let path = format!("{PATH}?token={code}");
        let answer = app.request(method.clone(), &path, None, None).await;
        assert_eq!(answer.status, 405, "{method}");
    }

    app.confirm(&code).await.string();
}

#[tokio::test]
async fn an_address_that_grows_as_an_a_label_is_confirmed_and_logs_in() {
    let app = TestApp::start().await;
    let typed = "info@münchner-bäckerei-königsfürst-zürich.example";
    assert_eq!(typed.chars().count(), 49);
    app.sign_up("Jane", typed, PASSWORD).await.expect_empty();
    app.clock.advance(crate::MINUTE);
    app.resend(typed).await.expect_empty();
    let mails = app.mailbox.all();
    assert_eq!(mails.len(), 2);
    let sent_to = &mails[0].to;
    assert!(sent_to.is_ascii() && sent_to.len() > 50, "{sent_to}");

    app.confirm(&app.mailed_code(sent_to)).await.string();
    assert_eq!(app.log_in(typed, PASSWORD).await.status, 200);
}
