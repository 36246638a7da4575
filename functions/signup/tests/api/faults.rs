//! Transactions that meet others, and answers of the record store that do not arrive.

use std::collections::HashSet;

use serde_json::json;
use testkit::{PASSWORD, Response, TestApp};

use crate::{MINUTE, attempts};

const JANE: &str = "jane@example.com";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    SignUp,
    SignUpWithTakenAddress,
    Resend,
    Confirm,
    SignUpWithGoogle,
    LinkGoogle,
}

const STEPS: [Step; 6] = [
    Step::SignUp,
    Step::SignUpWithTakenAddress,
    Step::Resend,
    Step::Confirm,
    Step::SignUpWithGoogle,
    Step::LinkGoogle,
];

impl Step {
    /// The service, right before the step.
    async fn prepare(self) -> TestApp {
        let app = TestApp::start().await;
        match self {
            Self::SignUp | Self::SignUpWithGoogle => {}
            Self::SignUpWithTakenAddress | Self::LinkGoogle => drop(app.user(JANE).await),
            Self::Resend | Self::Confirm => {
                app.sign_up("Jane", JANE, PASSWORD).await.expect_empty();
                app.clock.advance(MINUTE);
            }
        }
        app.faults
            .skip_pauses(tokio::time::pause, tokio::time::resume);
        app
    }

    async fn take(self, app: &TestApp) -> Response {
        match self {
            Self::SignUp | Self::SignUpWithTakenAddress => {
                app.sign_up("Jane", JANE, PASSWORD).await
            }
            Self::Resend => app.resend(JANE).await,
            Self::Confirm => app.confirm(&app.mailed_code(JANE)).await,
            Self::SignUpWithGoogle => app.google_sign_up(&id_token(app)).await,
            Self::LinkGoogle => app.google_sign_in(&id_token(app)).await,
        }
    }

    /// How many transactions the step is.
    fn transactions(self) -> usize {
        // The attempt that leads nowhere, and the right to tell the owner.
        if self == Self::SignUpWithTakenAddress {
            2
        } else {
            1
        }
    }

    /// The step has happened once.
    #[track_caller]
    fn expect_once(self, app: &TestApp, answer: &Response, when: &str) {
        assert_eq!(answer.outcome(), "200", "{self:?}, {when}");
        let counts = (
            app.mailbox.all().len(),
            attempts(app),
            ["CODE#", "USER#", "EMAIL#", "ACCOUNT#", "SESSION#"]
                .map(|prefix| app.records_of(prefix).len()),
        );
        let expected = match self {
            Self::SignUp => (1, 1, [1, 0, 0, 0, 0]),
            Self::SignUpWithTakenAddress => (2, 1, [1, 1, 1, 1, 1]),
            Self::Resend => (2, 1, [1, 0, 0, 0, 0]),
            Self::Confirm => (1, 0, [0, 1, 1, 1, 1]),
            // The account, and the demo drive.
            Self::SignUpWithGoogle => (1, 0, [0, 1, 1, 2, 0]),
            Self::LinkGoogle => (2, 0, [0, 1, 1, 1, 2]),
        };
        assert_eq!(counts, expected, "{self:?}, {when}");
    }
}

/// Google's word for Jane, whose mailbox it runs.
fn id_token(app: &TestApp) -> String {
    app.google()
        .id_token(&json!({"email": JANE, "hd": "example.com"}))
}

/// The table without burned request tokens.
fn snapshot(app: &TestApp) -> Vec<String> {
    let mut items: Vec<_> = app.records().iter().map(ToString::to_string).collect();
    items.retain(|item| !item.contains("\"RT#"));
    items.sort_unstable();
    items
}

#[tokio::test]
async fn conflicts_are_waited_out() {
    for step in STEPS {
        let app = step.prepare().await;
        app.faults.conflicts(3);

        let answer = step.take(&app).await;

        step.expect_once(&app, &answer, "after conflicts");
        let tokens = app.faults.transactions();
        assert_eq!(tokens.len(), 3 + step.transactions(), "{step:?}");
        assert_eq!(tokens[..4], vec![tokens[0].clone(); 4], "{step:?}");
    }
}

/// Among the answers is the one to the burning of the request token, which is not a second use.
#[tokio::test]
async fn a_lost_answer_costs_nothing_whichever_it_is() {
    for step in STEPS {
        let mut tries = 0;
        for spared in 0.. {
            let app = step.prepare().await;
            app.faults.lose_answers_after(spared, 2);

            let answer = step.take(&app).await;

            if app.faults.struck() == 0 {
                assert!(spared >= 4, "{step:?} makes {spared} requests");
                break;
            }
            step.expect_once(&app, &answer, &format!("{spared} answered before"));
            let tokens = app.faults.transactions();
            let different: HashSet<_> = tokens.iter().collect();
            assert!(
                different.len() <= step.transactions(),
                "{step:?}: {tokens:?}"
            );
            tries = tries.max(tokens.len());
        }
        assert_eq!(
            tries,
            2 + step.transactions(),
            "{step:?}: both answers to a transaction were lost"
        );
    }
}

#[tokio::test]
async fn a_conflict_without_end_changes_nothing_and_a_later_repeat_succeeds() {
    for step in STEPS {
        let app = step.prepare().await;
        let (before, mails) = (snapshot(&app), app.mailbox.all().len());
        app.faults.conflicts(10_000);

        let answer = step.take(&app).await;

        answer.expect_problem(499, "INTERNAL_ERROR");
        assert_eq!(answer.header("retry-after"), "2", "{step:?}");
        assert_eq!(snapshot(&app), before, "{step:?}");
        assert_eq!(app.mailbox.all().len(), mails, "{step:?}");
        let tokens = app.faults.transactions();
        assert!(
            tokens.len() > 10,
            "{step:?} is tried {} times",
            tokens.len()
        );
        assert_eq!(tokens, vec![tokens[0].clone(); tokens.len()], "{step:?}");

        app.faults.conflicts(0);
        let answer = step.take(&app).await;
        step.expect_once(&app, &answer, "after a conflict without end");
    }
}
