//! How files and folders are addressed: buckets, ids, keys, paths and names.

use crate::domain::{Error, Result};

/// Keys, paths and names: at most this many bytes of UTF-8.
pub const KEY_BYTES_MAX: usize = 1_024;

/// A folder in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderAddress {
    /// The bucket's name.
    pub bucket: String,
    /// The provider's id of the folder; empty if not given.
    pub id: String,
    /// The folder's path.
    pub path: FolderPath,
}

/// An object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectAddress {
    /// The bucket's name.
    pub bucket: String,
    /// The provider's id of the object; empty if not given.
    pub id: String,
    /// The object's key.
    pub key: ObjectKey,
}

/// A folder's path, as a prefix of keys: empty for the root, else ending in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderPath(String);

impl FolderPath {
    /// Reads a path given with or without a leading and a trailing slash.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let mut path = without_leading_slash(text).to_owned();
        if !path.is_empty() && !path.ends_with('/') {
            path.push('/');
        }
        check_key(field, &path)?;
        Ok(Self(path))
    }

    /// The prefix: empty for the root, else ending in `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of the folder `name` inside this one; it may not exceed [`KEY_BYTES_MAX`].
    pub fn join(&self, name: &FolderName) -> Result<Self> {
        let path = format!("{}{}/", self.0, name.as_str());
        check_key("folderName", &path)?;
        Ok(Self(path))
    }
}

/// An object's key, byte for byte. It names a folder if it ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Reads a key given with or without a leading slash. One slash is taken as that; a key that
    /// itself starts with a slash is given with two, and listings answer it so.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let key = without_leading_slash(text);
        if key.is_empty() {
            return Err(Error::invalid(field, "must not be empty"));
        }
        check_key(field, key)?;
        Ok(Self(key.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key names a folder.
    pub fn is_folder(&self) -> bool {
        self.0.ends_with('/')
    }

    /// The last component, without a slash.
    pub fn file_name(&self) -> &str {
        last_component(&self.0)
    }
}

/// How a listing shows `key`: passing it back to [`ObjectKey::parse`] or [`FolderPath::parse`]
/// addresses the same object.
pub fn path_of_key(key: &str) -> String {
    if key.starts_with('/') {
        format!("/{key}")
    } else {
        key.to_owned()
    }
}

/// The last component of a key, without a slash.
pub fn last_component(key: &str) -> &str {
    let key = key.strip_suffix('/').unwrap_or(key);
    key.rsplit_once('/').map_or(key, |(_, name)| name)
}

fn without_leading_slash(text: &str) -> &str {
    text.strip_prefix('/').unwrap_or(text)
}

/// Refuses what no provider keeps apart: NUL, over-long keys, and the components `.` and `..`,
/// which HTTP clients and proxies resolve away, so that a signed URL would reach another object.
fn check_key(field: &str, key: &str) -> Result<()> {
    if key.len() > KEY_BYTES_MAX {
        return Err(Error::invalid(field, "must be at most 1,024 bytes"));
    }
    if key.contains('\0') {
        return Err(Error::invalid(field, "must not contain NUL"));
    }
    if key
        .split('/')
        .any(|component| matches!(component, "." | ".."))
    {
        return Err(Error::invalid(
            field,
            "must not have . or .. as a component",
        ));
    }
    Ok(())
}

/// The name of a folder to create: one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderName(String);

impl FolderName {
    /// Reads a name: 1 to 1,024 bytes, no `/`, no NUL, not `.` or `..`.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::invalid(field, "must not be empty"));
        }
        if text.contains('/') {
            return Err(Error::invalid(field, "must not contain /"));
        }
        check_key(field, text)?;
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_with_and_without_slashes() {
        for (given, prefix) in [
            ("", ""),
            ("/", ""),
            ("a", "a/"),
            ("/a", "a/"),
            ("a/b/", "a/b/"),
            ("//", "/"),
            ("/a//b", "a//b/"),
        ] {
            assert_eq!(
                FolderPath::parse("path", given).unwrap().as_str(),
                prefix,
                "{given:?}"
            );
        }
    }

    #[test]
    fn a_listed_path_addresses_the_key_it_was_made_from() {
        for key in ["a", "/a", "//a", "a/b/", "a b+%#?.txt", "é/e\u{301}"] {
            assert_eq!(
                ObjectKey::parse("key", &path_of_key(key)).unwrap().as_str(),
                key
            );
        }
    }

    #[test]
    fn keys_that_clients_would_rewrite_are_refused() {
        for key in ["", "/", "..", "a/../b", "./a", "a/.", "a\0b"] {
            assert!(ObjectKey::parse("key", key).is_err(), "{key:?}");
        }
        assert!(ObjectKey::parse("key", &"é".repeat(512)).is_ok());
        assert!(ObjectKey::parse("key", &format!("{}x", "é".repeat(512))).is_err());
    }
}
