//! The grammar of Graph's paths, as far as drives go: `/drives/ID/items/ID/ACTION`,
//! `/me/drive/root:/PATH:/ACTION`.
//! <https://learn.microsoft.com/graph/onedrive-addressing-driveitems>

use percent_encoding::percent_decode_str;

use super::errors::GraphError;
use super::ids;
use crate::drives::tree::{Node, NodeId, ROOT, Tree};

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Resource {
    User,
    Drives,
    Drive(DriveRef),
    Item(Address, Action),
}

/// A drive, as a path names it.
#[derive(Debug)]
pub(super) enum DriveRef {
    Own,
    Id(String),
}

/// An item, as a path names it.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) drive: DriveRef,
    /// The id of the item to start from; the root if `None`.
    base: Option<String>,
    /// The names from there.
    path: Vec<String>,
}

/// What is behind an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Itself,
    Children,
    Content,
    UploadSession,
}

/// Where something is written.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) parent: NodeId,
    pub(super) name: String,
    /// What is there now.
    pub(super) existing: Option<NodeId>,
}

impl Resource {
    /// Reads a path as it was sent, without the version in front.
    pub(super) fn parse(path: &str) -> Result<Self, GraphError> {
        let (drive, rest) = if let Some(rest) = path.strip_prefix("me") {
            match rest {
                "" => return Ok(Self::User),
                "/drives" => return Ok(Self::Drives),
                _ => (DriveRef::Own, rest.strip_prefix("/drive")),
            }
        } else if let Some(rest) = path.strip_prefix("drives/") {
            let end = rest.find('/').unwrap_or(rest.len());
            (DriveRef::Id(decode(&rest[..end])?), Some(&rest[end..]))
        } else {
            return Err(no_segment(path));
        };
        let rest = rest.ok_or_else(|| no_segment(path))?;
        if rest.is_empty() {
            return Ok(Self::Drive(drive));
        }
        let (base, rest) = if let Some(rest) = rest.strip_prefix("/root") {
            (None, rest)
        } else if let Some(rest) = rest.strip_prefix("/items/") {
            let end = rest.find(['/', ':']).unwrap_or(rest.len());
            (Some(decode(&rest[..end])?), &rest[end..])
        } else {
            return Err(no_segment(rest));
        };
        // Vendor SDKs put `root:/PATH:` where an id belongs, encoded as one segment.
        let embedded = base
            .as_deref()
            .and_then(|base| base.strip_prefix("root:/")?.strip_suffix(':'));
        let (base, path, action) = match embedded {
            Some(path) => (None, split(path, |name| Ok(name.to_owned()))?, rest),
            None => match rest.strip_prefix(":/") {
                Some(rest) => {
                    let end = rest.find(':').unwrap_or(rest.len());
                    let action = rest[end..].strip_prefix(':').unwrap_or_default();
                    (base, split(&rest[..end], decode)?, action)
                }
                None => (base, Vec::new(), rest),
            },
        };
        let action = match action {
            "" => Action::Itself,
            "/children" => Action::Children,
            "/content" => Action::Content,
            "/createUploadSession" | "/microsoft.graph.createUploadSession" => {
                Action::UploadSession
            }
            _ => return Err(no_segment(action)),
        };
        Ok(Self::Item(Address { drive, base, path }, action))
    }
}

impl DriveRef {
    /// The root of the drive.
    pub(super) fn root(&self, tree: &Tree) -> Result<NodeId, GraphError> {
        match self {
            Self::Own => Ok(ROOT),
            Self::Id(id) if id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()) => {
                ids::find_drive(tree, id).ok_or_else(GraphError::not_found)
            }
            Self::Id(id) => ids::find_drive(tree, id).ok_or_else(|| {
                let message = "The provided drive id appears to be malformed, or does not represent a valid drive.";
                GraphError::invalid(message)
            }),
        }
    }
}

impl Address {
    /// The item, which has to be there.
    pub(super) fn find<'a>(&self, tree: &'a Tree) -> Result<&'a Node, GraphError> {
        let mut at = self.base(tree)?;
        for name in &self.path {
            at = child(tree, at, name).ok_or_else(GraphError::not_found)?;
        }
        tree.get(at).ok_or_else(GraphError::not_found)
    }

    /// Where an upload to this address goes. The folder has to be there.
    pub(super) fn place(&self, tree: &Tree) -> Result<Place, GraphError> {
        let Some((name, folders)) = self.path.split_last() else {
            let node = self.find(tree)?;
            let Some(parent) = node.parent else {
                return Err(GraphError::invalid("File name not provided in url"));
            };
            return Ok(Place {
                parent,
                name: node.name.clone(),
                existing: Some(node.id),
            });
        };
        let mut parent = self.base(tree)?;
        for folder in folders {
            parent = child(tree, parent, folder).ok_or_else(GraphError::not_found)?;
        }
        if !tree.get(parent).is_some_and(Node::is_folder) {
            return Err(GraphError::not_found());
        }
        Ok(Place {
            parent,
            name: name.clone(),
            existing: child(tree, parent, name),
        })
    }

    fn base(&self, tree: &Tree) -> Result<NodeId, GraphError> {
        let root = self.drive.root(tree)?;
        match &self.base {
            None => Ok(root),
            Some(id) if id == "root" => Ok(root),
            Some(id) => ids::find_item(tree, root, id).ok_or_else(GraphError::not_found),
        }
    }
}

fn child(tree: &Tree, parent: NodeId, name: &str) -> Option<NodeId> {
    tree.child_ignoring_case(parent, name).map(|node| node.id)
}

fn split(
    path: &str,
    read: impl Fn(&str) -> Result<String, GraphError>,
) -> Result<Vec<String>, GraphError> {
    path.split('/')
        .map(|name| match read(name)? {
            name if name.is_empty() || name.contains('/') => {
                Err(GraphError::invalid("A valid path must be provided."))
            }
            name => Ok(name),
        })
        .collect()
}

fn decode(segment: &str) -> Result<String, GraphError> {
    match percent_decode_str(segment).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(GraphError::bad_request("The URI is malformed.")),
    }
}

fn no_segment(segment: &str) -> GraphError {
    let segment = segment.trim_start_matches('/');
    GraphError::bad_request(format!("Resource not found for the segment '{segment}'."))
}
