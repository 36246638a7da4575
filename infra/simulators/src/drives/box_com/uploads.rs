//! Uploads: `POST /files/content` and `POST /files/{id}/content` of the specification, on a host
//! of their own.

use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::Simulator;
use super::super::tree::{File, NodeId, Tree};
use super::access::Writer;
use super::errors::{Refusal, Result};
use super::folders::Parent;
use super::items::{self, Parameters};
use super::names;

#[derive(Deserialize)]
struct NewFile {
    name: String,
    parent: Parent,
}

#[derive(Deserialize)]
struct NewVersion {
    name: String,
}

/// `POST https://upload.box.com/api/2.0/files/content`
pub(super) async fn new_file(
    _: Writer,
    State(simulator): State<Simulator>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Value>)> {
    let (new, content): (NewFile, _) = read(form, &headers).await?;
    names::check(&new.name)?;
    let now = simulator.clock().now();
    let mut tree = simulator.tree();
    let parent = items::folder_of(&tree, &new.parent.id)?.id;
    refuse_taken(&tree, parent, &new.name, None)?;
    let media_type = media_type(&new.name);
    let id = tree.add_file(parent, &new.name, content, media_type, now);
    Ok((StatusCode::CREATED, Json(answer(&tree, id, &query)?)))
}

/// `POST https://upload.box.com/api/2.0/files/{id}/content`
pub(super) async fn new_version(
    _: Writer,
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>> {
    let (new, content): (NewVersion, _) = read(form, &headers).await?;
    names::check(&new.name)?;
    let now = simulator.clock().now();
    let mut tree = simulator.tree();
    let file = items::file_of(&tree, &id)?;
    let (id, parent) = (file.id, file.parent);
    if let Some(parent) = parent {
        refuse_taken(&tree, parent, &new.name, Some(id))?;
    }
    let file = File {
        content,
        media_type: media_type(&new.name).to_owned(),
    };
    tree.write(id, file, now);
    // A new version may bring a new name.
    tree.rename(id, &new.name, now);
    answer(&tree, id, &query).map(Json)
}

fn answer(tree: &Tree, id: NodeId, query: &Parameters) -> Result<Value> {
    let file = tree.get(id).ok_or_else(Refusal::not_found)?;
    let entry = items::full(tree, file, query);
    Ok(json!({ "total_count": 1, "entries": [entry] }))
}

/// A name is one file's or folder's in a folder, whatever the case of its letters.
fn refuse_taken(tree: &Tree, parent: NodeId, name: &str, by: Option<NodeId>) -> Result<()> {
    match tree.child_ignoring_case(parent, name) {
        Some(taken) if Some(taken.id) != by => Err(Refusal::name_in_use(&items::mini(tree, taken))),
        _ => Ok(()),
    }
}

/// The two parts of the form, in the order that Box insists on.
async fn read<T: DeserializeOwned>(
    form: Result<Multipart, MultipartRejection>,
    headers: &HeaderMap,
) -> Result<(T, Bytes)> {
    let broken = || Refusal::parameter("entity-body", "Invalid multipart form");
    let mut form = form.map_err(|_| broken())?;
    let mut attributes = None;
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        match (field.name(), attributes.take()) {
            (Some("attributes"), None) => {
                let json = field.bytes().await.map_err(|_| broken())?;
                let read = serde_json::from_slice(&json);
                attributes =
                    Some(read.map_err(|_| Refusal::parameter("attributes", "Invalid value"))?);
            }
            (Some("file"), Some(attributes)) if field.file_name().is_some() => {
                let content = field.bytes().await.map_err(|_| broken())?;
                // The last boundary may not be missing.
                if form.next_field().await.map_err(|_| broken())?.is_some() {
                    return Err(broken());
                }
                check_digest(&content, headers)?;
                return Ok((attributes, content));
            }
            (Some("file"), None) => return Err(Refusal::metadata_after_file()),
            _ => return Err(broken()),
        }
    }
    Err(Refusal::parameter("file", "Missing"))
}

/// The header is called `content-md5` and holds a SHA-1.
fn check_digest(content: &[u8], headers: &HeaderMap) -> Result<()> {
    match headers.get("content-md5") {
        Some(announced) if announced.as_bytes() != items::sha1(content).as_bytes() => {
            Err(Refusal::bad_digest())
        }
        _ => Ok(()),
    }
}

/// Box keeps no media type: it goes by the name.
fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("txt") => "text/plain",
        Some("html") => "text/html",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}
