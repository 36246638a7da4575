//! A reset that meets others, and answers of the record store that do not arrive.

use serde_json::json;
use testkit::{PASSWORD, Response, TestApp};

use crate::forgot_password::{codes_mailed, forgot};

const JANE: &str = "jane@example.com";
const NEW: &str = "a new canary battery staple";

/// The service with a user whose code has come.
async fn prepare() -> (TestApp, String) {
    let app = TestApp::start().await;
    app.user(JANE).await;
    forgot(&app, JANE).await.expect_empty();
    let code = app.mailed_code(JANE);
    app.faults
        .skip_pauses(tokio::time::pause, tokio::time::resume);
    (app, code)
}

async fn reset(app: &TestApp, code: &str) -> Response {
    let body = json!({"resetToken": code, "password": NEW});
    app.post_with_token("/api/authentication/reset_password", body)
        .await
}

/// The password is the new one, nobody is signed in, and the code is spent.
async fn expect_once(app: &TestApp, code: &str, when: &str) {
    assert!(app.records_of("RESET#").is_empty(), "{when}");
    let record = app.user_record(JANE);
    assert_eq!(record["session_epoch"]["N"], "1", "{when}");
    assert_eq!(app.log_in(JANE, PASSWORD).await.status, 401, "{when}");
    assert_eq!(app.log_in(JANE, NEW).await.status, 200, "{when}");
    reset(app, code).await.expect_problem(499, "TOKEN");
}

#[tokio::test]
async fn a_reset_waits_for_other_transactions() {
    for conflicts in 1..=3 {
        let (app, code) = prepare().await;
        app.faults.conflicts(conflicts);
        reset(&app, &code).await.expect_empty();
        assert_eq!(app.faults.struck(), conflicts);
        expect_once(&app, &code, &format!("after {conflicts} conflicts")).await;
    }
}

/// Whichever answer is lost, the request's own repeat finds its work done.
#[tokio::test]
async fn a_reset_whose_answers_are_lost_happens_once() {
    for spared in 0.. {
        let (app, code) = prepare().await;
        app.faults.lose_answers_after(spared, 1);
        reset(&app, &code).await.expect_empty();
        if app.faults.struck() == 0 {
            assert!(spared >= 4, "a reset makes {spared} requests");
            break;
        }
        app.faults.lose_answers(0);
        expect_once(&app, &code, &format!("after the loss of answer {spared}")).await;
    }
}

#[tokio::test]
async fn a_code_whose_answers_are_lost_is_mailed_once_and_good() {
    for spared in 0.. {
        let app = TestApp::start().await;
        app.user(JANE).await;
        app.faults
            .skip_pauses(tokio::time::pause, tokio::time::resume);
        app.faults.lose_answers_after(spared, 1);
        forgot(&app, JANE).await.expect_empty();
        if app.faults.struck() == 0 {
            assert!(spared >= 5, "it makes {spared} requests");
            break;
        }
        app.faults.lose_answers(0);
        assert_eq!(codes_mailed(&app, JANE), 1, "answer {spared}");
        reset(&app, &app.mailed_code(JANE)).await.expect_empty();
    }
}
