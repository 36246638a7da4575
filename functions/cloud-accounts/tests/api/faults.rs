//! Transactions that meet others, and answers of the record store that do not arrive.

use serde_json::json;
use testkit::{Response, TestApp, User};

use crate::{INSERT, delete_path, snapshot};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Insert,
    Delete,
}

const STEPS: [Step; 2] = [Step::Insert, Step::Delete];

/// Jane, with one cloud account.
async fn jane(app: &TestApp) -> (User<'_>, String) {
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    app.faults
        .skip_pauses(tokio::time::pause, tokio::time::resume);
    (jane, id)
}

impl Step {
    /// Connects a second account, or deletes the first.
    async fn take(self, jane: &User<'_>, id: &str) -> Response {
        match self {
            Self::Insert => jane.post(INSERT, jane.s3_connection()).await,
            Self::Delete => jane.delete(&delete_path(id)).await,
        }
    }

    /// The step has happened once.
    async fn expect_once(self, app: &TestApp, answer: &Response, when: &str) {
        assert_eq!(answer.outcome(), "200", "{self:?}, {when}");
        let live = match self {
            Self::Insert => 2,
            Self::Delete => {
                assert_eq!(answer.json(), json!(true));
                0
            }
        };
        let mut accounts = app.records_of("CLOUD#");
        accounts.retain(|item| item["deleted"]["BOOL"] == false);
        assert_eq!(accounts.len(), live, "{self:?}, {when}");
        let (database, account) = (app.app.database(), app.account_of("jane@example.com"));
        let subscriptions = database.subscriptions(account).await;
        let subscriptions = subscriptions.expect("the subscriptions are read");
        assert_eq!(subscriptions.len(), live, "{self:?}, {when}");
        let counted = database.connection_count(account).await;
        assert_eq!(
            counted.expect("the account counts"),
            live as u64,
            "{self:?}, {when}"
        );
    }
}

#[tokio::test]
async fn conflicts_are_waited_out() {
    for step in STEPS {
        let app = TestApp::start().await;
        let (jane, id) = jane(&app).await;
        app.faults.conflicts(3);

        let answer = step.take(&jane, &id).await;

        step.expect_once(&app, &answer, "after conflicts").await;
        let tokens = app.faults.transactions();
        assert_eq!(tokens, vec![tokens[0].clone(); 4], "{step:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_costs_nothing_whichever_it_is() {
    for step in STEPS {
        let mut tries = 0;
        for spared in 0.. {
            let app = TestApp::start().await;
            let (jane, id) = jane(&app).await;
            app.faults.lose_answers_after(spared, 2);

            let answer = step.take(&jane, &id).await;

            let tokens = app.faults.transactions();
            assert_eq!(tokens, vec![tokens[0].clone(); tokens.len()], "{step:?}");
            tries = tries.max(tokens.len());
            let struck = app.faults.struck();
            app.faults.lose_answers(0);
            let when = format!("{spared} answered before");
            step.expect_once(&app, &answer, &when).await;
            if struck == 0 {
                assert!(spared >= 2, "{step:?} makes {spared} requests");
                break;
            }
        }
        assert_eq!(
            tries, 3,
            "{step:?}: both answers to the transaction were lost"
        );
    }
}

#[tokio::test]
async fn a_conflict_without_end_changes_nothing_and_a_later_repeat_succeeds() {
    for step in STEPS {
        let app = TestApp::start().await;
        let (jane, id) = jane(&app).await;
        let before = snapshot(&app);
        app.faults.conflicts(10_000);

        let answer = step.take(&jane, &id).await;

        answer.expect_problem(499, "INTERNAL_ERROR");
        assert_eq!(answer.header("retry-after"), "2", "{step:?}");
        assert_eq!(snapshot(&app), before, "{step:?}");
        let tokens = app.faults.transactions();
        assert!(
            tokens.len() > 10,
            "{step:?} is tried {} times",
            tokens.len()
        );
        assert_eq!(tokens, vec![tokens[0].clone(); tokens.len()], "{step:?}");

        app.faults.conflicts(0);
        let answer = step.take(&jane, &id).await;
        step.expect_once(&app, &answer, "after a conflict without end")
            .await;
    }
}
