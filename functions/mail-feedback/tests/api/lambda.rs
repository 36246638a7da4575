//! The function's real binary, invoked by SNS.

use testkit::TestApp;
use testkit::lambda::{Lambda, events_of};

use crate::marks::OUTCOMES;
use crate::reasons;

const BINARY: &str = env!("CARGO_BIN_EXE_mail-feedback");

#[tokio::test]
async fn every_event_marks_whom_it_should_and_the_log_names_nobody() {
    let app = TestApp::start().await;
    let files = events_of("mail-feedback");
    let mut lambda = Lambda::start_with(&app, BINARY, &[("LOG_LEVEL", "DEBUG")]).await;
    for (file, reason) in OUTCOMES {
        lambda.invoke_job(&files[file]).await;

        let expected = Vec::from_iter(reason.map(str::to_owned));
        assert_eq!(reasons(&app), expected, "{file}");
        for mark in app.records_of("MAILMARK#") {
            app.remove_record(&mark).await;
        }
    }
    let printed = lambda.stop().await;
    assert_eq!(printed.matches("not an event of SES").count(), 3);
    assert_eq!(printed.matches("is no address").count(), 2);
    for private in ["@example", "jane", "Jane", "no address", "joe"] {
        let line = printed
            .lines()
            .filter(|line| !line.contains("a recipient is no address that is mailed"))
            .find(|line| line.contains(private));
        assert_eq!(line, None, "{private}");
    }
}

#[tokio::test]
async fn an_invocation_fails_where_marks_cannot_be_stored() {
    let app = TestApp::start().await;
    let other = [("TABLE_NAME", "no-such-table")];
    let mut lambda = Lambda::start_with(&app, BINARY, &other).await;
    let event = &events_of("mail-feedback")["bounce.json"];

    let report = lambda.invoke_failing_job(event).await;

    assert!(report.contains("errorMessage"), "{report}");
    assert!(!report.contains("@example"), "{report}");
    assert!(!lambda.stop().await.contains("@example"));
}
