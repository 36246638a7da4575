//! `POST /api/authentication/request_token`

use axum::Json as Answer;
use axum::extract::State;
use shared::app::App;
use shared::domain::Result;

/// A one-shot token, valid for 60 seconds. Nothing is written until it is used.
pub async fn handle(State(app): State<App>) -> Result<Answer<String>> {
    app.tokens().request_token().await.map(Answer)
}
