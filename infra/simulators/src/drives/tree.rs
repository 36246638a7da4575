//! Files and folders, as plain as all vendors have them. Which names may meet in one folder, and
//! what an id or a cursor looks like, is the vendors' own.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Bytes;
use jiff::Timestamp;

/// The number of a file or folder. Vendors make their ids of it; no number is used twice.
pub type NodeId = u64;

/// The root of the user's own drive, which is always there.
pub const ROOT: NodeId = 0;

/// A file or folder.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its number.
    pub id: NodeId,
    /// The folder that it is in; `None` for a root.
    pub parent: Option<NodeId>,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub modified: Timestamp,
    /// It lies in the trash, where the vendor has one. What is in it lies there with it.
    pub trashed: bool,
    /// What must be shown beside the id to reach it, where the vendor has such keys.
    pub resource_key: Option<String>,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// It holds others.
    Folder,
    /// It holds bytes.
    File(File),
    /// It stands for another node: a shortcut of Google's, an added shared folder of Microsoft's, or
    /// something that vendors list and nobody can read, such as a bookmark. What the vendor makes of
    /// it is the vendor's own.
    Other {
        /// The vendor's word for it.
        what: String,
        /// The node that it stands for.
        target: Option<NodeId>,
    },
}

/// A file's content.
#[derive(Debug, Clone)]
pub struct File {
    /// The bytes.
    pub content: Bytes,
    /// What they are said to be.
    pub media_type: String,
}

impl Node {
    /// It holds others.
    pub fn is_folder(&self) -> bool {
        matches!(self.kind, Kind::Folder)
    }

    /// The file's content, if it is one.
    pub fn file(&self) -> Option<&File> {
        match &self.kind {
            Kind::File(file) => Some(file),
            Kind::Folder | Kind::Other { .. } => None,
        }
    }

    /// How many bytes it has; 0 if it is no file.
    pub fn size(&self) -> usize {
        self.file().map_or(0, |file| file.content.len())
    }
}

/// The files of one vendor: the user's own drive, and perhaps others.
pub struct Tree {
    nodes: BTreeMap<NodeId, Node>,
    next: NodeId,
    reserved: BTreeSet<NodeId>,
}

impl Tree {
    /// An empty drive, made at `now`.
    pub(super) fn new(now: Timestamp) -> Self {
        let mut tree = Self {
            nodes: BTreeMap::new(),
            next: ROOT,
            reserved: BTreeSet::new(),
        };
        tree.add(None, "", Kind::Folder, now);
        tree
    }

    /// Another root: a shared drive.
    pub fn add_root(&mut self, name: &str, now: Timestamp) -> NodeId {
        self.add(None, name, Kind::Folder, now)
    }

    /// A new node in `parent`.
    pub fn add(
        &mut self,
        parent: Option<NodeId>,
        name: &str,
        kind: Kind,
        now: Timestamp,
    ) -> NodeId {
        let id = self.reserve();
        self.add_reserved(id, parent, name, kind, now);
        id
    }

    /// A number for a node that is not made yet.
    pub fn reserve(&mut self) -> NodeId {
        let id = self.next;
        self.next += 1;
        self.reserved.insert(id);
        id
    }

    /// A new node in `parent` with a number that was reserved for it; `false` if it was not.
    pub fn add_reserved(
        &mut self,
        id: NodeId,
        parent: Option<NodeId>,
        name: &str,
        kind: Kind,
        now: Timestamp,
    ) -> bool {
        if !self.reserved.remove(&id) {
            return false;
        }
        let node = Node {
            id,
            parent,
            name: name.to_owned(),
            kind,
            created: now,
            modified: now,
            trashed: false,
            resource_key: None,
        };
        self.nodes.insert(id, node);
        true
    }

    /// A new folder in `parent`.
    pub fn add_folder(&mut self, parent: NodeId, name: &str, now: Timestamp) -> NodeId {
        self.add(Some(parent), name, Kind::Folder, now)
    }

    /// A new file in `parent`.
    pub fn add_file(
        &mut self,
        parent: NodeId,
        name: &str,
        content: impl Into<Bytes>,
        media_type: &str,
        now: Timestamp,
    ) -> NodeId {
        let file = File {
            content: content.into(),
            media_type: media_type.to_owned(),
        };
        self.add(Some(parent), name, Kind::File(file), now)
    }

    /// Gives a file other content.
    pub fn write(&mut self, id: NodeId, file: File, now: Timestamp) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.kind = Kind::File(file);
            node.modified = now;
        }
    }

    /// Gives a node another name.
    pub fn rename(&mut self, id: NodeId, name: &str, now: Timestamp) {
        if let Some(node) = self.nodes.get_mut(&id) {
            name.clone_into(&mut node.name);
            node.modified = now;
        }
    }

    /// Puts a node into the trash, or takes it out.
    pub fn set_trashed(&mut self, id: NodeId, trashed: bool) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.trashed = trashed;
        }
    }

    /// Asks for this key beside the node's id from now on.
    pub fn set_resource_key(&mut self, id: NodeId, key: &str) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.resource_key = Some(key.to_owned());
        }
    }

    /// The node, or a folder above it, lies in the trash.
    pub fn is_trashed(&self, id: NodeId) -> bool {
        self.way_to(id).iter().any(|node| node.trashed)
    }

    /// A node.
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(&id)
    }

    /// Every root, the user's own drive first.
    pub fn roots(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values().filter(|node| node.parent.is_none())
    }

    /// The root above a node.
    pub fn root_of(&self, id: NodeId) -> NodeId {
        let mut at = id;
        while let Some(parent) = self.get(at).and_then(|node| node.parent) {
            at = parent;
        }
        at
    }

    /// What is directly in a folder, oldest first.
    pub fn children(&self, parent: NodeId) -> impl Iterator<Item = &Node> {
        self.nodes
            .values()
            .filter(move |node| node.parent == Some(parent))
    }

    /// The oldest one of that name in a folder.
    pub fn child(&self, parent: NodeId, name: &str) -> Option<&Node> {
        self.children(parent).find(|node| node.name == name)
    }

    /// The same, whatever the case of the letters.
    pub fn child_ignoring_case(&self, parent: NodeId, name: &str) -> Option<&Node> {
        let name = name.to_lowercase();
        self.children(parent)
            .find(|node| node.name.to_lowercase() == name)
    }

    /// Removes a node and everything in it.
    pub fn remove(&mut self, id: NodeId) {
        let children: Vec<_> = self.children(id).map(|node| node.id).collect();
        for child in children {
            self.remove(child);
        }
        self.nodes.remove(&id);
    }

    /// The nodes from below the root down to this one.
    pub fn way_to(&self, id: NodeId) -> Vec<&Node> {
        let mut way = Vec::new();
        let mut at = self.get(id);
        while let Some(node) = at.filter(|node| node.parent.is_some()) {
            way.push(node);
            at = node.parent.and_then(|parent| self.get(parent));
        }
        way.reverse();
        way
    }

    /// `/a/b` for a node, the empty text for a root.
    pub fn path(&self, id: NodeId) -> String {
        self.way_to(id)
            .iter()
            .fold(String::new(), |path, node| path + "/" + &node.name)
    }

    /// Every node.
    pub fn all(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }
}
