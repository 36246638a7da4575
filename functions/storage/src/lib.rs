//! Storage operations on a connected cloud account.

pub mod list_buckets;

pub mod list_objects;

pub mod create_folder;

pub mod delete_object;

pub mod generate_download_url;

pub mod generate_upload_url;

pub mod send_download_url;

mod wire;

use axum::Router;
use axum::routing::post;
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/desktop/list_buckets", post(list_buckets::handle))
        .route("/api/v1/desktop/list_objects", post(list_objects::handle))
        .route("/api/v1/desktop/create_folder", post(create_folder::handle))
        .route("/api/v1/desktop/delete_object", post(delete_object::handle))
        .route(
            "/api/v1/desktop/generate_download_url",
            post(generate_download_url::handle),
        )
        .route(
            "/api/v1/desktop/generate_upload_url",
            post(generate_upload_url::handle),
        )
        .route(
            "/api/v1/desktop/send_download_url",
            post(send_download_url::handle),
        )
}
