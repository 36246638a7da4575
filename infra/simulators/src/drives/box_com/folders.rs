//! Folders: `/folders` of the specification.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::Simulator;
use super::super::handed_out::Found;
use super::super::tree::{Node, NodeId, ROOT, Tree};
use super::access::{Reader, Writer};
use super::errors::{Refusal, Result};
use super::items::{self, Parameters};
use super::names;

/// Entries of a page, where the request does not say.
const LIMIT_DEFAULT: usize = 100;
/// Entries of a page at most.
const LIMIT_MAX: usize = 1_000;
/// Where pages may begin, counted in entries (guide "Pagination > Offset-based").
const OFFSET_MAX: usize = 9_999;
/// How long a marker is good for. Box says only that it is not to be kept.
const MARKER_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// `GET /folders/{id}`
pub(super) async fn read(
    _: Reader,
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>> {
    let tree = simulator.tree();
    let folder = items::folder_of(&tree, &id)?;
    let mut answer = items::full(&tree, folder, &query);
    if query
        .get("fields")
        .is_none_or(|fields| fields.split(',').any(|field| field == "item_collection"))
    {
        answer["item_collection"] = by_offset(&tree, folder, &query)?;
    }
    Ok(Json(answer))
}

/// `GET /folders/{id}/items`
pub(super) async fn items(
    _: Reader,
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<Json<Value>> {
    let tree = simulator.tree();
    let folder = items::folder_of(&tree, &id)?;
    if flag(&query, "usemarker")? {
        by_marker_page(&simulator, &tree, folder, &query).map(Json)
    } else if query.contains_key("marker") {
        Err(Refusal::parameter("marker", "Requires usemarker"))
    } else {
        by_offset(&tree, folder, &query).map(Json)
    }
}

/// Where a page ended: what comes next has a greater place.
#[derive(Serialize, Deserialize)]
struct Marker {
    folder: NodeId,
    place: Place,
}

type Place = (u8, String, NodeId);

fn place(node: &Node) -> Place {
    (items::rank(node), node.name.to_lowercase(), node.id)
}

fn sorted<'a>(tree: &'a Tree, folder: &Node) -> Vec<&'a Node> {
    let mut children: Vec<_> = tree.children(folder.id).collect();
    children.sort_by_key(|node| place(node));
    children
}

fn by_marker_page(
    simulator: &Simulator,
    tree: &Tree,
    folder: &Node,
    query: &Parameters,
) -> Result<Value> {
    if query.contains_key("offset") {
        return Err(Refusal::parameter("offset", "Not together with usemarker"));
    }
    let limit = limit(query)?;
    let now = simulator.clock().now();
    let mut handed_out = simulator.handed_out();
    // An empty marker asks for the first page.
    let after = match query.get("marker").filter(|marker| !marker.is_empty()) {
        None => None,
        Some(marker) => match handed_out.find::<Marker>("marker", marker, now) {
            Found::Live(marker) if marker.folder == folder.id => Some(marker.place),
            Found::Live(_) | Found::Expired | Found::Unknown => {
                return Err(Refusal::parameter("marker", "Invalid value"));
            }
        },
    };
    let mut rest = sorted(tree, folder);
    if let Some(after) = after {
        rest.retain(|node| place(node) > after);
    }
    let next = (rest.len() > limit).then(|| {
        let marker = Marker {
            folder: folder.id,
            place: place(rest[limit - 1]),
        };
        handed_out.give("marker", &marker, now, MARKER_LIFETIME)
    });
    rest.truncate(limit);
    let entries = entries(tree, &rest, query);
    Ok(json!({ "entries": entries, "limit": limit, "next_marker": next }))
}

fn by_offset(tree: &Tree, folder: &Node, query: &Parameters) -> Result<Value> {
    let limit = limit(query)?;
    let offset = match query.get("offset") {
        None => 0,
        Some(offset) => offset
            .parse()
            .ok()
            .filter(|&offset| offset <= OFFSET_MAX)
            .ok_or_else(|| Refusal::parameter("offset", "Must be an integer up to 9999"))?,
    };
    let all = sorted(tree, folder);
    let page: Vec<_> = all.iter().copied().skip(offset).take(limit).collect();
    Ok(json!({
        "total_count": all.len(),
        "entries": entries(tree, &page, query),
        "offset": offset,
        "limit": limit,
        "order": [
            { "by": "type", "direction": "ASC" },
            { "by": "name", "direction": "ASC" },
        ],
    }))
}

/// A yes or no; Box's SDK for Python writes it as Python does.
fn flag(query: &Parameters, name: &str) -> Result<bool> {
    match query.get(name).map(|value| value.to_ascii_lowercase()) {
        None => Ok(false),
        Some(value) => value
            .parse()
            .map_err(|_| Refusal::parameter(name, "Must be true or false")),
    }
}

fn limit(query: &Parameters) -> Result<usize> {
    match query.get("limit") {
        None => Ok(LIMIT_DEFAULT),
        Some(limit) => limit
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| Refusal::parameter("limit", "Must be an integer from 1 to 1000")),
    }
}

fn entries(tree: &Tree, nodes: &[&Node], query: &Parameters) -> Vec<Value> {
    nodes
        .iter()
        .map(|node| items::listed(tree, node, query))
        .collect()
}

#[derive(Deserialize)]
struct NewFolder {
    name: String,
    parent: Parent,
}

/// The folder to put something in.
#[derive(Deserialize)]
pub(super) struct Parent {
    pub(super) id: String,
}

/// `POST /folders`
pub(super) async fn create(
    _: Writer,
    State(simulator): State<Simulator>,
    Query(query): Query<Parameters>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>)> {
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    let new: NewFolder = Some(body)
        .filter(|_| is_json)
        .and_then(|body| serde_json::from_slice(&body).ok())
        .ok_or_else(|| Refusal::parameter("entity-body", "Invalid entity body"))?;
    names::check(&new.name)?;
    let now = simulator.clock().now();
    let mut tree = simulator.tree();
    let parent = items::folder_of(&tree, &new.parent.id)?.id;
    if let Some(taken) = tree.child_ignoring_case(parent, &new.name) {
        return Err(Refusal::name_in_use(&json!([items::mini(&tree, taken)])));
    }
    let id = tree.add_folder(parent, &new.name, now);
    let folder = tree.get(id).ok_or_else(Refusal::not_found)?;
    let answer = items::full(&tree, folder, &query);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// `DELETE /folders/{id}`
pub(super) async fn delete(
    _: Writer,
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    Query(query): Query<Parameters>,
) -> Result<StatusCode> {
    let recursive = flag(&query, "recursive")?;
    let mut tree = simulator.tree();
    let folder = items::folder_of(&tree, &id)?.id;
    if folder == ROOT {
        return Err(Refusal::not_permitted());
    }
    if !recursive && tree.children(folder).next().is_some() {
        return Err(Refusal::folder_not_empty());
    }
    tree.remove(folder);
    Ok(StatusCode::NO_CONTENT)
}
