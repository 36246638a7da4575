//! `POST /v/{id}/content`

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use shared::app::App;

use crate::failure::Failure;
use crate::upload::store;

/// As the `PUT`, for providers whose own URLs take a `POST`, which a redirect repeats.
pub async fn handle(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    store(&app, &id, &headers, body)
        .await
        .map_err(|error| Failure::of(error, &headers))
}
