//! How drives and items are named in requests, and how callers name them.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::domain::{Error, Result};

/// All but what RFC 3986 leaves unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An id of a drive or item: at most so many bytes. The longest in use have 66.
const ID_BYTES_MAX: usize = 128;

/// What no name holds: "Restrictions and limitations in OneDrive and `SharePoint`" of
/// support.microsoft.com. A colon would also end the path in a request.
const FORBIDDEN: [char; 9] = ['"', '*', ':', '<', '>', '?', '/', '\\', '|'];

/// A drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Drive {
    /// The user's default one.
    Own,
    /// One with this id, which was checked.
    Id(String),
}

/// An item of a drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    drive: Drive,
    at: At,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    /// An id, which was checked.
    Id(String),
    /// The names down from the root, which were checked; none for the root.
    Path(Vec<String>),
}

impl Drive {
    /// The path of a request about the drive.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Own => "/v1.0/me/drive".to_owned(),
            Self::Id(id) => format!("/v1.0/drives/{}", utf8_percent_encode(id, SEGMENT)),
        }
    }

    /// The item at a path. Errors: `NotFound` for a path that no item can have.
    pub(super) fn item(self, path: &str) -> Result<Item> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut names = Vec::new();
        if !path.is_empty() {
            for name in path.split('/') {
                if !can_be_name(name) {
                    return Err(Error::not_found());
                }
                names.push(name.to_owned());
            }
        }
        Ok(Item {
            drive: self,
            at: At::Path(names),
        })
    }
}

impl Item {
    /// The item with an id of a drive with an id. Errors: `NotFound` for what is no id.
    pub(super) fn with_id(drive: &str, item: &str) -> Result<Self> {
        if !is_id(drive) || !is_id(item) {
            return Err(Error::not_found());
        }
        Ok(Self {
            drive: Drive::Id(drive.to_owned()),
            at: At::Id(item.to_owned()),
        })
    }

    /// The path of a request about the item, or about what is behind it: `children`, `content` or
    /// `createUploadSession`.
    pub(super) fn path(&self, behind: &str) -> String {
        let mut path = self.drive.path();
        match &self.at {
            At::Id(id) => {
                path.push_str("/items/");
                path.extend(utf8_percent_encode(id, SEGMENT));
            }
            At::Path(names) => {
                path.push_str("/root");
                // Graph knows the root in this form without colons only.
                let mut before = ":/";
                for name in names {
                    path.push_str(before);
                    path.extend(utf8_percent_encode(name, SEGMENT));
                    before = "/";
                }
                if !names.is_empty() && !behind.is_empty() {
                    path.push(':');
                }
            }
        }
        if !behind.is_empty() {
            write!(path, "/{behind}").ok();
        }
        path
    }

    /// The drive that it is in.
    pub(super) fn drive(&self) -> &Drive {
        &self.drive
    }

    /// The item is named by a path.
    pub(super) fn is_path(&self) -> bool {
        matches!(self.at, At::Path(_))
    }
}

/// The ids in an id of ours: the item that it stands for, and the entry that was listed, which is
/// another one where somebody else's item was added to the drive. `DRIVE/ITEM` or
/// `DRIVE/ITEM/DRIVE/ITEM`.
pub(super) struct EntryId {
    /// What is opened, downloaded and written.
    pub(super) item: Item,
    /// What is deleted: taking an added item out of one's own drive leaves its owner's alone.
    pub(super) listed: Item,
}

impl EntryId {
    /// Reads an id of ours. Errors: `NotFound` for anything else.
    pub(super) fn parse(id: &str) -> Result<Self> {
        let parts: Vec<_> = id.split('/').collect();
        match parts[..] {
            [drive, item] => {
                let item = Item::with_id(drive, item)?;
                Ok(Self {
                    listed: item.clone(),
                    item,
                })
            }
            [drive, item, own_drive, own_item] => Ok(Self {
                item: Item::with_id(drive, item)?,
                listed: Item::with_id(own_drive, own_item)?,
            }),
            _ => Err(Error::not_found()),
        }
    }
}

/// The text can be an id of a drive or item: `8E2F5A1047C3B960!101`, `b!…`, `01ABC…`.
pub(super) fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && !matches!(text, "." | "..")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!._$-".contains(&byte))
}

/// The text is an id of a drive by its looks: 16 hex digits for a personal one, `b!…` for others.
pub(super) fn is_drive_id(text: &str) -> bool {
    let is_personal = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id(text) && (is_personal || text.starts_with("b!"))
}

/// The text can be an item's name, as far as characters go.
pub(super) fn can_be_name(text: &str) -> bool {
    !text.is_empty() && !matches!(text, "." | "..") && !text.contains(FORBIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_name_by_name() {
        let item = |path| Drive::Own.item(path).unwrap();
        assert_eq!(item("").path("children"), "/v1.0/me/drive/root/children");
        assert_eq!(item("").path(""), "/v1.0/me/drive/root");
        assert_eq!(item("a/b c/").path(""), "/v1.0/me/drive/root:/a/b%20c");
        assert_eq!(
            item("50%/a#b+'é.txt").path("content"),
            "/v1.0/me/drive/root:/50%25/a%23b%2B%27%C3%A9.txt:/content"
        );
        let item = Item::with_id("b!x_-y", "01AB").unwrap();
        assert_eq!(
            item.path("children"),
            "/v1.0/drives/b%21x_-y/items/01AB/children"
        );
    }

    #[test]
    fn what_onedrive_cannot_hold_is_not_there() {
        for path in ["a:/content", "a//b", "/a", "a?b", "a\\b", "a|b", "a:"] {
            assert!(Drive::Own.item(path).is_err(), "{path}");
        }
    }

    #[test]
    fn ids_are_two_or_four_parts() {
        let entry = EntryId::parse("D1/I1/D2/I2").unwrap();
        assert_eq!(entry.item, Item::with_id("D1", "I1").unwrap());
        assert_eq!(entry.listed, Item::with_id("D2", "I2").unwrap());
        let long = "x".repeat(ID_BYTES_MAX + 1);
        for id in [
            "",
            "D",
            "D/",
            "/I",
            "D/..",
            "./I",
            "D/I/D",
            "D/I/D/",
            "D/I/D/I/",
            "D/I?x",
            "D/I:",
            "D/%2e",
            "D/é",
            &format!("D/{long}"),
        ] {
            assert!(EntryId::parse(id).is_err(), "{id}");
        }
    }
}
