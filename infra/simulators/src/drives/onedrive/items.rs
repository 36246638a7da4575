//! How drives and items are shown.

use jiff::SignedDuration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::query::DOWNLOAD_URL;
use super::{CONTENT, ids};
use crate::drives::Simulator;
use crate::drives::tree::{Kind, Node, NodeId, ROOT, Tree};

/// What a download URL is handed out as.
pub(super) const DOWNLOAD: &str = "onedrive-download";
/// "Valid for 1 hour": `resources/driveitem.md`.
const DOWNLOAD_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// The room of a free personal drive.
const QUOTA_BYTES: usize = 5 * 1024 * 1024 * 1024;

/// All but what RFC 3986 leaves unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A drive, or what is selected of it.
pub(super) fn drive(tree: &Tree, root: &Node, select: Option<&[&str]>) -> Value {
    let used = size(tree, root);
    let name = if root.id == ROOT {
        "OneDrive"
    } else {
        &root.name
    };
    let id = ids::drive(root.id);
    let drive = json!({
        "id": id,
        "name": name,
        "driveType": ids::drive_type(root.id),
        "createdDateTime": root.created,
        "lastModifiedDateTime": root.modified,
        "webUrl": format!("https://{CONTENT}/personal/{id}"),
        "owner": {"user": {"displayName": "Alex Tester", "id": "alex"}},
        "quota": {
            "deleted": 0,
            "remaining": QUOTA_BYTES.saturating_sub(used),
            "state": "normal",
            "total": QUOTA_BYTES,
            "used": used,
        },
    });
    selected(drive, select)
}

/// An item, or what is selected of it. A file's URL is handed out if it is shown.
pub(super) fn item(
    simulator: &Simulator,
    tree: &Tree,
    node: &Node,
    select: Option<&[&str]>,
) -> Value {
    let root = tree.root_of(node.id);
    let id = ids::item(root, node.id);
    let mut item = json!({
        "id": id,
        "name": if node.parent.is_none() { "root" } else { &node.name },
        "size": size(tree, node),
        "createdDateTime": node.created,
        "lastModifiedDateTime": node.modified,
        "eTag": format!("\"{id},{}\"", node.modified.as_second()),
        "cTag": format!("\"c:{id},{}\"", node.modified.as_second()),
        "webUrl": format!("https://{CONTENT}/personal/{}/{id}", ids::drive(root)),
        "createdBy": {"user": {"displayName": "Alex Tester", "id": "alex"}},
        "fileSystemInfo": {
            "createdDateTime": node.created,
            "lastModifiedDateTime": node.modified,
        },
        "parentReference": parent_reference(tree, root, node),
    });
    if node.parent.is_none() {
        item["root"] = json!({});
    }
    match &node.kind {
        Kind::Other { what, .. } if what == "package" => {
            item["package"] = json!({"type": "oneNote"});
        }
        Kind::Other { target, .. } => {
            let target = target.and_then(|target| tree.get(target));
            if let Some(target) = target {
                item["remoteItem"] = remote_item(tree, target);
            }
        }
        _ => insert_facet(tree, node, &mut item),
    }
    let shows_url = select.is_none_or(|select| {
        select.contains(&DOWNLOAD_URL) || select.contains(&"content.downloadUrl")
    });
    if node.file().is_some() && shows_url {
        item[DOWNLOAD_URL] = download_url(simulator, root, node.id).into();
    }
    selected(item, select)
}

/// Where a file's bytes are, for an hour.
pub(super) fn download_url(simulator: &Simulator, root: NodeId, file: NodeId) -> String {
    let now = simulator.clock().now();
    let token = simulator
        .handed_out()
        .give(DOWNLOAD, &file, now, DOWNLOAD_LIFETIME);
    let drive = utf8_percent_encode(&ids::drive(root), SEGMENT).to_string();
    let path = format!("/personal/{drive}/_layouts/15/download.aspx?tempauth={token}");
    simulator.url(CONTENT, &path)
}

/// The item that an added shared folder stands for, which is in somebody else's drive.
fn remote_item(tree: &Tree, target: &Node) -> Value {
    let root = tree.root_of(target.id);
    let mut remote = json!({
        "id": ids::item(root, target.id),
        "name": target.name,
        "size": size(tree, target),
        "lastModifiedDateTime": target.modified,
        "parentReference": {"driveId": ids::drive(root), "driveType": ids::drive_type(root)},
    });
    insert_facet(tree, target, &mut remote);
    remote
}

fn insert_facet(tree: &Tree, node: &Node, item: &mut Value) {
    match &node.kind {
        Kind::Folder => item["folder"] = json!({"childCount": tree.children(node.id).count()}),
        Kind::File(file) => item["file"] = json!({"mimeType": file.media_type}),
        Kind::Other { .. } => {}
    }
}

fn parent_reference(tree: &Tree, root: NodeId, node: &Node) -> Value {
    let mut reference = json!({
        "driveId": ids::drive(root),
        "driveType": ids::drive_type(root),
    });
    if let Some(parent) = node.parent {
        // "Percent-encoded path that can be used to navigate to the item": `itemreference.md`.
        let way = tree.way_to(parent).into_iter();
        let path = way.fold(
            format!("/drives/{}/root:", ids::drive(root)),
            |path, folder| path + "/" + &utf8_percent_encode(&folder.name, SEGMENT).to_string(),
        );
        reference["id"] = ids::item(root, parent).into();
        reference["path"] = path.into();
    }
    reference
}

/// The bytes in a file, or in all that is under a folder.
fn size(tree: &Tree, node: &Node) -> usize {
    let below = tree.children(node.id).map(|child| size(tree, child));
    node.size() + below.sum::<usize>()
}

fn selected(whole: Value, select: Option<&[&str]>) -> Value {
    let (Some(select), Value::Object(whole)) = (select, &whole) else {
        return whole;
    };
    let is_selected = |name: &str| {
        select.contains(&name) || name == DOWNLOAD_URL && select.contains(&"content.downloadUrl")
    };
    let part: Map<_, _> = whole
        .iter()
        .filter(|(name, _)| is_selected(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Value::Object(part)
}
