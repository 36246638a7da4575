//! `POST /api/authentication/logout`

use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::{Error, Result};
use shared::limits::Limit;
use shared::tokens::Refusal;
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogoutRequest {
    request_token: String,
    jwt_token: String,
}

/// Ends the session of a JWT at once, everywhere. One that has expired or was ended is a success.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<LogoutRequest>,
) -> Result<()> {
    let counted = client.uses(&[Limit::Logout]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    match app.tokens().read_session(&body.jwt_token).await? {
        Ok(claims) => app.database().end_session(claims.sid).await,
        Err(Refusal::Expired) => Ok(()),
        Err(Refusal::Invalid) => Err(Error::unauthenticated("jwtToken: not valid")),
    }
}
