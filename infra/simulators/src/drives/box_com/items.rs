//! Files, folders and bookmarks as Box writes them: ids, fields and times.

use std::collections::HashMap;

use aws_lc_rs::digest;
use axum::Json;
use axum::extract::Query;
use data_encoding::HEXLOWER;
use jiff::{Timestamp, tz};
use serde_json::{Map, Value, json};

use super::super::tree::{Kind, Node, NodeId, ROOT, Tree};
use super::access::Anybody;
use super::errors::{Refusal, Result};

/// Ids begin here.
const FIRST_ID: u64 = 160_000_000_000;

/// Files and folders have numbers of their own, so a file and a folder may have the same one. Here
/// they are shifted against each other, so that this happens at once.
const FILE_SHIFT: u64 = 1;

/// The name of the root, whatever the tree calls it.
const ROOT_NAME: &str = "All Files";

/// What the query may name: a field of an item.
pub(super) type Parameters = HashMap<String, String>;

/// `GET https://api.box.com/2.0/users/me`
pub(super) async fn me(_: Anybody, Query(query): Query<Parameters>) -> Json<Value> {
    let mut user = user();
    user["language"] = "en".into();
    user["timezone"] = "America/Los_Angeles".into();
    user["space_amount"] = 11_345_156_112_u64.into();
    user["space_used"] = 1_237_009_912_u64.into();
    user["status"] = "active".into();
    Json(picked(user, &query))
}

/// The folder's node.
pub(super) fn folder_of<'a>(tree: &'a Tree, id: &str) -> Result<&'a Node> {
    let node = match number(id)? {
        0 => ROOT,
        // The root has no other id.
        number => node_id(number, 0)
            .filter(|&node| node != ROOT)
            .ok_or_else(Refusal::not_found)?,
    };
    let folder = tree.get(node).filter(|node| node.is_folder());
    folder.ok_or_else(Refusal::not_found)
}

/// The file's node.
pub(super) fn file_of<'a>(tree: &'a Tree, id: &str) -> Result<&'a Node> {
    let node = node_id(number(id)?, FILE_SHIFT).ok_or_else(Refusal::not_found)?;
    let file = tree.get(node).filter(|node| node.file().is_some());
    file.ok_or_else(Refusal::not_found)
}

fn number(id: &str) -> Result<u64> {
    let is_canonical = id == "0" || !id.starts_with('0');
    if !is_canonical || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::unrecognised_id());
    }
    id.parse().map_err(|_| Refusal::not_found())
}

fn node_id(number: u64, shift: u64) -> Option<NodeId> {
    number.checked_sub(FIRST_ID + shift)
}

fn id_of(node: &Node) -> String {
    match node.kind {
        Kind::Folder if node.id == ROOT => "0".to_owned(),
        Kind::File(_) => (FIRST_ID + FILE_SHIFT + node.id).to_string(),
        Kind::Folder | Kind::Other { .. } => (FIRST_ID + node.id).to_string(),
    }
}

/// Folders come before files, and those before everything else.
pub(super) fn rank(node: &Node) -> u8 {
    match node.kind {
        Kind::Folder => 0,
        Kind::File(_) => 1,
        Kind::Other { .. } => 2,
    }
}

fn type_of(node: &Node) -> &str {
    match &node.kind {
        Kind::Folder => "folder",
        Kind::File(_) => "file",
        Kind::Other { what, .. } => what,
    }
}

fn name_of(node: &Node) -> &str {
    if node.id == ROOT {
        ROOT_NAME
    } else {
        &node.name
    }
}

/// What every answer has of an item: Box's `Base`.
const BASE: [&str; 3] = ["type", "id", "etag"];

/// What it is worth in lists and conflicts: Box's `Mini`.
const MINI: [&str; 7] = [
    "type",
    "id",
    "etag",
    "sequence_id",
    "name",
    "sha1",
    "file_version",
];

/// An item with the fields that the request asks for, else with all.
pub(super) fn full(tree: &Tree, node: &Node, query: &Parameters) -> Value {
    picked(everything(tree, node), query)
}

