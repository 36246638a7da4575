//! `POST /api/v1/desktop/refresh_token`

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::ids::CloudAccountId;
use shared::web::auth::Session;
use shared::web::cloud_account::CloudAccountAnswer;
use shared::web::json::Json;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefreshTokenRequest {
    cloud_account_id: String,
}

/// Answers the cloud account, masked. Accounts connected by keys hold nothing that expires, so there
/// is nothing to refresh. Strangers may ask; a JWT, if one comes along, must be good.
pub async fn handle(
    State(app): State<App>,
    session: Option<Session>,
    Json(body): Json<RefreshTokenRequest>,
) -> Result<Answer<CloudAccountAnswer>> {
    let id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    if let Some(session) = session {
        session.caller(&app).await?;
    }
    let account = app
        .database()
        .cloud_account(id)
        .await?
        .open(app.secrets())
        .await?;
    Ok(Answer(CloudAccountAnswer::masked(&account)))
}
