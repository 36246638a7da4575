//! OneDrive, personal and of work or school, by Microsoft Graph v1.0.
//!
//! A bucket is a drive. The ids of objects hold the drive's and the item's, see `address.rs`.
//!
//! A folder of somebody else's that the user added to a drive opens by its id only: it is in its
//! owner's drive, and so are the paths that a listing of it shows. Graph follows no path into it.

mod address;
mod api;
mod errors;
mod listing;
mod wire;

pub(super) mod grant;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::SecretString;

use address::{Drive, EntryId, Item, can_be_name, is_drive_id, is_id};
use api::Api;
use wire::{DriveBody, ItemBody};

use super::failure::NOT_ALLOWED;
use super::http::DriveHttp;
use crate::domain::storage::{
    Bucket, Capabilities, CloudStorage, Content, ContentType, Description, Download,
    DownloadOptions, EntryKind, FolderAddress, FolderName, Folders, LinkUse, ListRequest,
    ObjectAddress, ObjectKey, Offer, Page, UploadOptions, UploadTarget,
};
use crate::domain::{Clock, Error, Result};

/// "The maximum bytes in any given request is less than 60 MiB":
/// <https://learn.microsoft.com/graph/api/driveitem-createuploadsession>
const UPLOAD_BYTES_MAX: u64 = 60 * 1024 * 1024 - 1;

/// How OneDrive differs from other providers. Its download URLs live about an hour and its upload
/// sessions 15 minutes, too short to hand out.
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
    upload_bytes_max: Some(UPLOAD_BYTES_MAX),
};

/// What OneDrive does not take in a name.
const NAME_RULE: &str = r#"OneDrive does not take names with " * : < > ? / \ |"#;

/// The drives of an account on OneDrive.
pub struct OneDriveStorage {
    api: Api,
}

impl OneDriveStorage {
    /// Opens the drives that `access_token` is good for, without sending anything. No URL of Graph
    /// lives long enough to be dated, so the clock is not asked.
    pub fn new(http: Arc<DriveHttp>, access_token: SecretString, _clock: Clock) -> Self {
        Self {
            api: Api::new(http, access_token),
        }
    }

    /// The drive that a bucket's name or id means; the default one for the empty name. Of two drives
    /// with one name it is the first, and the default drive is before all others.
    async fn drive(&self, bucket: &str) -> Result<Drive> {
        if bucket.is_empty() {
            return Ok(Drive::Own);
        }
        if is_drive_id(bucket) {
            return Ok(Drive::Id(bucket.to_owned()));
        }
        let is_it = |drive: &DriveBody| drive.id == bucket || drive.title() == bucket;
        if self.api.own_drive().await?.is_some_and(|own| is_it(&own)) {
            return Ok(Drive::Own);
        }
        let mut drives = self.api.drives().await?.into_iter();
        if let Some(drive) = drives.find(|drive| is_it(drive) && is_id(&drive.id)) {
            return Ok(Drive::Id(drive.id));
        }
        // A drive that somebody shared is not in the list.
        let drive = Drive::Id(bucket.to_owned());
        if is_id(bucket) && self.api.drive(&drive).await?.is_some() {
            return Ok(drive);
        }
        Err(Error::not_found())
    }

    async fn folder(&self, address: &FolderAddress) -> Result<Item> {
        if !address.id.is_empty() {
            return Ok(EntryId::parse(&address.id)?.item);
        }
        self.drive(&address.bucket)
            .await?
            .item(address.path.as_str())
    }

    async fn object(&self, address: &ObjectAddress) -> Result<Item> {
        if !address.id.is_empty() {
            return Ok(EntryId::parse(&address.id)?.item);
        }
        self.drive(&address.bucket)
            .await?
            .item(address.key.as_str())
    }

    /// A file's name where it was found, and the file: that of another drive where somebody else's
    /// was added. Errors: `NotFound` if it is none.
    async fn file(&self, address: &ObjectAddress) -> Result<(String, ItemBody)> {
        if address.id.is_empty() && address.key.is_folder() {
            return Err(Error::not_found());
        }
        let mut found = self.api.item(&self.object(address).await?).await?;
        let name = found.name.take().unwrap_or_default();
        if let Some(remote) = found.remote_item.take() {
            let drive = remote.parent_reference.and_then(|parent| parent.drive_id);
            let target = Item::with_id(&drive.unwrap_or_default(), &remote.id)?;
            found = self.api.item(&target).await?;
        }
        if found.file.is_none() {
            return Err(Error::not_found());
        }
        Ok((name, found))
    }

