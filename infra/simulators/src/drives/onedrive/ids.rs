//! Ids of drives and items. A personal drive's is 16 hex digits, and its items' are `DRIVE!NUMBER`; a
//! library's is `b!` and 64 characters, and its items' are 34 capitals and digits.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};

use crate::drives::tree::{NodeId, ROOT, Tree};

const PERSONAL_DRIVE: &str = "8E2F5A1047C3B960";
/// The number of a personal drive's root folder.
const PERSONAL_FIRST: NodeId = 101;

/// The id of the drive below a root.
pub(super) fn drive(root: NodeId) -> String {
    if root == ROOT {
        return PERSONAL_DRIVE.to_owned();
    }
    format!("b!{}", BASE64URL_NOPAD.encode(&filled::<48>(root)))
}

/// The id of an item in the drive below a root.
pub(super) fn item(root: NodeId, node: NodeId) -> String {
    if root == ROOT {
        return format!("{PERSONAL_DRIVE}!{}", PERSONAL_FIRST + node);
    }
    format!("01{}", BASE32_NOPAD.encode(&filled::<20>(node)))
}

/// What kind of drive is below a root.
pub(super) fn drive_type(root: NodeId) -> &'static str {
    if root == ROOT {
        "personal"
    } else {
        "documentLibrary"
    }
}

/// The root of the drive with this id.
pub(super) fn find_drive(tree: &Tree, id: &str) -> Option<NodeId> {
    tree.roots()
        .map(|root| root.id)
        .find(|root| drive(*root) == id)
}

/// The item with this id in the drive below a root.
pub(super) fn find_item(tree: &Tree, root: NodeId, id: &str) -> Option<NodeId> {
    let number = if root == ROOT {
        let (drive, number) = id.split_once('!')?;
        let number: NodeId = number.parse().ok()?;
        (drive == PERSONAL_DRIVE).then_some(number.checked_sub(PERSONAL_FIRST)?)?
    } else {
        let bytes = BASE32_NOPAD
            .decode(id.strip_prefix("01")?.as_bytes())
            .ok()?;
        NodeId::from_be_bytes(bytes.last_chunk().copied()?)
    };
    let found = tree.get(number)?;
    (tree.root_of(found.id) == root && item(root, found.id) == id).then_some(found.id)
}

/// `N` bytes that end in a number.
fn filled<const N: usize>(number: NodeId) -> [u8; N] {
    let mut bytes = [0x5A; N];
    if let Some(end) = bytes.last_chunk_mut() {
        *end = number.to_be_bytes();
    }
    bytes
}
