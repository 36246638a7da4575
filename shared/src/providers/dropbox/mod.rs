//! Dropbox.
//!
//! Its own links live four hours, can be used by anybody who has them, and are made without looking
//! at what they are for: a download link's lifetime and disposition cannot be chosen, an upload
//! link takes one body, of any type. What browsers are to save goes through us if it is not too large
//! for that, since what a download link makes them do is not documented.

mod api;
mod buckets;
mod errors;
mod listing;
mod place;

pub(super) mod grant;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use api::{
    Api, CommitInfo, CreateFolderArg, Done, FileMetadata, Function, Link, Metadata, PathArg,
    PathRoot, RESULT, TemporaryUploadLinkArg,
};

use super::http::{DriveHttp, Media, streamed};
use crate::domain::storage::{
    Bucket, ByteRange, Capabilities, CloudStorage, Content, ContentType, Description, Download,
    DownloadOptions, FolderAddress, FolderName, Folders, LinkUse, ListRequest, ObjectAddress,
    Offer, Page, STREAM_BYTES_MAX, SignedUrl, UploadOptions, UploadTarget,
};
use crate::domain::{Clock, Error, Result};

/// Links live at most so many hours: `get_temporary_link` and `get_temporary_upload_link` in
/// <https://github.com/dropbox/dropbox-api-spec>, `files.stone`.
const LINK_HOURS_MAX: u16 = 4;
const LINK_LIFETIME_MAX: Duration = Duration::from_hours(LINK_HOURS_MAX as u64);
/// The shortest life of an upload link.
const UPLOAD_LIFETIME_MIN: Duration = Duration::from_mins(1);
/// An upload link made at a click is used at once.
const CLICK_LIFETIME: Duration = Duration::from_mins(15);
/// What one request can store (`UploadError.payload_too_large`).
const UPLOAD_BYTES_MAX: u64 = 150 * 1024 * 1024;

/// How Dropbox differs from other providers.
pub const CAPABILITIES: Capabilities = Capabilities {
    folders: Folders::Entries,
    ids: true,
    duplicate_names: false,
    case_sensitive: false,
    makes_parents: true,
    download_hours_max: LINK_HOURS_MAX,
    upload_hours_max: LINK_HOURS_MAX,
    redirects_downloads: true,
    binds_content_type: false,
    upload_bytes_max: Some(UPLOAD_BYTES_MAX),
};

/// A drive on Dropbox.
pub struct DropboxStorage {
    api: Api,
    clock: Clock,
}

impl DropboxStorage {
    /// Opens the drive that `access_token` is good for, without sending anything. Links count their
    /// lifetime from `clock`.
    pub fn new(http: Arc<DriveHttp>, access_token: SecretString, clock: Clock) -> Self {
        Self {
            api: Api::new(http, access_token),
            clock,
        }
    }

    async fn path_root(&self, bucket: &str) -> Result<PathRoot> {
        buckets::path_root(&self.api, bucket).await
    }

    /// When a link made now is no longer good.
    fn expires(&self, lifetime: Duration) -> Result<Timestamp> {
        self.clock.now().checked_add(lifetime).map_err(|error| {
            Error::internal("a URL's life reaches beyond the calendar").because(error)
        })
    }

    /// What is at a path.
    async fn metadata(&self, root: &PathRoot, path: &str) -> Result<Metadata> {
        let arg = PathArg { path };
        self.api.call(Function::Metadata, root, &arg).await
    }

    /// The path of a folder that new ones go into. A new folder's path cannot begin with an id.
    async fn path_of_parent(&self, root: &PathRoot, parent: &FolderAddress) -> Result<String> {
        let place = place::of_folder(parent)?;
        if parent.id.is_empty() {
            return Ok(place);
        }
        match self.metadata(root, &place).await? {
            Metadata::Folder(folder) => folder.path_display.ok_or_else(Error::not_found),
            Metadata::File(_) | Metadata::Other => Err(Error::not_found()),
        }
    }

    async fn download_link(&self, root: &PathRoot, arg: &PathArg<'_>) -> Result<String> {
        let link: Link = self.api.call(Function::TemporaryLink, root, arg).await?;
        Ok(link.link)
    }

    /// The bytes of a file, which is called `name` if Dropbox does not say. Only the head is read.
    async fn stream(
        &self,
        root: &PathRoot,
        arg: &PathArg<'_>,
        range: Option<ByteRange>,
        name: &str,
    ) -> Result<Content> {
        match self.api.download(root, arg, range).await? {
            Media::Bytes(response) => {
                let file = file(response.headers());
                let size = file.as_ref().map(|file| file.size);
                let name = file.map_or_else(|| name.to_owned(), |file| file.name);
                let mut content = streamed(response, name);
                if content.part.is_none() {
                    content.length = content.length.or(size);
                }
                Ok(Content::Stream(content))
            }
            Media::OutOfRange(size) => Ok(Content::OutOfRange(size)),
        }
    }

    async fn upload_link(&self, object: &ObjectAddress, lifetime: Duration) -> Result<String> {
        let path = place::of_upload(object)?;
        let root = self.path_root(&object.bucket).await?;
        let arg = TemporaryUploadLinkArg {
            commit_info: CommitInfo {
                path: &path,
                mode: "overwrite",
                autorename: false,
            },
            duration: lifetime
                .clamp(UPLOAD_LIFETIME_MIN, LINK_LIFETIME_MAX)
                .as_secs_f64(),
        };
        let link: Link = self
            .api
            .call(Function::TemporaryUploadLink, &root, &arg)
            .await?;
        Ok(link.link)
    }
}

