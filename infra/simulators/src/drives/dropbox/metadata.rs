//! Files and folders as Dropbox describes them.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::paths::id_of;
use crate::drives::tree::{Kind, Node, Tree};

/// A block of the content hash.
const HASH_BLOCK_BYTES: usize = 4 * 1024 * 1024;

/// `FileMetadata` or `FolderMetadata`.
pub(super) fn of(tree: &Tree, node: &Node) -> Value {
    let path = tree.path(node.id);
    let mut value = json!({
        "name": node.name,
        "id": id_of(node.id),
        "path_lower": path.to_lowercase(),
        "path_display": path,
    });
    if node.is_folder() {
        return value;
    }
    let modified = timestamp(node.modified);
    let content = node
        .file()
        .map(|file| &file.content[..])
        .unwrap_or_default();
    value["client_modified"] = json!(modified);
    value["server_modified"] = json!(modified);
    value["rev"] = json!(rev(node));
    value["size"] = json!(node.size());
    value["content_hash"] = json!(content_hash(content));
    // A document of Dropbox's own, or of Google's: it has no bytes, but can be exported.
    let is_downloadable = !matches!(node.kind, Kind::Other { .. });
    value["is_downloadable"] = json!(is_downloadable);
    if !is_downloadable {
        value["export_info"] = json!({ "export_as": "html" });
    }
    value
}

/// `Metadata`: the same with its tag.
pub(super) fn tagged(tree: &Tree, node: &Node) -> Value {
    let mut value = of(tree, node);
    value[".tag"] = json!(if node.is_folder() { "folder" } else { "file" });
    value
}

/// What changes with every write.
pub(super) fn rev(node: &Node) -> String {
    let content = node
        .file()
        .map(|file| &file.content[..])
        .unwrap_or_default();
    let seed = format!("{} {} {}", node.id, node.modified, content_hash(content));
    HEXLOWER.encode(&digest(&SHA256, seed.as_bytes()).as_ref()[..12])
}

/// <https://www.dropbox.com/developers/reference/content-hash>
pub(super) fn content_hash(content: &[u8]) -> String {
    let blocks: Vec<u8> = content
        .chunks(HASH_BLOCK_BYTES)
        .flat_map(|block| digest(&SHA256, block).as_ref().to_vec())
        .collect();
    HEXLOWER.encode(digest(&SHA256, &blocks).as_ref())
}

fn timestamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
