//! Box.

use axum::Router;

use super::Simulator;

/// Every host of the vendor.
pub(super) fn routes() -> Router<Simulator> {
    Router::new()
}
