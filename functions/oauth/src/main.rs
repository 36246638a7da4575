//! The Lambda function `oauth`.

use shared::web::{StartError, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run(oauth::routes()).await
}
