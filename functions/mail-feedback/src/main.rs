//! The Lambda function `mail-feedback`.

use shared::web::{StartError, run_notified};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run_notified(mail_feedback::mark).await
}
