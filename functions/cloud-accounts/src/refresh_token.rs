//! `POST /api/v1/desktop/refresh_token`

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::ids::CloudAccountId;
use shared::limits::{self, Limit};
use shared::web::auth::Session;
use shared::web::client::ClientAddress;
use shared::web::cloud_account::CloudAccountAnswer;
use shared::web::json::Json;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefreshTokenRequest {
    cloud_account_id: String,
}

/// Answers the cloud account after a refresh, if it was due: an access token with more than five
/// minutes left is not refreshed, nor are accounts connected by keys. Strangers may ask and read it
/// masked; who may see the account reads the live access token, and a JWT that comes along must be
/// good.
pub async fn handle(
    State(app): State<App>,
    session: Option<Session>,
    client: ClientAddress,
    Json(body): Json<RefreshTokenRequest>,
) -> Result<Answer<CloudAccountAnswer>> {
    let id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let (stored, sees) = match session {
        None => {
            limits::count(&app, &client.uses(&[Limit::RefreshToken])).await?;
            (app.database().cloud_account(id).await?, false)
        }
        Some(session) => session.any_cloud_account(&app, id).await?,
    };
    let account = app.refresher().fresh(stored).await?;
    Ok(Answer(if sees {
        CloudAccountAnswer::with_access(&account)?
    } else {
        CloudAccountAnswer::masked(&account)
    }))
}
