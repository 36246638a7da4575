//! Single files and folders: looked at, made, deleted, and linked to.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::commit::{self, CommitInfo, Upload};
use super::content::{Download, LINK_HOURS, TEMPORARY_LINK, UPLOAD_LINK};
use super::errors::Refusal;
use super::paths::{self, Form, Place};
use super::rpc::{Answer, Call};
use super::{CONTENT, DOWNLOADS, metadata};
use crate::drives::tree::{Kind, Node, NodeId, Tree};

/// An upload link's shortest and longest life.
const DURATION_SECONDS: std::ops::RangeInclusive<f64> = 60.0..=14_400.0;

/// `GetMetadataArg`, without property groups.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GetMetadataArg {
    path: String,
    #[serde(default, rename = "include_media_info")]
    _include_media_info: bool,
    #[serde(default, rename = "include_deleted")]
    _include_deleted: bool,
    #[serde(default, rename = "include_has_explicit_shared_members")]
    _include_has_explicit_shared_members: bool,
}

/// `CreateFolderArg`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateFolderArg {
    path: String,
    #[serde(default)]
    autorename: bool,
}

/// `DeleteArg`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteArg {
    path: String,
    #[serde(default)]
    parent_rev: Option<String>,
}

/// `GetTemporaryLinkArg`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GetTemporaryLinkArg {
    path: String,
}

/// `GetTemporaryUploadLinkArg`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GetTemporaryUploadLinkArg {
    commit_info: CommitInfo,
    #[serde(default)]
    duration: Option<f64>,
}

fn find(call: Call<'_>, tree: &Tree, path: &str, field: &str) -> Result<NodeId, Refusal> {
    let found = paths::find(tree, call.root, path);
    let node = found.map_err(|tag| Refusal::endpoint(&[field, tag]))?;
    if node == call.root {
        let why = "request body: path: The root folder is unsupported.";
        return Err(Refusal::malformed(call.function, why));
    }
    Ok(node)
}

fn describe(tree: &Tree, node: NodeId, describe: fn(&Tree, &Node) -> Value) -> Value {
    tree.get(node)
        .map_or(Value::Null, |node| describe(tree, node))
}

pub(super) fn get_metadata(call: Call<'_>, arg: &GetMetadataArg) -> Answer {
    Form::Read.check(call.function, "path", &arg.path)?;
    let tree = call.simulator.tree();
    let node = find(call, &tree, &arg.path, "path")?;
    Ok(describe(&tree, node, metadata::tagged))
}

pub(super) fn create_folder(call: Call<'_>, arg: &CreateFolderArg) -> Answer {
    Form::Write.check(call.function, "path", &arg.path)?;
    let now = call.simulator.clock().now();
    let mut tree = call.simulator.tree();
    let refuse = |tags: &[&str]| Refusal::endpoint(&[&["path"], tags].concat());
    let (parent, name) = match paths::place(&tree, call.root, &arg.path).map_err(refuse)? {
        Place::Taken(node) if arg.autorename => commit::free_name(&tree, node),
        Place::Taken(node) => return Err(refuse(&["conflict", commit::kind(&tree, node)])),
        Place::Free {
            parent,
            missing,
            name,
        } => {
            let parent = commit::make_folders(&mut tree, parent, &missing, now);
            (parent, name.to_owned())
        }
    };
    let node = tree.add_folder(parent, &name, now);
    Ok(json!({ "metadata": describe(&tree, node, metadata::of) }))
}

pub(super) fn delete(call: Call<'_>, arg: &DeleteArg) -> Answer {
    Form::WriteOrId.check(call.function, "path", &arg.path)?;
    let mut tree = call.simulator.tree();
    let node = find(call, &tree, &arg.path, "path_lookup")?;
    if let Some(rev) = &arg.parent_rev {
        if commit::kind(&tree, node) == "folder" {
            return Err(Refusal::endpoint(&["path_lookup", "not_file"]));
        }
        if tree
            .get(node)
            .is_some_and(|node| metadata::rev(node) != *rev)
        {
            return Err(Refusal::endpoint(&["path_write", "conflict", "file"]));
        }
    }
    let deleted = describe(&tree, node, metadata::tagged);
    tree.remove(node);
    Ok(json!({ "metadata": deleted }))
}

pub(super) fn get_temporary_link(call: Call<'_>, arg: &GetTemporaryLinkArg) -> Answer {
    Form::Read.check(call.function, "path", &arg.path)?;
    let tree = call.simulator.tree();
    let node = find(call, &tree, &arg.path, "path")?;
    match tree.get(node).map(|node| &node.kind) {
        Some(Kind::File(_)) => {}
        Some(Kind::Other { .. }) => return Err(Refusal::endpoint(&["unsupported_file"])),
        _ => return Err(Refusal::endpoint(&["path", "not_file"])),
    }
    let token = call.simulator.handed_out().give(
        TEMPORARY_LINK,
        &Download { node },
        call.simulator.clock().now(),
        SignedDuration::from_hours(LINK_HOURS),
    );
    let link = call
        .simulator
        .url(DOWNLOADS, &format!("/cd/0/get/{token}/file"));
    Ok(json!({ "metadata": describe(&tree, node, metadata::of), "link": link }))
}

pub(super) fn get_temporary_upload_link(call: Call<'_>, arg: GetTemporaryUploadLinkArg) -> Answer {
    arg.commit_info.check(call.function)?;
    let duration = arg.duration.unwrap_or(*DURATION_SECONDS.end());
    if !DURATION_SECONDS.contains(&duration) {
        let why = format!("request body: duration: {duration} is not within 60.0 and 14400.0");
        return Err(Refusal::malformed(call.function, &why));
    }
    let lifetime = SignedDuration::try_from_secs_f64(duration).unwrap_or_default();
    let upload = Upload {
        root: call.root,
        info: arg.commit_info,
    };
    let now = call.simulator.clock().now();
    let token = call
        .simulator
        .handed_out()
        .give(UPLOAD_LINK, &upload, now, lifetime);
    let link = call.simulator.url(CONTENT, &format!("/apitul/1/{token}"));
    Ok(json!({ "link": link }))
}
