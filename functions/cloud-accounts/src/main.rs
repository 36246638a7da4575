//! The Lambda function `cloud-accounts`.

use shared::web::{StartError, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run(cloud_accounts::routes()).await
}
