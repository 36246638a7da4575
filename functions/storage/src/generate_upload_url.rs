//! `POST /api/v1/desktop/generate_upload_url`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::app::App;
use shared::database::{Link, LinkPurpose};
use shared::domain::Result;
use shared::domain::ids::CloudAccountId;
use shared::domain::storage::{ContentType, UploadOptions};
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadUrlRequest {
    cloud_account_id: String,
    id: Option<String>,
    storage_name: String,
    key: String,
    expire_hours: Option<u16>,
    content_type: Option<String>,
}

/// A URL that stores one body as the object, with the given Content-Type, until it expires.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<UploadUrlRequest>,
) -> Result<Response> {
    let cloud_account_id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let object = wire::parse_object(body.id, body.storage_name, &body.key)?;
    let content_type = body.content_type.filter(|text| !text.is_empty());
    let options = UploadOptions {
        lifetime: wire::parse_lifetime(body.expire_hours)?,
        content_type: content_type
            .map(|text| ContentType::parse("contentType", &text))
            .transpose()?
            .unwrap_or_default(),
    };
    let drive = wire::open(&app, &session, cloud_account_id).await?;
    let offer = drive.upload_url(&object, &options).await?;
    let link = Link {
        user_id: session.user_id(),
        cloud_account_id,
        object,
        purpose: LinkPurpose::Upload {
            content_type: options.content_type,
        },
        expires: wire::expiry(&app, options.lifetime)?,
    };
    wire::answer_url(&app, offer, link).await
}
