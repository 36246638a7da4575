//! The Lambda function `links`.

use shared::web::{StartError, run_streaming};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), StartError> {
    run_streaming(links::routes()).await
}
