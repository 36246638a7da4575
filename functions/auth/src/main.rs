//! The Lambda function `auth`.

use shared::web::{StartError, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run(auth::routes()).await
}
