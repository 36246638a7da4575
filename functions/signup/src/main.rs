//! The Lambda function `signup`.

use shared::web::{StartError, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run(signup::routes()).await
}
