//! Links to objects, for whoever has them: no session, no account.

pub mod viewer_page;

pub mod viewer_script;

pub mod count_view;

pub mod count_download;

pub mod content;

pub mod upload;

pub mod upload_by_post;

mod range;
mod stream;

mod failure;

mod gesture;

mod look;

use axum::Router;
use axum::routing::{get, post, put};
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v/{id}", get(viewer_page::handle))
        .route("/v/viewer.js", get(viewer_script::handle))
        .route("/v/{id}/views", post(count_view::handle))
        .route("/v/{id}/downloads", post(count_download::handle))
        .route("/v/{id}/content", get(content::handle))
        .route("/v/{id}/content", put(upload::handle))
        .route("/v/{id}/content", post(upload_by_post::handle))
}
