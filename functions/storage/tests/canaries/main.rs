//! Secrets are planted wherever a client, an administrator or a provider can put one, the whole
//! story is told, and then nothing of them may be in the log, in an answer, a mail or the table.
//!
//! The log is captured at every level. Our own crates' lines are searched at all of them, those of
//! libraries from DEBUG on: at TRACE the SDK prints whole requests on purpose, and functions never
//! let libraries log below INFO. Names of files and ids of access keys are no secrets, but private;
//! for them, what functions print counts.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod hostile;
mod malformed;
mod search;
mod story;

use testkit::TestApp;
use testkit::logs::Logs;

use search::Search;
use story::Story;

// One test: the log is the process's.
#[tokio::test]
async fn no_secret_is_logged_or_answered() {
    let logs = Logs::capture_everything();
    let app = TestApp::start().await;
    let mut story = Story::begin(&app);
    story.people_sign_up_and_in().await;
    story.accounts_are_connected().await;
    story.storage_is_used().await;
    story.a_demo_drive_is_used().await;
    story.a_provider_is_hostile().await;
    story.logs_are_forwarded().await;
    story.bodies_are_malformed().await;
    story.things_break().await;
    story.people_leave().await;

    let search = Search::new(&logs.text());
    for outcome in ["answered", "refused", "failed"] {
        assert!(
            search.printed.contains(outcome),
            "the log is read: {outcome}"
        );
    }
    assert!(story.answers.len() > 200, "{} answers", story.answers.len());
    search.expect_none(&story, &app);
}
