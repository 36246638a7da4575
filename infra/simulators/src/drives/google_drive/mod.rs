//! Google Drive: the identity service and the Drive API v3.
//!
//! Written from the discovery document (revision 20261106), the guides under
//! <https://developers.google.com/workspace/drive/api/guides> and
//! <https://developers.google.com/identity/protocols/oauth2/web-server>.
//!
//! What is not here: the narrow scopes `drive.file` and `drive.appdata` reach nothing, and no file
//! has permissions.

mod call;
mod content;
mod errors;
mod fields;
mod files;
mod identity;
mod ids;
mod listing;
mod query;
mod sessions;
mod tokens;
mod upload;
mod wire;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, patch, post, put};

use super::Simulator;

/// The API's host. Uploads and their sessions are there, too.
const API: &str = "www.googleapis.com";

/// An upload: at most this many bytes, so that a test does not eat the machine's memory.
const UPLOAD_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Every host of the vendor.
pub(super) fn routes() -> Router<Simulator> {
    let uploads = Router::new()
        .route(
            "/www.googleapis.com/upload/drive/v3/files",
            post(upload::create).merge(put(sessions::put)),
        )
        .route(
            "/www.googleapis.com/upload/drive/v3/files/{id}",
            patch(upload::update).merge(put(sessions::put)),
        )
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX));
    Router::new()
        .route(
            "/accounts.google.com/o/oauth2/v2/auth",
            get(identity::authorize),
        )
        .route("/oauth2.googleapis.com/token", post(tokens::token))
        .route("/oauth2.googleapis.com/revoke", post(tokens::revoke))
        .route("/www.googleapis.com/drive/v3/about", get(files::about))
        .route("/www.googleapis.com/drive/v3/drives", get(listing::drives))
        .route(
            "/www.googleapis.com/drive/v3/files",
            get(listing::files).post(files::create),
        )
        .route(
            "/www.googleapis.com/drive/v3/files/generateIds",
            get(files::generate_ids),
        )
        .route(
            "/www.googleapis.com/drive/v3/files/{id}",
            get(files::get).patch(files::update).delete(files::delete),
        )
        .merge(uploads)
}
