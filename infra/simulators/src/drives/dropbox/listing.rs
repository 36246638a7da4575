//! Listing a folder, page by page.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::Refusal;
use super::metadata;
use super::paths::{self, Form};
use super::rpc::{Answer, Call};
use crate::drives::handed_out::Found;
use crate::drives::tree::{Kind, Node, NodeId};

const CURSOR: &str = "cursor";
/// A page without a limit, and the largest limit.
const LIMIT_MAX: usize = 2_000;
/// A cursor's life. Dropbox names none; it "may" be reset.
const CURSOR_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// `ListFolderArg`, without what this simulator has none of: shared links and property groups.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the arguments are Dropbox's")]
pub(super) struct ListFolderArg {
    path: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default, rename = "include_media_info")]
    _include_media_info: bool,
    #[serde(default, rename = "include_deleted")]
    _include_deleted: bool,
    #[serde(default, rename = "include_has_explicit_shared_members")]
    _include_has_explicit_shared_members: bool,
    #[serde(default, rename = "include_mounted_folders")]
    _include_mounted_folders: Option<bool>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    include_non_downloadable_files: Option<bool>,
    #[serde(default, rename = "include_restorable_info")]
    _include_restorable_info: bool,
}

/// `ListFolderContinueArg`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListFolderContinueArg {
    cursor: String,
}

/// What a cursor stands for.
#[derive(Clone, Serialize, Deserialize)]
struct Cursor {
    folder: NodeId,
    recursive: bool,
    non_downloadable: bool,
    limit: usize,
    /// The last entry that was listed.
    after: Option<NodeId>,
}

pub(super) fn list_folder(call: Call<'_>, arg: &ListFolderArg) -> Answer {
    Form::Folder.check(call.function, "path", &arg.path)?;
    let limit = arg.limit.unwrap_or(LIMIT_MAX);
    if !(1..=LIMIT_MAX).contains(&limit) {
        let why = format!("request body: limit: {limit} is not within 1 and {LIMIT_MAX}");
        return Err(Refusal::malformed(call.function, &why));
    }
    if arg.path == "/" {
        let why =
            "request body: path: Specify the root folder as an empty string rather than as \"/\".";
        return Err(Refusal::malformed(call.function, why));
    }
    let folder = {
        let tree = call.simulator.tree();
        let found = paths::find(&tree, call.root, &arg.path);
        let folder = found.map_err(|tag| Refusal::endpoint(&["path", tag]))?;
        if !tree.get(folder).is_some_and(Node::is_folder) {
            return Err(Refusal::endpoint(&["path", "not_folder"]));
        }
        folder
    };
    let cursor = Cursor {
        folder,
        recursive: arg.recursive,
        non_downloadable: arg.include_non_downloadable_files.unwrap_or(true),
        limit,
        after: None,
    };
    Ok(page(call, cursor))
}

pub(super) fn list_folder_continue(call: Call<'_>, arg: &ListFolderContinueArg) -> Answer {
    let now = call.simulator.clock().now();
    let found = call.simulator.handed_out().find(CURSOR, &arg.cursor, now);
    let cursor: Cursor = match found {
        Found::Live(cursor) => cursor,
        Found::Expired => return Err(Refusal::endpoint(&["reset"])),
        Found::Unknown => {
            let why = "Invalid \"cursor\" parameter: \"cursor\" is not a valid cursor";
            return Err(Refusal::malformed(call.function, why));
        }
    };
    if call.simulator.tree().get(cursor.folder).is_none() {
        return Err(Refusal::endpoint(&["path", "not_found"]));
    }
    Ok(page(call, cursor))
}

fn page(call: Call<'_>, mut cursor: Cursor) -> Value {
    let tree = call.simulator.tree();
    let mut rest = tree
        .all()
        .filter(|node| cursor.after.is_none_or(|after| node.id > after))
        .filter(|node| match node.parent {
            Some(parent) if parent == cursor.folder => true,
            Some(parent) => {
                let is_above = tree
                    .way_to(parent)
                    .iter()
                    .any(|node| node.id == cursor.folder);
                cursor.recursive && (is_above || tree.root_of(parent) == cursor.folder)
            }
            None => false,
        })
        .filter(|node| cursor.non_downloadable || !matches!(node.kind, Kind::Other { .. }));
    let listed: Vec<_> = rest.by_ref().take(cursor.limit).collect();
    let has_more = rest.next().is_some();
    let entries: Vec<_> = listed
        .iter()
        .map(|node| metadata::tagged(&tree, node))
        .collect();
    cursor.after = listed.last().map(|node| node.id).or(cursor.after);
    let now = call.simulator.clock().now();
    let token = call
        .simulator
        .handed_out()
        .give(CURSOR, &cursor, now, CURSOR_LIFETIME);
    json!({ "entries": entries, "cursor": token, "has_more": has_more })
}
