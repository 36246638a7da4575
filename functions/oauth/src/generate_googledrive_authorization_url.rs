//! `POST /api/v1/desktop/generate_googledrive_authorization_url`

use axum::Json as Answer;
use axum::extract::State;
use shared::app::App;
use shared::domain::Result;
use shared::domain::cloud_account::CloudProvider;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::flow::{self, AuthorizationUrlRequest};

/// The URL where Google Drive asks the person for access.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<AuthorizationUrlRequest>,
) -> Result<Answer<String>> {
    let url = flow::ask(&app, &session, CloudProvider::GoogleDrive, body).await?;
    Ok(Answer(url))
}
