//! New folders, new contents, and the end of both.

use axum::Json;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::address::{Address, Place};
use super::errors::GraphError;
use super::graph::Call;
use super::query::{CONFLICT_BEHAVIOR, Query};
use super::{items, names, sessions};
use crate::drives::tree::{File, NodeId, Tree};

/// "Up to 250 MB in size": `driveitem-put-content.md`.
const CONTENT_BYTES_MAX: usize = 250 * 1024 * 1024;

/// What to do about a name that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Conflict {
    Fail,
    Replace,
    Rename,
}

impl Conflict {
    fn parse(text: &str) -> Result<Self, GraphError> {
        match text {
            "fail" => Ok(Self::Fail),
            "replace" => Ok(Self::Replace),
            "rename" => Ok(Self::Rename),
            _ => Err(GraphError::invalid("Invalid conflict behavior.")),
        }
    }
}

/// `DELETE` of an item.
pub(super) fn delete(tree: &mut Tree, address: &Address) -> Result<Response, GraphError> {
    let node = address.find(tree)?;
    let id = node.id;
    if node.parent.is_none() {
        return Err(GraphError::denied());
    }
    tree.remove(id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFolder {
    name: String,
    folder: Option<Map<String, Value>>,
    #[serde(rename = "@microsoft.graph.conflictBehavior")]
    conflict: Option<String>,
    #[serde(rename = "@odata.type")]
    _type: Option<String>,
}

/// `POST …/children`.
pub(super) fn create_folder(
    call: &Call,
    tree: &mut Tree,
    address: &Address,
) -> Result<Response, GraphError> {
    Query::parse(&call.uri, &[])?;
    let new: NewFolder = call.json()?;
    if new.folder.is_none() {
        return Err(GraphError::invalid(
            "Must provide one of the following facets to create an item: Bundle, File, Folder, RemoteItem",
        ));
    }
    let conflict = new
        .conflict
        .as_deref()
        .map_or(Ok(Conflict::Fail), Conflict::parse)?;
    names::check(&new.name)?;
    let parent = address.find(tree)?;
    if !parent.is_folder() {
        return Err(GraphError::invalid("The parent is not a folder."));
    }
    let parent = parent.id;
    let taken = |name: &str| tree.child_ignoring_case(parent, name);
    let existing = taken(&new.name).map(|node| (node.id, node.is_folder()));
    let (status, id) = match (existing, conflict) {
        (None, _) => (
            StatusCode::CREATED,
            tree.add_folder(parent, &new.name, call.now),
        ),
        (Some(_), Conflict::Rename) => {
            let name = names::numbered(&new.name, |name| taken(name).is_some());
            (
                StatusCode::CREATED,
                tree.add_folder(parent, &name, call.now),
            )
        }
        (Some((id, true)), Conflict::Replace) => (StatusCode::OK, id),
        (Some(_), Conflict::Fail | Conflict::Replace) => return Err(GraphError::name_taken()),
    };
    shown(call, tree, status, id)
}

/// `PUT …/content`.
pub(super) fn put_content(
    call: &Call,
    tree: &mut Tree,
    address: &Address,
) -> Result<Response, GraphError> {
    let query = Query::parse(&call.uri, &[CONFLICT_BEHAVIOR])?;
    let conflict = query
        .get(CONFLICT_BEHAVIOR)
        .map_or(Ok(Conflict::Replace), Conflict::parse)?;
    if !call.headers.contains_key(header::CONTENT_LENGTH) {
        return Err(GraphError::new(
            411,
            "lengthRequired",
            "The request does not contain the Content-Length header.",
        ));
    }
    if call.body.len() > CONTENT_BYTES_MAX {
        return Err(GraphError::new(
            413,
            "invalidRequest",
            "Request is too large.",
        ));
    }
    let place = address.place(tree)?;
    names::check(&place.name)?;
    let (status, id) = store(tree, &place, conflict, call.body.clone(), call.now)?;
    shown(call, tree, status, id)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSession {
    item: Option<SessionItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SessionItem {
    #[serde(rename = "@microsoft.graph.conflictBehavior")]
    conflict: Option<String>,
    #[serde(rename = "@odata.type")]
    _type: Option<String>,
    name: Option<String>,
}

/// `POST …/createUploadSession`.
pub(super) fn create_session(
    call: &Call,
    tree: &Tree,
    address: &Address,
) -> Result<Response, GraphError> {
    Query::parse(&call.uri, &[])?;
    // "No request body is required."
    let new = if call.body.is_empty() {
        NewSession::default()
    } else {
        call.json()?
    };
    let place = address.place(tree)?;
    names::check(&place.name)?;
    let mut conflict = Conflict::Fail;
    if let Some(item) = new.item {
        if item.name.is_some_and(|name| name != place.name) {
            return Err(GraphError::invalid(
                "The name differs from the one in the URL.",
            ));
        }
        if let Some(text) = item.conflict {
            conflict = Conflict::parse(&text)?;
        }
    }
    let is_folder = |id| tree.get(id).is_some_and(|node| node.file().is_none());
    if conflict != Conflict::Rename && place.existing.is_some_and(is_folder) {
        return Err(GraphError::name_taken());
    }
    let session = sessions::open(call, tree, place, conflict);
    Ok(Json(session).into_response())
}

/// Stores a file at a place, and says whether it is new.
pub(super) fn store(
    tree: &mut Tree,
    place: &Place,
    conflict: Conflict,
    content: Bytes,
    now: Timestamp,
) -> Result<(StatusCode, NodeId), GraphError> {
    if tree.get(place.parent).is_none() {
        return Err(GraphError::not_found());
    }
    let file = |name: &str| File {
        content,
        media_type: names::media_type(name).to_owned(),
    };
    let existing = tree
        .child_ignoring_case(place.parent, &place.name)
        .map(|node| (node.id, node.file().is_some()));
    let name = match (existing, conflict) {
        (None, _) => place.name.clone(),
        (Some((id, true)), Conflict::Replace) => {
            tree.write(id, file(&place.name), now);
            return Ok((StatusCode::OK, id));
        }
        (Some(_), Conflict::Rename) => names::numbered(&place.name, |name| {
            tree.child_ignoring_case(place.parent, name).is_some()
        }),
        (Some(_), Conflict::Fail | Conflict::Replace) => return Err(GraphError::name_taken()),
    };
    let File {
        content,
        media_type,
    } = file(&name);
    let id = tree.add_file(place.parent, &name, content, &media_type, now);
    Ok((StatusCode::CREATED, id))
}

fn shown(call: &Call, tree: &Tree, status: StatusCode, id: NodeId) -> Result<Response, GraphError> {
    let node = tree.get(id).ok_or_else(GraphError::not_found)?;
    let item = items::item(&call.simulator, tree, node, None);
    Ok((status, Json(item)).into_response())
}
