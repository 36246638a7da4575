//! Dropbox, after its published specification: `files.stone`, `auth.stone`, `common.stone` and
//! `users.stone` of <https://github.com/dropbox/dropbox-api-spec>.
//!
//! The user is a member of a team with a team space if the tree has a second root; then the home
//! folder and the team space are two namespaces. The home folder is not shown inside the team space.

mod account;
mod commit;
mod content;
mod errors;
mod files;
mod identity;
mod listing;
mod metadata;
mod paths;
mod rpc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};

use super::Simulator;

/// The host of the consent page.
const WWW: &str = "www.dropbox.com";
/// The host of calls that take and answer JSON.
const API: &str = "api.dropboxapi.com";
/// Another name of it, for the token endpoint.
const API_ALIAS: &str = "api.dropbox.com";
/// The host of calls that take or answer a file.
const CONTENT: &str = "content.dropboxapi.com";
/// The host of temporary links; the first label differs from link to link.
const DOWNLOADS: &str = "uc0123456789abcdef.dl.dropboxusercontent.com";

/// Every host of the vendor.
pub(super) fn routes() -> Router<Simulator> {
    let content = Router::new()
        .route(&format!("/{CONTENT}/2/{{*function}}"), any(content::call))
        .route(
            &format!("/{CONTENT}/apitul/1/{{link}}"),
            any(content::take_upload),
        )
        .layer(DefaultBodyLimit::disable());
    Router::new()
        .route(
            &format!("/{WWW}/oauth2/authorize"),
            get(identity::authorize),
        )
        .route(&format!("/{API}/oauth2/token"), any(identity::token))
        .route(&format!("/{API_ALIAS}/oauth2/token"), any(identity::token))
        .route(&format!("/{API}/2/{{*function}}"), any(rpc::call))
        .route(
            &format!("/{DOWNLOADS}/cd/0/get/{{link}}/file"),
            get(content::serve_link),
        )
        .merge(content)
}
