//! `POST /api/authentication/request_token`

use axum::Json as Answer;
use axum::extract::State;
use shared::app::App;
use shared::domain::Result;
use shared::web::client::ClientAddress;

/// A one-shot token, valid for 60 seconds. Nothing is written until it is used.
pub async fn handle(State(app): State<App>, client: ClientAddress) -> Result<Answer<String>> {
    if let Some(network) = client.network() {
        app.memory().count_request_token(&app, &network)?;
    }
    app.tokens().request_token().await.map(Answer)
}
