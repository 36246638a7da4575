//! `POST /v/{id}/downloads`

use axum::extract::{Path, State};
use http::{HeaderMap, StatusCode};
use shared::app::App;
use shared::database::Gesture;

use crate::failure::Failure;
use crate::gesture;

/// Counts that a person began a download: the page says so when it sees a gesture.
pub async fn handle(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    gesture::count(&app, &id, Gesture::Download)
        .await
        .map_err(|error| Failure::of(error, &headers))
}
