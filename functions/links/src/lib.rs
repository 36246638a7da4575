//! Links to objects, for whoever has them: no session, no account.

pub mod content;

pub mod upload;

pub mod upload_by_post;

mod range;
mod stream;

mod failure;

use axum::Router;
use axum::routing::{get, post, put};
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v/{id}/content", get(content::handle))
        .route("/v/{id}/content", put(upload::handle))
        .route("/v/{id}/content", post(upload_by_post::handle))
}