/// The file that an answer brings: an address by an id does not tell its name.
fn file(headers: &HeaderMap) -> Option<FileMetadata> {
    serde_json::from_slice(headers.get(RESULT)?.as_bytes()).ok()
}

/// More comes than one answer of ours streams.
fn exceeds_stream(content: &Content) -> bool {
    matches!(content, Content::Stream(stream)
        if stream.length.is_some_and(|length| length > STREAM_BYTES_MAX))
}

/// What an upload link wants to be sent with: nothing else is taken, whatever the file is.
fn upload_headers() -> Vec<(String, String)> {
    vec![(
        "Content-Type".to_owned(),
        ContentType::default().as_str().to_owned(),
    )]
}

/// A link of ours for a bucket that cannot be there would be of no use.
fn linkable(bucket: &str) -> Result<()> {
    if buckets::may_be(bucket) {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

#[async_trait]
impl CloudStorage for DropboxStorage {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    async fn check_credentials(&self) -> Result<()> {
        self.api.account().await.map(drop)
    }

    async fn list_buckets(&self, _with_region: bool) -> Result<Vec<Bucket>> {
        buckets::list(&self.api).await
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        let root = self.path_root(&request.folder.bucket).await?;
        listing::page(&self.api, &root, request).await
    }

    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()> {
        let root = self.path_root(&parent.bucket).await?;
        let parent = self.path_of_parent(&root, parent).await?;
        let path = format!("{parent}/{}", name.as_str());
        let arg = CreateFolderArg {
            path: &path,
            autorename: false,
        };
        let _: Done = self.api.call(Function::CreateFolder, &root, &arg).await?;
        Ok(())
    }

    async fn delete_object(&self, object: &ObjectAddress) -> Result<()> {
        let path = place::of_object(object)?;
        let root = self.path_root(&object.bucket).await?;
        // Dropbox's own paths do not tell what they are of: neither is to go for the other.
        if object.id.is_empty() {
            match self.metadata(&root, &path).await? {
                Metadata::Folder(_) if object.key.is_folder() => {}
                Metadata::File(_) if !object.key.is_folder() => {}
                Metadata::Folder(_) | Metadata::File(_) | Metadata::Other => {
                    return Err(Error::not_found());
                }
            }
        }
        let arg = PathArg { path: &path };
        let _: Done = self.api.call(Function::Delete, &root, &arg).await?;
        Ok(())
    }

    async fn describe(&self, object: &ObjectAddress) -> Result<Description> {
        let path = place::of_file(object)?;
        let root = self.path_root(&object.bucket).await?;
        match self.metadata(&root, &path).await? {
            Metadata::File(file) if file.is_downloadable => Ok(Description {
                name: file.name,
                size: file.size,
                content_type: None,
            }),
            Metadata::File(_) => Err(errors::no_bytes()),
            Metadata::Folder(_) | Metadata::Other => Err(Error::not_found()),
        }
    }

    async fn download_url(
        &self,
        object: &ObjectAddress,
        options: &DownloadOptions,
    ) -> Result<Offer> {
        if options.attachment || options.lifetime > LINK_LIFETIME_MAX {
            place::of_file(object)?;
            linkable(&object.bucket)?;
            return Ok(Offer::Link(LinkUse::download()));
        }
        let path = place::of_file(object)?;
        let root = self.path_root(&object.bucket).await?;
        Ok(Offer::Signed(SignedUrl {
            url: self.download_link(&root, &PathArg { path: &path }).await?,
            method: "GET",
            headers: Vec::new(),
            expires: self.expires(options.lifetime)?,
        }))
    }

    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer> {
        if options.lifetime > LINK_LIFETIME_MAX {
            place::of_upload(object)?;
            linkable(&object.bucket)?;
            return Ok(Offer::Link(LinkUse {
                method: "POST",
                headers: upload_headers(),
            }));
        }
        Ok(Offer::Signed(SignedUrl {
            url: self.upload_link(object, options.lifetime).await?,
            method: "POST",
            headers: upload_headers(),
            expires: self.expires(options.lifetime)?,
        }))
    }

    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content> {
        let path = place::of_file(object)?;
        let root = self.path_root(&object.bucket).await?;
        let arg = PathArg { path: &path };
        if request.attachment || request.through_us {
            let name = object.key.file_name();
            let content = self.stream(&root, &arg, request.range, name).await?;
            let has_to_stream = request.through_us || request.range.is_some();
            if has_to_stream || !exceeds_stream(&content) {
                return Ok(content);
            }
            // Shown rather than saved, perhaps, but not refused.
        }
        let link = self.download_link(&root, &arg).await?;
        Ok(Content::Redirect(link))
    }

    async fn upload_target(
        &self,
        object: &ObjectAddress,
        _content_type: &ContentType,
        size: Option<u64>,
    ) -> Result<UploadTarget> {
        if size.is_some_and(|size| size > UPLOAD_BYTES_MAX) {
            return Err(Error::too_large(UPLOAD_BYTES_MAX));
        }
        let link = self.upload_link(object, CLICK_LIFETIME).await?;
        Ok(UploadTarget::Redirect(link))
    }
}
