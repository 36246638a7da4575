//! What things are called: the one bucket, and ids that say what they are of.

use crate::domain::storage::{Bucket, EntryKind};
use crate::domain::{Error, Result};

/// The id of every account's root.
pub(super) const ROOT: &str = "0";

/// What Box calls it.
const ROOT_NAME: &str = "All Files";

/// A number of Box's: at most so many digits, as many as 64 bits have.
const DIGITS_MAX: usize = 20;

/// The one bucket: everything that the account shows is under its root.
pub(super) fn bucket() -> Bucket {
    Bucket {
        id: ROOT.to_owned(),
        name: ROOT_NAME.to_owned(),
        region: None,
        created: None,
    }
}

/// Refuses every bucket but the one, which may also be left out.
pub(super) fn check_bucket(name: &str) -> Result<()> {
    match name {
        "" | ROOT | ROOT_NAME => Ok(()),
        _ => Err(Error::not_found()),
    }
}

/// A number of Box's. Files and folders are numbered apart, so it is one of either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number(String);

impl Number {
    /// Reads a number as Box writes it; it can stand in a path as it is.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_number = (1..=DIGITS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| Self(text.to_owned()))
    }

    /// The root's, as a folder.
    pub(super) fn root() -> Self {
        Self(ROOT.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_root(&self) -> bool {
        self.0 == ROOT
    }
}

/// The id of a file or folder as it is outside: the type, a colon, the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ItemId {
    File(Number),
    Folder(Number),
}

impl ItemId {
    /// Reads an id that a listing answered. Errors: `NotFound` for any other text.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let id = text
            .split_once(':')
            .and_then(|(kind, number)| Some((kind, Number::parse(number)?)));
        match id {
            Some(("file", number)) => Ok(Self::File(number)),
            Some(("folder", number)) => Ok(Self::Folder(number)),
            _ => Err(Error::not_found()),
        }
    }

    /// The number, if it is a file's.
    pub(super) fn file(self) -> Result<Number> {
        match self {
            Self::File(number) => Ok(number),
            Self::Folder(_) => Err(Error::not_found()),
        }
    }

    /// The number, if it is a folder's.
    pub(super) fn folder(self) -> Result<Number> {
        match self {
            Self::Folder(number) => Ok(number),
            Self::File(_) => Err(Error::not_found()),
        }
    }
}

/// How a listing writes the id of a `kind` with this number.
pub(super) fn written(kind: EntryKind, number: &Number) -> String {
    match kind {
        EntryKind::File => format!("file:{}", number.as_str()),
        EntryKind::Folder => format!("folder:{}", number.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_is_of() {
        let number = Number::parse("12345").unwrap();
        for kind in [EntryKind::File, EntryKind::Folder] {
            let id = ItemId::parse(&written(kind, &number)).unwrap();
            assert_eq!(id.clone().file().is_ok(), kind == EntryKind::File);
            assert_eq!(id.folder().is_ok(), kind == EntryKind::Folder);
        }
    }

    #[test]
    fn what_is_no_id_of_ours_is_not_there() {
        for text in [
            "",
            "12345",
            "file:",
            "file:-1",
            "file:1/../2",
            "file:1?fields=id",
            "file:١",
            "folder:0x1",
            "folder:123456789012345678901",
            "Folder:1",
            "web_link:1",
            "file:1 ",
        ] {
            assert!(ItemId::parse(text).is_err(), "{text:?}");
        }
    }
}
