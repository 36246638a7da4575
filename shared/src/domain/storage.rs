//! The behaviour of a connected drive, whoever hosts it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Error, Result};

/// Keys, paths and names: at most this many bytes of UTF-8.
pub const KEY_BYTES_MAX: usize = 1_024;
/// A listing's page: at most this many entries.
pub const PAGE_ENTRIES_MAX: u16 = 1_000;
/// A generated URL lives at most this many hours (S3 signs for 7 days at most).
pub const URL_HOURS_MAX: u16 = 168;
/// A Content-Type: at most this many bytes.
const CONTENT_TYPE_BYTES_MAX: usize = 255;

/// A drive of one provider, opened with one account's credentials.
///
/// Every implementation keeps these promises; one suite of tests runs over all of them.
///
/// - A provider's 401 or 403, or dead credentials, is [`super::ErrorKind::AccessRefused`]; its 404
///   is `NotFound`; its conflict `Duplicate`; 429, 5xx, a timeout or no connection `Unavailable`.
/// - Where an operation takes an `id` and a path, a non-empty id wins.
#[async_trait]
pub trait CloudStorage: Send + Sync {
    /// Tries the credentials with the provider's cheapest call. Changes nothing.
    async fn check_credentials(&self) -> Result<()>;

    /// Every bucket that the credentials show. `region` is `None` unless `with_region` is set.
    async fn list_buckets(&self, with_region: bool) -> Result<Vec<Bucket>>;

    /// One page of the files and folders directly inside a folder.
    ///
    /// A folder that is not there lists as empty where folders are only prefixes of keys (the S3
    /// family, Azure) and is `NotFound` elsewhere; a bucket that is not there is always `NotFound`.
    /// A page may hold fewer entries than asked for, even none, and still have a next page. The
    /// marker object of the listed folder itself is not shown.
    async fn list_objects(&self, request: &ListRequest) -> Result<Page>;

    /// Creates `name` inside `parent`. On providers whose folders are prefixes, creating one that
    /// exists succeeds and changes nothing in it; its marker object may be written anew.
    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()>;

    /// Deletes a file, or a folder with all that is under it. Deleting a key that is not there
    /// succeeds where the provider says so (the S3 family) and is `NotFound` elsewhere.
    async fn delete_object(&self, object: &ObjectAddress) -> Result<()>;

    /// A URL that answers the object's bytes to anybody until `lifetime` has passed. It is signed,
    /// not tried: the URL of an object that is not there answers the provider's own 404.
    async fn download_url(
        &self,
        object: &ObjectAddress,
        options: &DownloadOptions,
    ) -> Result<SignedUrl>;

    /// A URL that stores one body as the object until `lifetime` has passed.
    async fn upload_url(
        &self,
        object: &ObjectAddress,
        options: &UploadOptions,
    ) -> Result<SignedUrl>;
}

/// A bucket, container, drive or root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The provider's own id; empty where the name is the id.
    pub id: String,
    /// What to pass as `bucketName` or `storageName`.
    pub name: String,
    /// Where the provider keeps it.
    pub region: Option<String>,
    /// When it was made, where the provider says.
    pub created: Option<Timestamp>,
}

/// What to list.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// The folder.
    pub folder: FolderAddress,
    /// The provider's own cursor from the page before; `None` for the first page.
    pub cursor: Option<String>,
    /// At most so many entries, 1 to [`PAGE_ENTRIES_MAX`].
    pub count: u16,
}

/// One page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Folders first, then files, each in the provider's order.
    pub entries: Vec<Entry>,
    /// The provider's own cursor of the next page; `None` on the last.
    pub next: Option<String>,
}

/// A file or folder in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The provider's own id; empty where the path is the id.
    pub id: String,
    /// The last component, without a slash.
    pub name: String,
    /// The full path in the bucket; a folder's ends in `/`. Passing it back addresses this entry, or
    /// is refused (a key with `.` or `..` as a component).
    pub path: String,
    /// Bytes; 0 for folders.
    pub size: u64,
    /// When it last changed, where the provider says.
    pub modified: Option<Timestamp>,
    /// File or folder.
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Bytes with a name.
    File,
    /// Holds other entries.
    Folder,
}

/// How to make a download URL.
#[derive(Debug, Clone)]
pub struct DownloadOptions {
    /// From now on, at most [`URL_HOURS_MAX`] hours.
    pub lifetime: Duration,
    /// Browsers save the object under its name instead of showing it.
    pub attachment: bool,
}

/// How to make an upload URL.
#[derive(Debug, Clone)]
pub struct UploadOptions {
    /// From now on, at most [`URL_HOURS_MAX`] hours.
    pub lifetime: Duration,
    /// What the client must send as `Content-Type`.
    pub content_type: ContentType,
}

/// A URL that carries its own permission. Its query is a secret for as long as it lives.
#[derive(Clone)]
pub struct SignedUrl {
    /// Where to send the request.
    pub url: String,
    /// The method to use.
    pub method: &'static str,
    /// Headers that the request must carry.
    pub headers: Vec<(String, String)>,
    /// When the URL stops working.
    pub expires: Timestamp,
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SignedUrl({} [redacted] until {})",
            self.method, self.expires
        )
    }
}

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

/// A media type, fit for a header: `type/subtype` and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType(String);

impl ContentType {
    /// Reads a media type of at most 255 visible ASCII bytes (RFC 9110 §8.3.1).
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let token = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
        };
        let essence = text.split(';').next().unwrap_or_default().trim_end();
        let well_formed = text.len() <= CONTENT_TYPE_BYTES_MAX
            && text.bytes().all(|b| (0x20..0x7f).contains(&b))
            && text.trim() == text
            && essence
                .split_once('/')
                .is_some_and(|(kind, subtype)| token(kind) && token(subtype));
        if !well_formed {
            return Err(Error::invalid(
                field,
                "must be a media type of at most 255 ASCII characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The media type.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ContentType {
    fn default() -> Self {
        Self("application/octet-stream".to_owned())
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

    #[test]
    fn a_media_type_fits_a_header() {
        for good in [
            "text/plain",
            "text/html; charset=utf-8",
            "application/vnd.api+json",
        ] {
            assert!(ContentType::parse("contentType", good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "text",
            "text/",
            "/plain",
            "text/pl ain",
            "a/b\r\nX: y",
            "tëxt/plain",
            " a/b",
        ] {
            assert!(ContentType::parse("contentType", bad).is_err(), "{bad:?}");
        }
    }
}
