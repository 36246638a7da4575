//! The Lambda function `storage`.

use shared::web::{StartError, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run(storage::routes()).await
}
