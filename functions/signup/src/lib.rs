//! Sign-up: an address and a password become a user when the mailed code comes back, or Google says
//! whose address it is.

pub mod signup;

pub mod confirm_signup;

pub mod resend_confirmation_email;

pub mod google_signup;

pub mod google_signin;

use axum::Router;
use axum::routing::post;
use shared::app::App;

/// The family's routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/desktop/signup", post(signup::handle))
        .route(
            "/api/v1/desktop/confirm_signup",
            post(confirm_signup::handle),
        )
        .route(
            "/api/v1/desktop/resend_confirmation_email",
            post(resend_confirmation_email::handle),
        )
        .route("/api/v1/desktop/google_signup", post(google_signup::handle))
        .route("/api/v1/desktop/google_signin", post(google_signin::handle))
}
