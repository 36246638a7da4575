//! One file at a time: what it is, its bytes, what becomes of it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::{Call, Need, header_text, metadata, text};
use super::errors::Refused;
use super::{content, ids, wire};
use crate::drives::Simulator;
use crate::drives::tree::{File, Kind, NodeId, ROOT, Tree};

/// Properties that a new file may be given.
pub(super) const CREATE_PROPERTIES: [&str; 5] =
    ["id", "name", "mimeType", "parents", "shortcutDetails"];
/// Properties of a file that may be changed.
pub(super) const UPDATE_PROPERTIES: [&str; 3] = ["name", "mimeType", "trashed"];

/// A new file, checked.
#[derive(Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) parent: NodeId,
    pub(super) name: String,
    /// The type that the app says, if it does.
    pub(super) media_type: Option<String>,
    target: Option<NodeId>,
    /// The number that was given out for it, if the app asked before.
    number: Option<NodeId>,
}

impl Draft {
    /// Reads a new file's metadata.
    pub(super) fn read(
        call: &Call,
        tree: &Tree,
        metadata: &Map<String, Value>,
    ) -> Result<Self, Refused> {
        let parent = match metadata.get("parents").and_then(Value::as_array) {
            None if metadata.contains_key("parents") => {
                return Err(Refused::bad_request("Invalid value for: parents"));
            }
            None => ROOT,
            Some(parents) => match parents.as_slice() {
                [] => ROOT,
                [Value::String(id)] => {
                    let parent = call.node(tree, id)?;
                    if !parent.is_folder() {
                        return Err(Refused::forbidden(
                            "parentNotAFolder",
                            "The specified parent is not a folder.",
                        ));
                    }
                    parent.id
                }
                _ => return Err(Refused::invalid("parents")),
            },
        };
        let target = match metadata.get("shortcutDetails") {
            None => None,
            Some(details) => {
                let id = details["targetId"].as_str().unwrap_or_default();
                Some(call.node(tree, id)?.id)
            }
        };
        let media_type = text(metadata, "mimeType")?.map(ToOwned::to_owned);
        if target.is_some() != (media_type.as_deref() == Some(wire::SHORTCUT)) {
            return Err(Refused::bad_request("Bad Request"));
        }
        let number = match text(metadata, "id")? {
            None => None,
            Some(id) => {
                let number = ids::parse(id).ok_or_else(|| Refused::invalid("id"))?;
                if tree.get(number).is_some() {
                    return Err(Refused::id_in_use());
                }
                Some(number)
            }
        };
        Ok(Self {
            parent,
            number,
            name: text(metadata, "name")?.unwrap_or("Untitled").to_owned(),
            media_type,
            target,
        })
    }

    /// Makes the file. `sent_as` is what its bytes were sent as.
    pub(super) fn make(
        &self,
        simulator: &Simulator,
        tree: &mut Tree,
        content: Option<Bytes>,
        sent_as: &str,
    ) -> Result<NodeId, Refused> {
        let said = self.media_type.as_deref();
        let kind = match said.filter(|said| said.starts_with(wire::OWN_TYPES)) {
            // Conversions are not simulated.
            Some(_) if content.is_some() => return Err(Refused::bad_request("Bad Request")),
            Some(own) => wire::kind_without_bytes(own, self.target),
            None => Kind::File(File {
                content: content.unwrap_or_default(),
                media_type: said.unwrap_or(sent_as).to_owned(),
            }),
        };
        // It may have been deleted since the upload began.
        tree.get(self.parent).ok_or_else(|| Refused::file("."))?;
        let now = simulator.clock().now();
        let number = self.number.unwrap_or_else(|| tree.reserve());
        if tree.add_reserved(number, Some(self.parent), &self.name, kind, now) {
            Ok(number)
        } else if tree.get(number).is_some() {
            Err(Refused::id_in_use())
        } else {
            Err(Refused::invalid("id"))
        }
    }
}

/// `about.get`. Which fields are wanted must be said.
pub(super) async fn about(call: Call) -> Result<Json<Value>, Refused> {
    call.check("google.apps.drive.v3.DriveAbout.Get", Need::Metadata, &[])?;
    if call.parameter("fields").is_none() {
        return Err(Refused::parameter(
            "fields",
            "required",
            "The 'fields' parameter is required for this method.",
        ));
    }
    let selection = call.selection(&wire::ABOUT, "*")?;
    Ok(Json(selection.of(&json!({
        "kind": "drive#about",
        "user": {
            "kind": "drive#user",
            "displayName": "Person",
            "emailAddress": "person@example.com",
            "me": true,
            "permissionId": "01234567890123456789",
        },
        "storageQuota": { "limit": "16106127360", "usage": "0" },
        "maxUploadSize": "5242880000000",
    }))))
}

