//! Ids of Google's form, made from the tree's numbers.

use crate::drives::tree::{Node, NodeId, ROOT};

/// What stands for the user's own root.
const ALIAS: &str = "root";

/// The id of a file or folder, or of a drive's root, which is the drive's id, too.
pub(super) fn of(node: &Node) -> String {
    if node.parent.is_none() {
        drive(node.id)
    } else {
        file(node.id)
    }
}

/// The id of a file or folder in a drive by its number.
pub(super) fn file(number: NodeId) -> String {
    format!("1-_Sim{number:027x}")
}

/// The id of a drive by its root's number.
pub(super) fn drive(root: NodeId) -> String {
    format!("0AS-{root:09x}Uk9PVA")
}

/// The number in an id, if it has the form of one that was given out.
pub(super) fn parse(id: &str) -> Option<NodeId> {
    if id == ALIAS {
        return Some(ROOT);
    }
    let digits = match id.strip_prefix("1-_Sim") {
        Some(digits) => digits,
        None => id.strip_prefix("0AS-")?.strip_suffix("Uk9PVA")?,
    };
    let number = NodeId::from_str_radix(digits, 16).ok()?;
    // One id for each number: no capitals, no sign, no other count of zeros.
    (id == drive(number) || id == file(number)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_were_given_out_are_read() {
        assert_eq!(parse("root"), Some(ROOT));
        assert_eq!(parse(&drive(17)), Some(17));
        assert_eq!(parse(&file(17)), Some(17));
        for bad in [
            "",
            "17",
            "Root",
            "1-_Sim11",
            "0AS-00000000AUk9PVA",
            "0AS-+0000000aUk9PVA",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
