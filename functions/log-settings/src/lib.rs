//! Log settings: where an account's logs go.

pub mod setup_accountlogsetting;

pub mod get_accountlogsetting;

pub mod update_accountlogsetting;

pub mod delete_accountlogsetting;

mod wire;

use axum::Router;
use axum::routing::{delete, get, post, put};
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/api/v1/desktop/setup_accountlogsetting",
            post(setup_accountlogsetting::handle),
        )
        .route(
            "/api/v1/desktop/get_accountlogsetting",
            get(get_accountlogsetting::handle),
        )
        .route(
            "/api/v1/desktop/update_accountlogsetting",
            put(update_accountlogsetting::handle),
        )
        .route(
            "/api/v1/desktop/delete_accountlogsetting",
            delete(delete_accountlogsetting::handle),
        )
}
