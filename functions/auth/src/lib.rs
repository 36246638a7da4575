//! The companion authentication API: one-shot tokens, login, logout, forgotten passwords.

pub mod request_token;

pub mod login;

pub mod logout;

pub mod forgot_password;

pub mod reset_password;

use axum::Router;
use axum::routing::post;
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/api/authentication/request_token",
            post(request_token::handle),
        )
        .route("/api/authentication/login", post(login::handle))
        .route("/api/authentication/logout", post(logout::handle))
        .route(
            "/api/authentication/forgot_password",
            post(forgot_password::handle),
        )
        .route(
            "/api/authentication/reset_password",
            post(reset_password::handle),
        )
}
