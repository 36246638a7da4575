//! `POST /api/v1/desktop/create_folder`

use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::ids::CloudAccountId;
use shared::domain::storage::{FolderAddress, FolderName, FolderPath};
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateFolderRequest {
    cloud_account_id: String,
    id: Option<String>,
    storage_name: String,
    path: Option<String>,
    folder_name: String,
}

/// Creates a folder inside another.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<CreateFolderRequest>,
) -> Result<()> {
    let cloud_account_id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let parent = FolderAddress {
        bucket: body.storage_name,
        id: wire::parse_id(body.id)?,
        path: FolderPath::parse("path", body.path.as_deref().unwrap_or("/"))?,
    };
    let name = FolderName::parse("folderName", &body.folder_name)?;
    let drive = wire::open(&app, &session, cloud_account_id).await?;
    drive.create_folder(&parent, &name).await
}
