//! Box, as its specification (github.com/box/box-openapi, `openapi/openapi.json`) and the guides of
//! developer.box.com describe it.

mod access;
mod content;
mod errors;
mod files;
mod folders;
mod identity;
mod items;
mod names;
mod uploads;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::Simulator;

/// An upload in one request: at most this many bytes, and some for the form around them (guide
/// "Uploads > Direct").
const UPLOAD_BYTES_MAX: usize = 50 * 1024 * 1024 + 16 * 1024;

/// Every host of the vendor.
pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route(
            "/account.box.com/api/oauth2/authorize",
            get(identity::authorize),
        )
        .route("/api.box.com/oauth2/token", post(identity::token))
        .route("/api.box.com/oauth2/revoke", post(identity::revoke))
        .route("/api.box.com/2.0/users/me", get(items::me))
        .route("/api.box.com/2.0/folders", post(folders::create))
        .route(
            "/api.box.com/2.0/folders/{id}",
            get(folders::read).delete(folders::delete),
        )
        .route("/api.box.com/2.0/folders/{id}/items", get(folders::items))
        .route(
            "/api.box.com/2.0/files/{id}",
            get(files::read).delete(files::delete),
        )
        .route("/api.box.com/2.0/files/{id}/content", get(files::content))
        .route(
            "/upload.box.com/api/2.0/files/content",
            post(uploads::new_file),
        )
        .route(
            "/upload.box.com/api/2.0/files/{id}/content",
            post(uploads::new_version),
        )
        .route(
            "/dl.boxcloud.com/d/1/{token}/download",
            get(content::download),
        )
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX))
}
