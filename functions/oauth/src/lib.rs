//! The consent flows: ask a person for access to a drive, and connect it.

pub mod generate_dropbox_authorization_url;

pub mod dropbox_authorization_callback;

pub mod generate_onedrive_authorization_url;

pub mod onedrive_authorization_callback;

pub mod generate_googledrive_authorization_url;

pub mod googledrive_authorization_callback;

pub mod generate_box_authorization_url;

pub mod box_authorization_callback;

mod flow;

use axum::Router;
use axum::routing::post;
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/api/v1/desktop/generate_dropbox_authorization_url",
            post(generate_dropbox_authorization_url::handle),
        )
        .route(
            "/api/v1/desktop/dropbox_authorization_callback",
            post(dropbox_authorization_callback::handle),
        )
        .route(
            "/api/v1/desktop/generate_onedrive_authorization_url",
            post(generate_onedrive_authorization_url::handle),
        )
        .route(
            "/api/v1/desktop/onedrive_authorization_callback",
            post(onedrive_authorization_callback::handle),
        )
        .route(
            "/api/v1/desktop/generate_googledrive_authorization_url",
            post(generate_googledrive_authorization_url::handle),
        )
        .route(
            "/api/v1/desktop/googledrive_authorization_callback",
            post(googledrive_authorization_callback::handle),
        )
        .route(
            "/api/v1/desktop/generate_box_authorization_url",
            post(generate_box_authorization_url::handle),
        )
        .route(
            "/api/v1/desktop/box_authorization_callback",
            post(box_authorization_callback::handle),
        )
}
