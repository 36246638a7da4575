//! Paths and ids: their forms, what they lead to, and which names there may be.
//! <https://www.dropbox.com/developers/documentation/http/documentation#path-formats>

use data_encoding::BASE64URL_NOPAD;

use super::errors::Refusal;
use super::metadata;
use crate::drives::tree::{NodeId, Tree};

/// The constant half of an id.
const ID_PREFIX: [u8; 8] = [0x6b, 0x86, 0xb2, 0x73, 0xff, 0x34, 0xe1, 0x01];
/// A namespace's number for the first root.
const FIRST_NAMESPACE: u64 = 3_235_641;
/// A name has at most so many characters.
const NAME_CHARS_MAX: usize = 255;

/// The forms that a path argument may have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// The root is the empty text: `PathROrId`.
    Folder,
    /// `ReadPath`.
    Read,
    /// `WritePath`.
    Write,
    /// `WritePathOrId`.
    WriteOrId,
}

impl Form {
    fn pattern(self) -> &'static str {
        match self {
            Self::Folder => "(/(.|[\\r\\n])*)?|id:.*|(ns:[0-9]+(/.*)?)",
            Self::Read => "(/(.|[\\r\\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(/.*)?)",
            Self::Write => "(/(.|[\\r\\n])*)|(ns:[0-9]+(/.*)?)",
            Self::WriteOrId => "(/(.|[\\r\\n])*)|(ns:[0-9]+(/.*)?)|(id:.*)",
        }
    }

    fn matches(self, text: &str) -> bool {
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let namespace = text
            .strip_prefix("ns:")
            .is_some_and(|rest| digits(rest.split_once('/').map_or(rest, |(number, _)| number)));
        let revision = text.strip_prefix("rev:").is_some_and(|rev| {
            rev.len() >= 9 && rev.bytes().all(|b| b"0123456789abcdef".contains(&b))
        });
        let id = text.starts_with("id:");
        text.starts_with('/')
            || namespace
            || match self {
                Self::Folder => id || text.is_empty(),
                Self::Read => id || revision,
                Self::Write => false,
                Self::WriteOrId => id,
            }
    }

    /// Refuses a path that has not this form.
    pub(super) fn check(self, function: &str, field: &str, text: &str) -> Result<(), Refusal> {
        if self.matches(text) {
            return Ok(());
        }
        let pattern = self.pattern();
        let why = format!("request body: {field}: '{text}' did not match pattern '{pattern}'");
        Err(Refusal::malformed(function, &why))
    }
}

/// The id of a file or folder.
pub(super) fn id_of(node: NodeId) -> String {
    let mut bytes = ID_PREFIX.to_vec();
    bytes.extend_from_slice(&node.to_be_bytes());
    format!("id:{}", BASE64URL_NOPAD.encode(&bytes))
}

fn node_of(id: &str) -> Option<NodeId> {
    let bytes = BASE64URL_NOPAD
        .decode(id.strip_prefix("id:")?.as_bytes())
        .ok()?;
    let number = bytes.strip_prefix(&ID_PREFIX)?;
    Some(NodeId::from_be_bytes(number.try_into().ok()?))
}

/// The namespace's id of a root.
pub(super) fn namespace_of(root: NodeId) -> String {
    (FIRST_NAMESPACE + root).to_string()
}

/// The root that a namespace's id means, if there is one.
pub(super) fn root_of_namespace(tree: &Tree, id: &str) -> Option<NodeId> {
    tree.roots()
        .map(|node| node.id)
        .find(|root| namespace_of(*root) == id)
}

/// Why a path leads nowhere: a tag of `LookupError`.
pub(super) type Lookup = &'static str;

/// The file or folder at `path`, which has one of the forms, as seen from `root`.
pub(super) fn find(tree: &Tree, root: NodeId, path: &str) -> Result<NodeId, Lookup> {
    if path.starts_with("id:") {
        let node = node_of(path).ok_or("malformed_path")?;
        let there = tree.get(node).is_some() && tree.root_of(node) == root;
        return if there { Ok(node) } else { Err("not_found") };
    }
    if let Some(rev) = path.strip_prefix("rev:") {
        let mut nodes = tree.all().filter(|node| tree.root_of(node.id) == root);
        let node = nodes.find(|node| metadata::rev(node) == rev);
        return node.map(|node| node.id).ok_or("not_found");
    }
    components(tree, root, path)?
        .into_iter()
        .try_fold(root, |at, name| {
            let child = tree.child_ignoring_case(at, name);
            child.map(|node| node.id).ok_or("not_found")
        })
}

/// Where something is to be written.
#[derive(Debug)]
pub(super) enum Place<'a> {
    /// Something is there.
    Taken(NodeId),
    /// Nothing is: it will be `name` in the last of the `missing` folders below `parent`.
    Free {
        parent: NodeId,
        missing: Vec<&'a str>,
        name: &'a str,
    },
}

/// Why nothing can be written at a path: tags of `WriteError`.
pub(super) type Unwritable = &'static [&'static str];

/// The place that `path`, which has one of the forms, means for writing.
pub(super) fn place<'a>(tree: &Tree, root: NodeId, path: &'a str) -> Result<Place<'a>, Unwritable> {
    if path.starts_with("id:") {
        let found = find(tree, root, path);
        return found.map(Place::Taken).map_err(|_| &["malformed_path"][..]);
    }
    let names = components(tree, root, path).map_err(|_| &["malformed_path"][..])?;
    let (name, above) = names.split_last().ok_or(&["malformed_path"][..])?;
    if names.iter().any(|name| is_disallowed(name)) {
        return Err(&["disallowed_name"]);
    }
    let mut parent = root;
    for (depth, folder) in above.iter().enumerate() {
        match tree.child_ignoring_case(parent, folder) {
            Some(node) if node.is_folder() => parent = node.id,
            Some(_) => return Err(&["conflict", "file_ancestor"]),
            None => {
                let missing = above[depth..].to_vec();
                return Ok(Place::Free {
                    parent,
                    missing,
                    name,
                });
            }
        }
    }
    Ok(match tree.child_ignoring_case(parent, name) {
        Some(node) => Place::Taken(node.id),
        None => Place::Free {
            parent,
            missing: Vec::new(),
            name,
        },
    })
}

/// The names on the way down; none for the root.
fn components<'a>(tree: &Tree, root: NodeId, path: &'a str) -> Result<Vec<&'a str>, Lookup> {
    let path = match path.strip_prefix("ns:") {
        Some(rest) => {
            let (number, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            // A namespace outside the path root is out of reach.
            if root_of_namespace(tree, number) != Some(root) {
                return Err("not_found");
            }
            path
        }
        None => path,
    };
    let Some(path) = path.strip_prefix('/') else {
        return Ok(Vec::new());
    };
    let names: Vec<_> = path.split('/').collect();
    if names.iter().all(|name| is_well_formed(name)) {
        Ok(names)
    } else {
        Err("malformed_path")
    }
}

/// What rclone found out with the real service (`backend/dropbox/dropbox.go`, its encoder): no
/// backslash, no DEL, no space at the end; and no name of the file system's own.
fn is_well_formed(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.ends_with(' ')
        && !name.contains(['\\', '\u{7f}', '\0'])
}

/// <https://help.dropbox.com/organize/file-names>
fn is_disallowed(name: &str) -> bool {
    matches!(
        name.to_lowercase().as_str(),
        "desktop.ini" | "thumbs.db" | ".ds_store" | "icon\r" | ".dropbox" | ".dropbox.attr"
    )
}
