//! Transactions that meet others, and answers of the record store that do not arrive.

use testkit::{Response, TestApp, User};

use crate::{DELETE, SETUP, UPDATE, collector, snapshot, stored, with};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Setup,
    Update,
    Delete,
}

const STEPS: [Step; 3] = [Step::Setup, Step::Update, Step::Delete];

impl Step {
    /// Jane, right before the step.
    async fn prepare(self, app: &TestApp) -> User<'_> {
        let jane = app.user("jane@example.com").await;
        if self != Self::Setup {
            jane.post(SETUP, collector()).await.json();
        }
        app.faults
            .skip_pauses(tokio::time::pause, tokio::time::resume);
        jane
    }

    async fn take(self, app: &TestApp, jane: &User<'_>) -> Response {
        match self {
            Self::Setup => jane.post(SETUP, collector()).await,
            Self::Update => {
                let id = stored(app)[0]["id"]["S"].clone();
                let body = with(with(collector(), "id", id), "servicePort", "9");
                jane.put(UPDATE, body).await
            }
            Self::Delete => jane.delete(DELETE).await,
        }
    }

    /// The step has happened.
    #[track_caller]
    fn expect_done(self, app: &TestApp, answer: &Response, when: &str) {
        assert_eq!(answer.outcome(), "200", "{self:?}, {when}");
        let stored = stored(app);
        let ports: Vec<_> = stored
            .iter()
            .map(|item| item["service_port"]["N"].as_str().expect("a port"))
            .collect();
        let expected: &[&str] = match self {
            Self::Setup => &["8088"],
            Self::Update => &["9"],
            Self::Delete => &[],
        };
        assert_eq!(ports, expected, "{self:?}, {when}");
        if self != Self::Delete {
            assert_eq!(
                answer.json()["id"],
                stored[0]["id"]["S"],
                "{self:?}, {when}"
            );
        }
    }
}

#[tokio::test]
async fn conflicts_are_waited_out() {
    for step in STEPS {
        let app = TestApp::start().await;
        let jane = step.prepare(&app).await;
        app.faults.conflicts(3);

        let answer = step.take(&app, &jane).await;

        step.expect_done(&app, &answer, "after conflicts");
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
            let jane = step.prepare(&app).await;
            app.faults.lose_answers_after(spared, 2);

            let answer = step.take(&app, &jane).await;

            step.expect_done(&app, &answer, &format!("{spared} answered before"));
            let tokens = app.faults.transactions();
            assert_eq!(tokens, vec![tokens[0].clone(); tokens.len()], "{step:?}");
            tries = tries.max(tokens.len());
            if app.faults.struck() == 0 {
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
        let jane = step.prepare(&app).await;
        let before = snapshot(&app);
        app.faults.conflicts(10_000);

        let answer = step.take(&app, &jane).await;

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
        let answer = step.take(&app, &jane).await;
        step.expect_done(&app, &answer, "after a conflict without end");
    }
}
