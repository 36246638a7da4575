//! What SES tells of mails, told in events, marks, and in who is mailed afterwards.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod marks;

mod story;

mod lambda;

use shared::domain::Result;
use shared::web::sns::SnsEvent;
use testkit::TestApp;

/// The job, with an event as Lambda gives it.
async fn tell(app: &TestApp, event: &str) -> Result<()> {
    let event: SnsEvent = serde_json::from_str(event).unwrap();
    mail_feedback::mark(app.app.clone(), event).await
}

/// The reasons of all marks.
fn reasons(app: &TestApp) -> Vec<String> {
    let marks = app.records_of("MAILMARK#");
    let reason = |mark: &serde_json::Value| mark["reason"]["S"].as_str().unwrap().to_owned();
    marks.iter().map(reason).collect()
}
