//! Files and drives as the API shows them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{Below, Resource};
use super::ids;
use crate::drives::tree::{Kind, Node, ROOT, Tree};

/// The MIME type of folders.
pub(super) const FOLDER: &str = "application/vnd.google-apps.folder";
/// The MIME type of shortcuts.
pub(super) const SHORTCUT: &str = "application/vnd.google-apps.shortcut";
/// What all types begin with whose files have no bytes of their own.
pub(super) const OWN_TYPES: &str = "application/vnd.google-apps.";

/// What the tree calls a shortcut.
const SHORTCUT_KIND: &str = "shortcut";

const SHORTCUT_DETAILS: Resource = Resource(&[
    ("targetId", Below::Any),
    ("targetMimeType", Below::Any),
    ("targetResourceKey", Below::Any),
]);

/// The properties of a file.
pub(super) const FILE: Resource = Resource(&[
    ("kind", Below::Any),
    ("id", Below::Any),
    ("name", Below::Any),
    ("mimeType", Below::Any),
    ("parents", Below::Any),
    ("createdTime", Below::Any),
    ("modifiedTime", Below::Any),
    ("size", Below::Any),
    ("trashed", Below::Any),
    ("explicitlyTrashed", Below::Any),
    ("driveId", Below::Any),
    ("resourceKey", Below::Any),
    ("shortcutDetails", Below::Of(&SHORTCUT_DETAILS)),
    ("capabilities", Below::Any),
    ("ownedByMe", Below::Any),
    ("spaces", Below::Any),
    ("fileExtension", Below::Any),
    ("md5Checksum", Below::Any),
    ("webViewLink", Below::Any),
]);

/// The properties of a page of files.
pub(super) const FILE_LIST: Resource = Resource(&[
    ("kind", Below::Any),
    ("incompleteSearch", Below::Any),
    ("nextPageToken", Below::Any),
    ("files", Below::Of(&FILE)),
]);

/// The properties of a shared drive.
const DRIVE: Resource = Resource(&[
    ("kind", Below::Any),
    ("id", Below::Any),
    ("name", Below::Any),
    ("createdTime", Below::Any),
    ("hidden", Below::Any),
    ("capabilities", Below::Any),
]);

/// The properties of a page of shared drives.
pub(super) const DRIVE_LIST: Resource = Resource(&[
    ("kind", Below::Any),
    ("nextPageToken", Below::Any),
    ("drives", Below::Of(&DRIVE)),
]);

/// The properties of the answer about the user.
pub(super) const ABOUT: Resource = Resource(&[
    ("kind", Below::Any),
    ("user", Below::Any),
    ("storageQuota", Below::Any),
    ("maxUploadSize", Below::Any),
]);

/// What a file is answered with if no fields are asked for.
pub(super) const FILE_DEFAULT: &str = "kind,id,name,mimeType,driveId,resourceKey";

/// A node's MIME type.
pub(super) fn media_type(node: &Node) -> &str {
    match &node.kind {
        Kind::Folder => FOLDER,
        Kind::File(file) => &file.media_type,
        Kind::Other { what, .. } if what == SHORTCUT_KIND => SHORTCUT,
        Kind::Other { what, .. } => what,
    }
}

/// A node without bytes of the user's, by the MIME type that it is to have.
pub(super) fn kind_without_bytes(media_type: &str, target: Option<u64>) -> Kind {
    match media_type {
        FOLDER => Kind::Folder,
        SHORTCUT => Kind::Other {
            what: SHORTCUT_KIND.to_owned(),
            target,
        },
        _ => Kind::Other {
            what: media_type.to_owned(),
            target: None,
        },
    }
}

/// Everything that the API says of a file.
pub(super) fn file(tree: &Tree, node: &Node) -> Value {
    let root = tree.root_of(node.id);
    let name = if node.id == ROOT {
        "My Drive"
    } else {
        &node.name
    };
    let mut value = json!({
        "kind": "drive#file",
        "id": ids::of(node),
        "name": name,
        "mimeType": media_type(node),
        "createdTime": time(node.created),
        "modifiedTime": time(node.modified),
        "trashed": tree.is_trashed(node.id),
        "explicitlyTrashed": node.trashed,
        "spaces": ["drive"],
        "capabilities": {
            "canAddChildren": node.is_folder(),
            "canDelete": node.parent.is_some(),
            "canDownload": node.file().is_some(),
            "canTrash": node.parent.is_some(),
        },
    });
    if let Some(parent) = node.parent.and_then(|parent| tree.get(parent)) {
        value["parents"] = json!([ids::of(parent)]);
    }
    if node.file().is_some() {
        value["size"] = json!(node.size().to_string());
        if let Some((_, extension)) = node.name.rsplit_once('.') {
            value["fileExtension"] = json!(extension);
        }
    }
    if root == ROOT {
        value["ownedByMe"] = json!(true);
    } else {
        value["driveId"] = json!(ids::drive(root));
    }
    if let Some(key) = &node.resource_key {
        value["resourceKey"] = json!(key);
    }
    if let Kind::Other {
        target: Some(target),
        ..
    } = &node.kind
    {
        // The id stays when the target is gone.
        let target_node = tree.get(*target);
        value["shortcutDetails"] = json!({
            "targetId": target_node.map_or_else(|| ids::file(*target), ids::of),
            "targetMimeType": target_node.map_or("application/octet-stream", media_type),
        });
        if let Some(key) = target_node.and_then(|node| node.resource_key.as_ref()) {
            value["shortcutDetails"]["targetResourceKey"] = json!(key);
        }
    }
    value
}

/// Everything that the API says of a shared drive.
pub(super) fn drive(root: &Node) -> Value {
    json!({
        "kind": "drive#drive",
        "id": ids::of(root),
        "name": root.name,
        "createdTime": time(root.created),
        "hidden": false,
        "capabilities": { "canAddChildren": true, "canListChildren": true },
    })
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
