//! How files and folders are named to Dropbox: by an id, or by a path that begins with a slash and
//! does not end in one. The root is the empty text.

use crate::domain::storage::{FolderAddress, ObjectAddress};
use crate::domain::{Error, Result};

/// An id has 22 characters behind its prefix; room for longer ones.
const ID_CHARS_MAX: usize = 64;

/// The folder that is meant.
pub(super) fn of_folder(folder: &FolderAddress) -> Result<String> {
    match checked_id(&folder.id)? {
        Some(id) => Ok(id.to_owned()),
        None => from_key(folder.path.as_str()).ok_or_else(Error::not_found),
    }
}

/// The file or folder that is meant.
pub(super) fn of_object(object: &ObjectAddress) -> Result<String> {
    match checked_id(&object.id)? {
        Some(id) => Ok(id.to_owned()),
        None => from_key(object.key.as_str()).ok_or_else(Error::not_found),
    }
}

/// The file that is meant: no path of a file ends in a slash.
pub(super) fn of_file(object: &ObjectAddress) -> Result<String> {
    if is_folder(object) {
        return Err(Error::not_found());
    }
    of_object(object)
}

/// The file that is to be written.
pub(super) fn of_upload(object: &ObjectAddress) -> Result<String> {
    match checked_id(&object.id)? {
        Some(id) => Ok(id.to_owned()),
        None => from_key(object.key.as_str())
            .filter(|_| !object.key.is_folder())
            .ok_or_else(|| Error::invalid("key", "must have a name behind every slash")),
    }
}

/// A path was given, and it is a folder's.
pub(super) fn is_folder(object: &ObjectAddress) -> bool {
    object.id.is_empty() && object.key.is_folder()
}

/// A path of Dropbox's as ours: a folder's ends in a slash, none begins with one.
pub(super) fn to_key(path: &str, is_folder: bool) -> String {
    let path = path.strip_prefix('/').unwrap_or(path);
    let end = if is_folder { "/" } else { "" };
    format!("{path}{end}")
}

/// A key of ours as a path; `None` if a name in it is empty, which no path of Dropbox's has.
fn from_key(key: &str) -> Option<String> {
    if key.is_empty() {
        return Some(String::new());
    }
    let path = key.strip_suffix('/').unwrap_or(key);
    let is_path = path.split('/').all(|name| !name.is_empty());
    is_path.then(|| format!("/{path}"))
}

/// The id, if one was given. Dropbox's consist of `id:` and Base64 for URLs.
fn checked_id(id: &str) -> Result<Option<&str>> {
    if id.is_empty() {
        return Ok(None);
    }
    let is_id = id.strip_prefix("id:").is_some_and(|rest| {
        (1..=ID_CHARS_MAX).contains(&rest.len())
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    if is_id {
        Ok(Some(id))
    } else {
        Err(Error::not_found())
    }
}
