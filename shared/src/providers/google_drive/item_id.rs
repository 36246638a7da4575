//! Ids of files and folders, as listings show them.

use std::fmt;

use crate::domain::{Error, Result};

/// Google's ids have 33 or so characters, resource keys fewer.
const PART_BYTES_MAX: usize = 256;

/// An id: `FILE`, `FILE/RESOURCE_KEY` where the file is only given out with its key, or
/// `FILE/RESOURCE_KEY/SHORTCUT` (the key may be empty) for what is listed because a shortcut points
/// to it.
///
/// Reading and writing mean the file, deleting means the shortcut: who removes a shortcut wants the
/// thing that it points to to stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ItemId {
    pub(super) file: String,
    pub(super) resource_key: Option<String>,
    pub(super) shortcut: Option<String>,
}

impl ItemId {
    /// The id of a file that asks for no key.
    pub(super) fn plain(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            resource_key: None,
            shortcut: None,
        }
    }

    /// Reads an id that came from a client. What Google cannot have issued is `NotFound`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut parts = text.split('/');
        let file = parts.next().unwrap_or_default();
        let resource_key = parts.next().unwrap_or_default();
        let shortcut = parts.next();
        let well_formed = parts.next().is_none()
            && is_part(file)
            && (resource_key.is_empty() || is_part(resource_key))
            && shortcut.is_none_or(is_part);
        // No empty part at the end: one thing has one id.
        if !well_formed || text.ends_with('/') {
            return Err(Error::not_found());
        }
        Ok(Self {
            file: file.to_owned(),
            resource_key: Some(resource_key.to_owned()).filter(|key| !key.is_empty()),
            shortcut: shortcut.map(str::to_owned),
        })
    }

    /// What deleting means.
    pub(super) fn to_delete(&self) -> Self {
        match &self.shortcut {
            Some(shortcut) => Self::plain(shortcut),
            None => self.clone(),
        }
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.resource_key.is_some() || self.shortcut.is_some() {
            write!(f, "/{}", self.resource_key.as_deref().unwrap_or_default())?;
        }
        match &self.shortcut {
            Some(shortcut) => write!(f, "/{shortcut}"),
            None => Ok(()),
        }
    }
}

fn is_part(text: &str) -> bool {
    (1..=PART_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_it_is_read() {
        for id in ["1aB-_", "1aB-_/0-key", "1aB-_/0-key/1sC", "1aB-_//1sC"] {
            assert_eq!(ItemId::parse(id).unwrap().to_string(), id);
        }
    }

    #[test]
    fn what_google_cannot_have_issued_is_not_found() {
        for id in [
            "", "/", "a/", "a//", "/a", "a/b/", "a/b/c/d", "a b", "a'b", "a%2F", "..", "a?b",
            "a#b", "é", "a\n",
        ] {
            assert!(ItemId::parse(id).is_err(), "{id:?}");
        }
        assert!(ItemId::parse(&"a".repeat(257)).is_err());
    }
}
