//! `POST /api/v1/desktop/delete_object`

use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::ids::CloudAccountId;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteObjectRequest {
    cloud_account_id: String,
    id: Option<String>,
    storage_name: String,
    key: String,
}

/// Deletes a file, or a folder (a key that ends in `/`) with all that is under it.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<DeleteObjectRequest>,
) -> Result<()> {
    let cloud_account_id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let object = wire::parse_object(body.id, body.storage_name, &body.key)?;
    let drive = wire::open(&app, &session, cloud_account_id).await?;
    drive.delete_object(&object).await
}
