//! The behaviour of a connected drive, whoever hosts it.

mod address;
mod capabilities;
mod description;
mod media_type;
mod url;

pub use address::{
    FolderAddress, FolderName, FolderPath, KEY_BYTES_MAX, ObjectAddress, ObjectKey, last_component,
    path_of_key,
};
pub use capabilities::{Capabilities, Folders};
pub use description::Description;
pub use media_type::ContentType;
pub use url::{
    ByteRange, Chunks, Content, ContentStream, Download, DownloadOptions, LinkUse, Offer,
    RELAY_BYTES_MAX, STREAM_BYTES_MAX, SignedUrl, URL_HOURS_MAX, UploadOptions, UploadTarget,
    bounded,
};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;

use super::{Error, Result};

/// A listing's page: at most this many entries.
pub const PAGE_ENTRIES_MAX: u16 = 1_000;

/// A drive of one provider, opened with one account's credentials.
///
/// Every implementation keeps these promises; one suite of tests runs over all of them, and where
/// providers differ, [`Capabilities`] says how.
///
/// - A provider's 401 or 403, or dead credentials, is [`super::ErrorKind::AccessRefused`]; its 404
///   is `NotFound`; its conflict `Duplicate`; 429, 5xx, a timeout or no connection `Unavailable`. An
///   access token that the provider no longer takes is `AccessExpired`: a refresh may mend it.
/// - Where an operation takes an `id` and a path, a non-empty id wins. An id that the provider
///   cannot have issued is `NotFound`, and nothing is sent.
#[async_trait]
pub trait CloudStorage: Send + Sync {
    /// How this provider differs from others.
    fn capabilities(&self) -> &'static Capabilities;

    /// Tries the credentials with the provider's cheapest call. Changes nothing.
    async fn check_credentials(&self) -> Result<()>;

    /// Every bucket that the credentials show. `region` is `None` unless `with_region` is set.
    async fn list_buckets(&self, with_region: bool) -> Result<Vec<Bucket>>;

    /// One page of the files and folders directly inside a folder.
    ///
    /// A folder that is not there lists as empty where folders are only prefixes of keys (the S3
    /// family, Azure) and is `NotFound` elsewhere; a bucket that is not there is always `NotFound`.
    /// A page may hold fewer entries than asked for, even none, and still have a next page. The
    /// marker object of the listed folder itself is not shown. A cursor that the provider no longer
    /// takes is `Invalid` in `continuationToken`.
    async fn list_objects(&self, request: &ListRequest) -> Result<Page>;

    /// Creates `name` inside `parent`. Creating one that exists succeeds and changes nothing in it
    /// where folders are prefixes (its marker object may be written anew), makes a second one where
    /// names need not be unique, and is `Duplicate` elsewhere. A parent that is not there is made
    /// where folders are prefixes and where the provider does so by itself, else `NotFound`.
    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()>;

    /// Deletes a file, or a folder with all that is under it. Deleting a key that is not there
    /// succeeds where the provider says so (the S3 family) and is `NotFound` elsewhere.
    async fn delete_object(&self, object: &ObjectAddress) -> Result<()>;

    /// What the object is, without its bytes: one call where the address needs no looking up. A
    /// folder, and a key that is not there, are `NotFound`; a document that has no bytes is refused
    /// as [`CloudStorage::download`] refuses it.
    async fn describe(&self, object: &ObjectAddress) -> Result<Description>;

    /// A URL that answers the object's bytes to anybody until the lifetime has passed. It is made,
    /// not tried: the URL of an object that is not there may itself answer 404.
    async fn download_url(
        &self,
        object: &ObjectAddress,
        options: &DownloadOptions,
    ) -> Result<Offer>;

    /// A URL that stores one body as the object until the lifetime has passed. An object that is
    /// there is overwritten.
    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer>;

    /// Where the object's bytes are now: what a link of ours answers at each click. A whole of more
    /// than [`STREAM_BYTES_MAX`] is a redirect where [`Capabilities::redirects_downloads`] says so.
    /// If the bytes must come through us it is no redirect, a folder or a key that is not there is `NotFound`, and a
    /// connection that the provider cuts is an error in the stream.
    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content>;

    /// Where a body of `size` bytes (`None`: unknown) goes now: what a link of ours answers at each
    /// use.
    async fn upload_target(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        size: Option<u64>,
    ) -> Result<UploadTarget>;

    /// Stores `body` as the object, where [`UploadTarget::Relay`] said so.
    async fn upload(
        &self,
        _object: &ObjectAddress,
        _content_type: &ContentType,
        _body: Bytes,
    ) -> Result<()> {
        Err(Error::internal("this provider takes uploads by URL only"))
    }
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