/// `files.generateIds`: ids for files that are not made yet, so that making one can be repeated.
pub(super) async fn generate_ids(
    State(simulator): State<Simulator>,
    call: Call,
) -> Result<Json<Value>, Refused> {
    call.check(
        "google.apps.drive.v3.DriveFiles.GenerateIds",
        Need::Write,
        &["count", "space", "type"],
    )?;
    let count = call.count("count", 10, 1_000)?;
    if call
        .parameter("space")
        .is_some_and(|space| space != "drive")
    {
        return Err(Refused::invalid("space"));
    }
    if call.parameter("type").is_some_and(|kind| kind != "files") {
        return Err(Refused::invalid("type"));
    }
    let mut tree = simulator.tree();
    let ids: Vec<_> = (0..count).map(|_| ids::file(tree.reserve())).collect();
    Ok(Json(
        json!({ "kind": "drive#generatedIds", "space": "drive", "ids": ids }),
    ))
}

/// `files.get`: the metadata, or with `alt=media` the bytes.
pub(super) async fn get(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    call: Call,
) -> Result<Response, Refused> {
    let media = call.parameter("alt") == Some("media");
    let need = if media { Need::Content } else { Need::Metadata };
    call.check(
        "google.apps.drive.v3.DriveFiles.Get",
        need,
        &["acknowledgeAbuse", "supportsAllDrives"],
    )?;
    let tree = simulator.tree();
    let node = call.node(&tree, &id)?;
    if media {
        return content::download(&call, node);
    }
    let selection = call.selection(&wire::FILE, wire::FILE_DEFAULT)?;
    Ok(Json(selection.of(&wire::file(&tree, node))).into_response())
}

/// `files.create` without bytes. Names need not be unique.
pub(super) async fn create(
    State(simulator): State<Simulator>,
    call: Call,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    call.check(
        "google.apps.drive.v3.DriveFiles.Create",
        Need::Write,
        &["supportsAllDrives"],
    )?;
    let content_type = header_text(&call.headers, "content-type");
    let metadata = metadata(content_type, &body, &CREATE_PROPERTIES)?;
    let selection = call.selection(&wire::FILE, wire::FILE_DEFAULT)?;
    let mut tree = simulator.tree();
    let draft = Draft::read(&call, &tree, &metadata)?;
    let id = draft.make(&simulator, &mut tree, None, "application/octet-stream")?;
    let node = tree.get(id).ok_or_else(|| Refused::file("."))?;
    Ok(Json(selection.of(&wire::file(&tree, node))))
}

/// `files.update` without bytes.
pub(super) async fn update(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    call: Call,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    call.check(
        "google.apps.drive.v3.DriveFiles.Update",
        Need::Write,
        &["supportsAllDrives"],
    )?;
    let content_type = header_text(&call.headers, "content-type");
    let metadata = metadata(content_type, &body, &UPDATE_PROPERTIES)?;
    let selection = call.selection(&wire::FILE, wire::FILE_DEFAULT)?;
    let mut tree = simulator.tree();
    let number = call.node(&tree, &id)?.id;
    change(&simulator, &mut tree, number, &metadata)?;
    let node = tree.get(number).ok_or_else(|| Refused::file(&id))?;
    Ok(Json(selection.of(&wire::file(&tree, node))))
}

/// Changes a file's properties to those in `metadata`; its type changes with its bytes only.
pub(super) fn change(
    simulator: &Simulator,
    tree: &mut Tree,
    id: NodeId,
    metadata: &Map<String, Value>,
) -> Result<(), Refused> {
    let trashed = match metadata.get("trashed") {
        None => None,
        Some(Value::Bool(trashed)) => Some(*trashed),
        Some(_) => return Err(Refused::bad_request("Invalid value for: trashed")),
    };
    let name = text(metadata, "name")?;
    if tree.get(id).is_none_or(|node| node.parent.is_none()) {
        return Err(Refused::not_yours());
    }
    if let Some(name) = name {
        tree.rename(id, name, simulator.clock().now());
    }
    if let Some(trashed) = trashed {
        tree.set_trashed(id, trashed);
    }
    Ok(())
}

/// `files.delete`: for good, with all that is in it.
pub(super) async fn delete(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    call: Call,
) -> Result<StatusCode, Refused> {
    call.check(
        "google.apps.drive.v3.DriveFiles.Delete",
        Need::Write,
        &["supportsAllDrives"],
    )?;
    let mut tree = simulator.tree();
    let node = call.node(&tree, &id)?;
    if node.parent.is_none() {
        return Err(Refused::not_yours());
    }
    let number = node.id;
    tree.remove(number);
    Ok(StatusCode::NO_CONTENT)
}
