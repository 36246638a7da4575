//! The Lambda function `keepalive`.

use shared::web::{StartError, run_scheduled};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run_scheduled(keepalive::sweep).await
}