    /// The item that an upload makes or replaces.
    async fn uploaded(&self, address: &ObjectAddress) -> Result<Item> {
        if address.id.is_empty() {
            check_upload_key(&address.key)?;
        }
        self.object(address).await
    }
}

/// A file's key that OneDrive can hold.
fn check_upload_key(key: &ObjectKey) -> Result<()> {
    if key.is_folder() {
        return Err(Error::invalid("key", "must not end in /"));
    }
    if key.as_str().split('/').all(can_be_name) {
        Ok(())
    } else {
        Err(Error::invalid("key", NAME_RULE))
    }
}

#[async_trait]
impl CloudStorage for OneDriveStorage {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    async fn check_credentials(&self) -> Result<()> {
        match self.api.own_drive().await? {
            Some(_) => Ok(()),
            // A licence without it, or one that was never opened.
            None => Err(Error::access("This account has no OneDrive.")),
        }
    }

    async fn list_buckets(&self, _with_region: bool) -> Result<Vec<Bucket>> {
        let mut drives: Vec<_> = self.api.own_drive().await?.into_iter().collect();
        // The list sometimes leaves the default drive out (rclone, issue 4068).
        for drive in self.api.drives().await? {
            if drives.iter().all(|known| known.id != drive.id) {
                drives.push(drive);
            }
        }
        let buckets = drives.into_iter().map(|drive| Bucket {
            name: drive.title().to_owned(),
            id: drive.id,
            region: None,
            created: drive.created_date_time,
        });
        Ok(buckets.collect())
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        let folder = self.folder(&request.folder).await?;
        let children = self
            .api
            .children(&folder, request.count, request.cursor.as_deref())
            .await?;
        let path = folder.is_path().then(|| request.folder.path.as_str());
        Ok(Page {
            entries: listing::entries(&children.items, path),
            next: children.cursor,
        })
    }

    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()> {
        if !can_be_name(name.as_str()) {
            return Err(Error::invalid("folderName", NAME_RULE));
        }
        let parent = self.folder(parent).await?;
        self.api.create_folder(&parent, name).await
    }

    async fn delete_object(&self, object: &ObjectAddress) -> Result<()> {
        if !object.id.is_empty() {
            return self.api.delete(&EntryId::parse(&object.id)?.listed).await;
        }
        let item = self.object(object).await?;
        // Graph's paths do not tell what they are of: neither is to go for the other.
        let wanted = if object.key.is_folder() {
            EntryKind::Folder
        } else {
            EntryKind::File
        };
        if listing::kind(&self.api.kind_of(&item).await?) != Some(wanted) {
            return Err(Error::not_found());
        }
        self.api.delete(&item).await
    }

    async fn describe(&self, object: &ObjectAddress) -> Result<Description> {
        let (name, found) = self.file(object).await?;
        Ok(Description {
            name,
            size: found.size.unwrap_or(0),
            content_type: found.file.and_then(|file| file.mime_type),
        })
    }

    async fn download_url(
        &self,
        _object: &ObjectAddress,
        _options: &DownloadOptions,
    ) -> Result<Offer> {
        Ok(Offer::Link(LinkUse::download()))
    }

    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer> {
        if object.id.is_empty() {
            check_upload_key(&object.key)?;
        }
        let headers = [
            // A session takes one fragment that is all.
            ("Content-Range", "bytes 0-{last}/{size}"),
            ("Content-Type", options.content_type.as_str()),
        ];
        Ok(Offer::Link(LinkUse {
            method: "PUT",
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }))
    }

    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content> {
        let (name, found) = self.file(object).await?;
        // Without one it is infected, for instance.
        let url = found
            .download_url
            .ok_or_else(|| Error::access(NOT_ALLOWED))?;
        if request.through_us {
            let media = self.api.content(&url, request.range).await?;
            return Ok(media.of(name));
        }
        self.api.handed_over(url).map(Content::Redirect)
    }

    async fn upload_target(
        &self,
        object: &ObjectAddress,
        _content_type: &ContentType,
        size: Option<u64>,
    ) -> Result<UploadTarget> {
        match size {
            // A session cannot hold an empty file: there is no Content-Range for it.
            Some(0) => return Ok(UploadTarget::Relay { bytes_max: 0 }),
            Some(size) if size > UPLOAD_BYTES_MAX => {
                return Err(Error::too_large(UPLOAD_BYTES_MAX));
            }
            Some(_) | None => {}
        }
        let item = self.uploaded(object).await?;
        let url = self.api.create_session(&item).await?;
        Ok(UploadTarget::Redirect(url))
    }

    async fn upload(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        body: Bytes,
    ) -> Result<()> {
        let item = self.uploaded(object).await?;
        self.api.put(&item, content_type, body).await
    }
}
