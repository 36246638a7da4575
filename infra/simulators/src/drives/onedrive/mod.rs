//! OneDrive: the Microsoft identity platform v2.0, Microsoft Graph v1.0 and the host of contents.
//!
//! Written from microsoft-graph-docs-contrib (`api-reference/v1.0/{api,resources}/drive*.md`,
//! `concepts/{errors,onedrive-addressing-driveitems}.md`), entra-docs
//! (`identity-platform/v2-oauth2-auth-code-flow.md`, `reference-error-codes.md`) and the EDM of
//! msgraph-metadata. The user's own drive is a personal one, every other a document library.

mod address;
mod authorize;
mod children;
mod content;
mod errors;
mod graph;
mod ids;
mod items;
mod names;
mod query;
mod scopes;
mod sessions;
mod token;
mod writing;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use super::Simulator;

/// Identities.
const IDENTITY: &str = "login.microsoftonline.com";
/// The API.
const GRAPH: &str = "graph.microsoft.com";
/// Contents, at URLs that carry their own permission.
const CONTENT: &str = "my.microsoftpersonalcontent.com";

/// Every host of the vendor.
pub(super) fn routes() -> Router<Simulator> {
    let identity = |path: &str| format!("/{IDENTITY}/{{tenant}}{path}");
    let content = |path: &str| format!("/{CONTENT}/personal/{{drive}}{path}");
    Router::new()
        .route(
            &identity("/oauth2/v2.0/authorize"),
            get(authorize::authorize),
        )
        .route(&identity("/oauth2/v2.0/token"), post(token::issue))
        .route(
            &identity("/v2.0/.well-known/openid-configuration"),
            get(authorize::configuration),
        )
        .route(&format!("/{GRAPH}/v1.0/{{*rest}}"), any(graph::serve))
        .route(
            &content("/_layouts/15/download.aspx"),
            get(content::download),
        )
        .route(
            &content("/_api/v2.0/uploadSession"),
            get(sessions::status)
                .put(sessions::put)
                .delete(sessions::cancel),
        )
        // Graph takes 250 MB; what a request may hold is checked where it is used.
        .layer(DefaultBodyLimit::disable())
}
