//! Box. One bucket holds all that the account shows.

mod api;
mod errors;
mod ids;
mod listing;
mod walk;

pub(super) mod grant;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;

use api::{Api, Uploaded};
use ids::{ItemId, Number};

use super::failure::NOT_ALLOWED;
use super::http::DriveHttp;
use crate::domain::storage::{
    Bucket, Capabilities, CloudStorage, Content, ContentType, Description, Download,
    DownloadOptions, FolderAddress, FolderName, Folders, LinkUse, ListRequest, ObjectAddress,
    Offer, Page, RELAY_BYTES_MAX, UploadOptions, UploadTarget,
};
use crate::domain::{Clock, Error, Result};

/// How Box differs from other providers. Its download URLs live about 15 minutes, and uploads need
/// the access token (<https://developer.box.com/guides/uploads/direct/>), so both are links of ours.
pub const CAPABILITIES: Capabilities = Capabilities {
    folders: Folders::Entries,
    ids: true,
    duplicate_names: false,
    case_sensitive: false,
    makes_parents: false,
    download_hours_max: 0,
    upload_hours_max: 0,
    redirects_downloads: true,
    binds_content_type: false,
    upload_bytes_max: Some(RELAY_BYTES_MAX),
};

/// A drive on Box.
pub struct BoxStorage {
    api: Api,
}

impl BoxStorage {
    /// Opens the drive that `access_token` is good for, without sending anything. It is opened like
    /// every other drive; nothing of Box's needs the time.
    pub fn new(http: Arc<DriveHttp>, access_token: SecretString, _clock: Clock) -> Self {
        Self {
            api: Api::new(http, access_token),
        }
    }

    /// The folder that is addressed, by its path if it has no id.
    async fn folder(&self, folder: &FolderAddress) -> Result<Number> {
        ids::check_bucket(&folder.bucket)?;
        if folder.id.is_empty() {
            walk::folder(&self.api, "path", folder.path.as_str()).await
        } else {
            ItemId::parse(&folder.id)?.folder()
        }
    }

    async fn object(&self, object: &ObjectAddress) -> Result<ItemId> {
        ids::check_bucket(&object.bucket)?;
        if object.id.is_empty() {
            walk::object(&self.api, "key", object.key.as_str()).await
        } else {
            ItemId::parse(&object.id)
        }
    }
}

#[async_trait]
impl CloudStorage for BoxStorage {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    async fn check_credentials(&self) -> Result<()> {
        self.api.me().await
    }

    async fn list_buckets(&self, _with_region: bool) -> Result<Vec<Bucket>> {
        self.api.root().await?;
        Ok(vec![ids::bucket()])
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        let folder = self.folder(&request.folder).await?;
        listing::page(&self.api, &folder, request).await
    }

    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()> {
        let parent = self.folder(parent).await?;
        self.api.create_folder(&parent, name.as_str()).await
    }

    async fn delete_object(&self, object: &ObjectAddress) -> Result<()> {
        match self.object(object).await? {
            ItemId::File(file) => self.api.delete_file(&file).await,
            // Box would refuse it too. All that somebody has is not left to that.
            ItemId::Folder(folder) if folder.is_root() => Err(Error::access(NOT_ALLOWED)),
            ItemId::Folder(folder) => self.api.delete_folder(&folder).await,
        }
    }

    async fn describe(&self, object: &ObjectAddress) -> Result<Description> {
        let file = self.object(object).await?.file()?;
        let details = self.api.file(&file).await?;
        Ok(Description {
            name: details.name,
            size: details.size,
            content_type: None,
        })
    }

    async fn download_url(
        &self,
        object: &ObjectAddress,
        _options: &DownloadOptions,
    ) -> Result<Offer> {
        check_file(object)?;
        Ok(Offer::Link(LinkUse::download()))
    }

    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer> {
        check_file(object)?;
        let content_type = options.content_type.as_str().to_owned();
        Ok(Offer::Link(LinkUse {
            method: "PUT",
            headers: vec![("Content-Type".to_owned(), content_type)],
        }))
    }

    /// The URL always makes browsers save the file: Box has no other.
    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content> {
        let file = self.object(object).await?.file()?;
        if !request.through_us {
            return self.api.content_url(&file).await.map(Content::Redirect);
        }
        // An address by an id does not tell the name.
        let (url, details) = tokio::try_join!(self.api.content_url(&file), self.api.file(&file))?;
        let media = self.api.content(&url, request.range).await?;
        Ok(media.of(details.name))
    }

    async fn upload_target(
        &self,
        object: &ObjectAddress,
        _content_type: &ContentType,
        _size: Option<u64>,
    ) -> Result<UploadTarget> {
        check_file(object)?;
        Ok(UploadTarget::Relay {
            bytes_max: RELAY_BYTES_MAX,
        })
    }

    async fn upload(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        body: Bytes,
    ) -> Result<()> {
        check_file(object)?;
        if !object.id.is_empty() {
            let file = ItemId::parse(&object.id)?.file()?;
            // The file may have another name by now than the address says, and keeps it.
            let name = self.api.file(&file).await?.name;
            return self
                .api
                .upload_version(&file, &name, content_type, &body)
                .await;
        }
        let (path, name) = walk::split(object.key.as_str());
        let parent = walk::folder(&self.api, "key", path).await?;
        let uploaded = self
            .api
            .upload_new(&parent, name, content_type, &body)
            .await?;
        match uploaded {
            Uploaded::Stored => Ok(()),
            Uploaded::Taken(file, given) => {
                let name = given.as_deref().unwrap_or(name);
                self.api
                    .upload_version(&file, name, content_type, &body)
                    .await
            }
        }
    }
}

/// Refuses what cannot be a file's address, before anything is sent.
fn check_file(object: &ObjectAddress) -> Result<()> {
    ids::check_bucket(&object.bucket)?;
    if object.id.is_empty() {
        if object.key.is_folder() {
            return Err(Error::not_found());
        }
        return Ok(());
    }
    ItemId::parse(&object.id)?.file().map(drop)
}
