//! Cloud accounts: connect, disconnect, refresh.

pub mod insert;

pub mod delete;

pub mod refresh_token;

use axum::Router;
use axum::routing::{delete, post};
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/desktop/insert", post(insert::handle))
        .route("/api/v1/desktop/delete", delete(delete::handle))
        .route("/api/v1/desktop/refresh_token", post(refresh_token::handle))
}
