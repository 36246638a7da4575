//! The Lambda function `log-settings`.

use shared::web::{StartError, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run(log_settings::routes()).await
}
