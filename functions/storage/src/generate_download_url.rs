//! `POST /api/v1/desktop/generate_download_url`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::app::App;
use shared::database::{Link, LinkPurpose};
use shared::domain::Result;
use shared::domain::ids::CloudAccountId;
use shared::domain::storage::DownloadOptions;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DownloadUrlRequest {
    cloud_account_id: String,
    id: Option<String>,
    storage_name: String,
    key: String,
    expire_hours: Option<u16>,
    force_to_download: Option<bool>,
}

/// A URL that answers the object to anybody until it expires.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<DownloadUrlRequest>,
) -> Result<Response> {
    let cloud_account_id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let object = wire::parse_object(body.id, body.storage_name, &body.key)?;
    let options = DownloadOptions {
        lifetime: wire::parse_lifetime(body.expire_hours)?,
        attachment: body.force_to_download.unwrap_or_default(),
    };
    let drive = wire::open(&app, &session, cloud_account_id).await?;
    let offer = drive.download_url(&object, &options).await?;
    let link = Link {
        user_id: session.user_id(),
        cloud_account_id,
        object,
        purpose: LinkPurpose::Download {
            attachment: options.attachment,
        },
        expires: wire::expiry(&app, options.lifetime)?,
    };
    wire::answer_url(&app, offer, link).await
}
