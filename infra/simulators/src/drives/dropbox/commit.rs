//! Writing a file: what is asked for, and what stands in the way.

use axum::body::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::errors::Refusal;
use super::metadata;
use super::paths::{self, Form, Place};
use crate::drives::tree::{File, Node, NodeId, Tree};

/// `CommitInfo`, without property groups.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommitInfo {
    path: String,
    #[serde(default)]
    mode: Option<Value>,
    #[serde(default)]
    autorename: bool,
    #[serde(default)]
    client_modified: Option<String>,
    #[serde(default)]
    mute: bool,
    #[serde(default)]
    strict_conflict: bool,
    /// Of `UploadArg` only.
    #[serde(default)]
    pub(super) content_hash: Option<String>,
}

/// What an upload link is good for.
#[derive(Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) root: NodeId,
    pub(super) info: CommitInfo,
}

/// `WriteMode`.
enum Mode<'a> {
    Add,
    Overwrite,
    Update(&'a str),
}

impl CommitInfo {
    /// Refuses what is malformed, whatever is there.
    pub(super) fn check(&self, function: &str) -> Result<(), Refusal> {
        Form::WriteOrId.check(function, "path", &self.path)?;
        if self.mode().is_none() {
            return Err(Refusal::malformed(function, "request body: mode: invalid"));
        }
        let is_time = |text: &String| text.len() == 20 && text.parse::<Timestamp>().is_ok();
        if !self.client_modified.as_ref().is_none_or(is_time) {
            let why = "request body: client_modified: time data does not match format '%Y-%m-%dT%H:%M:%SZ'";
            return Err(Refusal::malformed(function, why));
        }
        Ok(())
    }

    /// A union's value may be its tag alone.
    fn mode(&self) -> Option<Mode<'_>> {
        let Some(mode) = &self.mode else {
            return Some(Mode::Add);
        };
        let tag = mode.as_str().or_else(|| mode.get(".tag")?.as_str())?;
        match tag {
            "add" => Some(Mode::Add),
            "overwrite" => Some(Mode::Overwrite),
            "update" => Some(Mode::Update(mode.get("update")?.as_str()?)),
            _ => None,
        }
    }

    /// Stores `content` at the path, or says with tags of `WriteError` why not.
    pub(super) fn write(
        &self,
        tree: &mut Tree,
        root: NodeId,
        content: Bytes,
        now: Timestamp,
    ) -> Result<NodeId, Vec<&'static str>> {
        let (parent, name) = match paths::place(tree, root, &self.path)? {
            Place::Free {
                parent,
                missing,
                name,
            } => {
                let parent = make_folders(tree, parent, &missing, now);
                (parent, name.to_owned())
            }
            Place::Taken(node) => {
                let is_same = |file: &File| !self.strict_conflict && file.content == content;
                let there = tree.get(node);
                if there.and_then(|node| node.file()).is_some_and(is_same) {
                    return Ok(node);
                }
                let overwrites = match self.mode() {
                    Some(Mode::Overwrite) => true,
                    Some(Mode::Update(rev)) => there.is_some_and(|node| metadata::rev(node) == rev),
                    Some(Mode::Add) | None => false,
                };
                let kind = kind(tree, node);
                if overwrites && kind == "file" {
                    let media_type = there.map_or(OCTETS, |node| media_type(&node.name));
                    tree.write(node, file(content, media_type), now);
                    return Ok(node);
                }
                if !self.autorename {
                    return Err(vec!["conflict", kind]);
                }
                free_name(tree, node)
            }
        };
        let media_type = media_type(&name);
        Ok(tree.add_file(parent, &name, content, media_type, now))
    }
}

fn file(content: Bytes, media_type: &str) -> File {
    File {
        content,
        media_type: media_type.to_owned(),
    }
}

/// What is there, as `WriteConflictError` calls it.
pub(super) fn kind(tree: &Tree, node: NodeId) -> &'static str {
    if tree.get(node).is_some_and(Node::is_folder) {
        "folder"
    } else {
        "file"
    }
}

/// Makes the folders `names`, each in the one before; answers the last.
pub(super) fn make_folders(
    tree: &mut Tree,
    parent: NodeId,
    names: &[&str],
    now: Timestamp,
) -> NodeId {
    names
        .iter()
        .fold(parent, |parent, name| tree.add_folder(parent, name, now))
}

/// A name beside `node` that is free: `a (1).txt` for `a.txt`.
pub(super) fn free_name(tree: &Tree, node: NodeId) -> (NodeId, String) {
    let Some((parent, name)) = tree
        .get(node)
        .and_then(|node| Some((node.parent?, &node.name)))
    else {
        return (node, String::new());
    };
    let (stem, end) = name.split_at(name.rfind('.').filter(|at| *at > 0).unwrap_or(name.len()));
    let mut number = 1;
    loop {
        let name = format!("{stem} ({number}){end}");
        if tree.child_ignoring_case(parent, &name).is_none() {
            return (parent, name);
        }
        number += 1;
    }
}

const OCTETS: &str = "application/octet-stream";

/// "Determined automatically by the file's mime type": by the end of its name.
fn media_type(name: &str) -> &'static str {
    match name
        .rsplit_once('.')
        .map(|(_, end)| end.to_lowercase())
        .as_deref()
    {
        Some("txt") => "text/plain; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("mp4") => "video/mp4",
        _ => OCTETS,
    }
}
