//! What SES tells of mails reaches the function that takes it in, as through SNS.

use shared::app::App;
use shared::web::sns::SnsEvent;
use simulators::aws::feedback::Feedback;

/// Hands every event to the function `mail-feedback`. There are no repeats: what fails here is seen
/// by the person in front of it.
pub(crate) async fn hand_on(app: App, feedback: Feedback) {
    loop {
        let event = feedback.next().await;
        let Ok(event) = serde_json::from_str::<SnsEvent>(&event) else {
            unreachable!("the simulator writes events as SNS does");
        };
        if let Err(error) = mail_feedback::mark(app.clone(), event).await {
            tracing::error!(text = error.public(), causes = error.causes(), "failed");
        }
    }
}
