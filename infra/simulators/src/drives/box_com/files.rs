//! Files: `/files` of the specification.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde_json::Value;

use super::super::Simulator;
use super::access::{Reader, Writer};
use super::content;
use super::errors::Result;
use super::items::{self, Parameters};

/// A download URL lives "in most cases" so long (guide "Downloads > Get download URL").
const URL_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// `GET /files/{id}`
pub(super) async fn read(
    _: Reader,
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>> {
    let tree = simulator.tree();
    let file = items::file_of(&tree, &id)?;
    Ok(Json(items::full(&tree, file, &query)))
}

/// `DELETE /files/{id}`
pub(super) async fn delete(
    _: Writer,
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let mut tree = simulator.tree();
    let file = items::file_of(&tree, &id)?.id;
    tree.remove(file);
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /files/{id}/content`: where the bytes are.
pub(super) async fn content(
    _: Reader,
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
) -> Result<Response> {
    let file = items::file_of(&simulator.tree(), &id)?.id;
    let now = simulator.clock().now();
    let token = simulator
        .handed_out()
        .give(content::URL, &file, now, URL_LIFETIME);
    let url = simulator.url("dl.boxcloud.com", &format!("/d/1/{token}/download"));
    Ok((StatusCode::FOUND, [(header::LOCATION, url)]).into_response())
}