/// An item with the fields that the request asks for, else with a few.
pub(super) fn listed(tree: &Tree, node: &Node, query: &Parameters) -> Value {
    if query.contains_key("fields") {
        full(tree, node, query)
    } else {
        mini(tree, node)
    }
}

/// An item with a few fields.
pub(super) fn mini(tree: &Tree, node: &Node) -> Value {
    kept(everything(tree, node), |field| MINI.contains(&field))
}

/// With `fields`, nothing is answered that is not in it, but for the `Base`.
fn picked(item: Value, query: &Parameters) -> Value {
    match query.get("fields") {
        None => item,
        Some(fields) => {
            let fields: Vec<_> = fields.split(',').collect();
            kept(item, |field| {
                BASE.contains(&field) || fields.contains(&field)
            })
        }
    }
}

fn kept(item: Value, keep: impl Fn(&str) -> bool) -> Value {
    let Value::Object(fields) = item else {
        return item;
    };
    let kept: Map<_, _> = fields.into_iter().filter(|(name, _)| keep(name)).collect();
    kept.into()
}

fn everything(tree: &Tree, node: &Node) -> Value {
    let etag = (node.modified.as_millisecond() - node.created.as_millisecond()).to_string();
    let parent = node.parent.and_then(|parent| tree.get(parent));
    let mut item = json!({
        "type": type_of(node),
        "id": id_of(node),
        "sequence_id": etag,
        "etag": etag,
        "name": name_of(node),
        "description": "",
        "size": size(tree, node),
        "path_collection": path_collection(tree, node),
        "created_at": time(node.created),
        "modified_at": time(node.modified),
        "trashed_at": null,
        "purged_at": null,
        "content_created_at": time(node.created),
        "content_modified_at": time(node.modified),
        "created_by": user(),
        "modified_by": user(),
        "owned_by": user(),
        "shared_link": null,
        "parent": parent.map(reference),
        "item_status": "active",
    });
    match &node.kind {
        Kind::File(file) => {
            let hash = sha1(&file.content);
            item["file_version"] = json!({
                "type": "file_version",
                "id": (2 * FIRST_ID + node.id).to_string(),
                "sha1": hash,
            });
            item["sha1"] = hash.into();
        }
        Kind::Folder => {
            item["folder_upload_email"] = Value::Null;
            if node.id == ROOT {
                // The root was always there.
                for field in ["etag", "sequence_id", "created_at", "modified_at"] {
                    item[field] = Value::Null;
                }
            }
        }
        Kind::Other { .. } => item["url"] = "https://www.example.com/".into(),
    }
    item
}

/// A folder has the size of all that is in it.
fn size(tree: &Tree, node: &Node) -> usize {
    let below = tree.children(node.id).map(|child| size(tree, child));
    node.size() + below.sum::<usize>()
}

/// The folders from the root down to the item's own.
fn path_collection(tree: &Tree, node: &Node) -> Value {
    let root = tree.get(ROOT).filter(|root| root.id != node.id);
    let way = tree.way_to(node.id);
    let above = way.iter().copied().filter(|one| one.id != node.id);
    let entries: Vec<_> = root.into_iter().chain(above).map(reference).collect();
    json!({ "total_count": entries.len(), "entries": entries })
}

/// A folder as others name it.
fn reference(folder: &Node) -> Value {
    let number = (folder.id != ROOT).then_some("0");
    json!({
        "type": "folder",
        "id": id_of(folder),
        "sequence_id": number,
        "etag": number,
        "name": name_of(folder),
    })
}

fn user() -> Value {
    json!({
        "type": "user",
        "id": "11446498",
        "name": "Robin Example",
        "login": "robin@example.com",
    })
}

/// Box tells the time of California, in whole seconds.
fn time(at: Timestamp) -> String {
    let seconds = Timestamp::from_second(at.as_second()).unwrap_or(at);
    seconds.display_with_offset(tz::offset(-8)).to_string()
}

/// Of the content, in hexadecimal.
pub(super) fn sha1(content: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content);
    HEXLOWER.encode(hash.as_ref())
}
