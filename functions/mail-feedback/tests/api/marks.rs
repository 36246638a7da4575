//! Which event marks whom.

use shared::domain::email::EmailAddress;
use testkit::TestApp;
use testkit::lambda::events_of;

use crate::{reasons, tell};

/// Every file of `events/mail-feedback/`, and why `Jane@example.com` is marked after it.
pub(crate) const OUTCOMES: [(&str, Option<&str>); 10] = [
    ("bounce.json", Some("bounce")),
    ("bounce.suppressed.json", Some("bounce")),
    ("bounce.transient.json", None),
    ("bounce.undetermined.json", None),
    ("complaint.json", Some("complaint")),
    ("complaint.not_spam.json", None),
    ("complaint.without_reason.json", Some("complaint")),
    ("delivery.json", None),
    ("delivery_delay.json", None),
    ("malformed.json", Some("bounce")),
];

#[tokio::test]
async fn who_bounces_for_good_or_complains_is_marked_and_nobody_else() {
    let files = events_of("mail-feedback");
    let named: Vec<_> = OUTCOMES.iter().map(|(file, _)| *file).collect();
    assert_eq!(files.keys().collect::<Vec<_>>(), named);
    let jane = EmailAddress::parse("email", "jane@EXAMPLE.com").unwrap();

    for (file, reason) in OUTCOMES {
        let app = TestApp::start().await;
        tell(&app, &files[file]).await.unwrap();

        let expected = Vec::from_iter(reason.map(str::to_owned));
        assert_eq!(reasons(&app), expected, "{file}");
        let marked = app.app.database().is_marked(&jane).await.unwrap();
        assert_eq!(marked, reason.is_some(), "{file}");
    }
}

#[tokio::test]
async fn an_event_that_comes_again_changes_nothing_that_matters() {
    let app = TestApp::start().await;
    let files = events_of("mail-feedback");
    for file in ["bounce.json", "complaint.json", "complaint.json"] {
        tell(&app, &files[file]).await.unwrap();
        tell(&app, &files["bounce.transient.json"]).await.unwrap();
    }
    assert_eq!(reasons(&app), ["complaint"]);
}

#[tokio::test]
async fn a_mark_that_may_not_be_stored_fails_the_invocation_and_the_repeat_mends_it() {
    let app = TestApp::start().await;
    app.faults
        .skip_pauses(tokio::time::pause, tokio::time::resume);
    let event = &events_of("mail-feedback")["bounce.json"];
    app.faults.lose_answers(3);

    assert!(tell(&app, event).await.is_err());

    tell(&app, event).await.unwrap();
    assert_eq!(reasons(&app), ["bounce"]);
}
