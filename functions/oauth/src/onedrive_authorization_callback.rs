//! `POST /api/v1/desktop/onedrive_authorization_callback`

use axum::Json as Answer;
use axum::extract::State;
use shared::app::App;
use shared::domain::Result;
use shared::domain::cloud_account::CloudProvider;
use shared::web::auth::Session;
use shared::web::cloud_account::CloudAccountAnswer;
use shared::web::json::Json;

use crate::flow::{self, CallbackRequest};

/// Connects the OneDrive that the person gave access to.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<CallbackRequest>,
) -> Result<Answer<CloudAccountAnswer>> {
    let account = flow::connect(&app, &session, CloudProvider::OneDrive, body).await?;
    Ok(Answer(CloudAccountAnswer::masked(&account)))
}
