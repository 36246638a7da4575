//! Google Drive, through its API v3.
//!
//! A folder may hold several entries of one name, and a name may hold a `/`. A path means the oldest
//! entry of each name, and takes every `/` for the end of a folder's name; what it does not reach is
//! reached by its id. Looking a path up takes one request for each component.

mod api;
mod errors;
mod item_id;
mod lookup;
mod wire;

pub(super) mod grant;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use super::http::DriveHttp;
use crate::domain::storage::{
    Bucket, Capabilities, CloudStorage, Content, ContentType, Description, Download,
    DownloadOptions, EntryKind, FolderAddress, FolderName, Folders, LinkUse, ListRequest,
    ObjectAddress, Offer, Page, SignedUrl, UploadOptions, UploadTarget,
};
use crate::domain::{Clock, Error, Result};
use api::{Api, Goal, Search};
use item_id::ItemId;
use lookup::{MY_DRIVE, MY_DRIVE_ID, Wanted};
use wire::{File, What};

/// An upload session lives a week
/// (<https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable>).
const SESSION_HOURS: u16 = 7 * 24;

/// How Google Drive differs from others. A name is compared by Google without regard to the case of
/// its letters, but by us with it: both `a` and `A` may be in a folder. Bytes are given only to who
/// has the token, so there are no download URLs.
pub const CAPABILITIES: Capabilities = Capabilities {
    folders: Folders::Entries,
    ids: true,
    duplicate_names: true,
    case_sensitive: true,
    makes_parents: false,
    download_hours_max: 0,
    upload_hours_max: SESSION_HOURS,
    redirects_downloads: false,
    binds_content_type: true,
    upload_bytes_max: None,
};

/// A drive on Google Drive.
///
/// Buckets are "My Drive" and the shared drives. Ids are Google's; that of an entry which is only
/// given out with its resource key is `ID/KEY`, and that of a shortcut is `ID/KEY/SHORTCUT`: it is
/// listed as what it points to, with size 0, and removing it removes the shortcut. Documents of
/// Google's are listed as files of size 0 that cannot be downloaded. Deleting puts into the trash.
pub struct GoogleDriveStorage {
    api: Api,
    clock: Clock,
}

impl GoogleDriveStorage {
    /// Opens the drive that `access_token` is good for, without sending anything.
    pub fn new(http: Arc<DriveHttp>, access_token: SecretString, clock: Clock) -> Self {
        Self {
            api: Api::new(http, access_token),
            clock,
        }
    }

    /// Begins an upload to `object`: the URL that takes the bytes. What is there is overwritten;
    /// a file of the name that comes after this is not.
    async fn begin_upload(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        size: Option<u64>,
    ) -> Result<String> {
        let goal = self.upload_goal(object).await?;
        self.api.begin_upload(&goal, content_type, size).await
    }

    async fn upload_goal(&self, object: &ObjectAddress) -> Result<Goal> {
        let api = &self.api;
        let existing = if object.id.is_empty() {
            if object.key.is_folder() {
                return Err(Error::invalid("key", "must not end in /"));
            }
            let (parent, name) = lookup::parent_and_name(object)?;
            if name.is_empty() {
                return Err(Error::not_found());
            }
            let space = lookup::space(api, &object.bucket).await?;
            let parent = lookup::folder(api, &space, parent.as_str()).await?;
            let existing = lookup::child(api, &space, &parent, name, Wanted::NoFolder).await?;
            let Some(file) = existing else {
                let name = name.to_owned();
                return Ok(Goal::New { parent, name });
            };
            file
        } else {
            lookup::live(api, &ItemId::parse(&object.id)?).await?
        };
        match existing.what() {
            What::File => Ok(Goal::Existing(existing.item_id())),
            What::Document => Err(errors::no_bytes()),
            What::Folder | What::Nothing => Err(Error::not_found()),
        }
    }

    /// The file that an address means. Errors: `NotFound` if it is none, `Invalid` if it has no
    /// bytes.
    async fn file(&self, object: &ObjectAddress) -> Result<File> {
        let file = lookup::item(&self.api, object).await?;
        match file.what() {
            What::File => Ok(file),
            What::Document => Err(errors::no_bytes()),
            What::Folder | What::Nothing => Err(Error::not_found()),
        }
    }

    fn expiry(&self, lifetime: Duration) -> Result<Timestamp> {
        let lifetime = lifetime.min(Duration::from_hours(SESSION_HOURS.into()));
        self.clock.now().checked_add(lifetime).map_err(|error| {
            Error::internal("a URL's life reaches beyond the calendar").because(error)
        })
    }
}

#[async_trait]
impl CloudStorage for GoogleDriveStorage {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    async fn check_credentials(&self) -> Result<()> {
        self.api.about().await
    }

    async fn list_buckets(&self, _with_region: bool) -> Result<Vec<Bucket>> {
        let mut buckets = vec![Bucket {
            id: MY_DRIVE_ID.to_owned(),
            name: MY_DRIVE.to_owned(),
            region: None,
            created: None,
        }];
        let drives = self.api.drives().await?;
        buckets.extend(drives.into_iter().map(wire::Drive::bucket));
        Ok(buckets)
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        let path = request.folder.path.as_str();
        let by_id = !request.folder.id.is_empty();
        let given = by_id
            .then(|| ItemId::parse(&request.folder.id))
            .transpose()?;
        let space = lookup::space(&self.api, &request.folder.bucket).await?;
        let folder = match given {
            Some(id) => id,
            None => lookup::folder(&self.api, &space, path).await?,
        };
        let search = Search {
            space: &space,
            folder: &folder,
            name: None,
            order: "folder,name_natural",
            count: request.count,
            cursor: request.cursor.as_deref(),
        };
        let page = self.api.search(&search).await?;
        // Of a file, or of a folder in the trash, Google says that nothing is in it.
        if by_id && page.files.is_empty() && request.cursor.is_none() {
            let file = lookup::live(&self.api, &folder).await?;
            if file.what() != What::Folder {
                return Err(Error::not_found());
            }
        }
        let entries = page.files.into_iter().filter_map(|file| file.entry(path));
        // Google counts shortcuts to folders among the files.
        let (mut entries, files): (Vec<_>, Vec<_>) =
            entries.partition(|entry| entry.kind == EntryKind::Folder);
        entries.extend(files);
        Ok(Page {
            entries,
            next: page.next_page_token,
        })
    }

    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()> {
        let parent = lookup::live_folder(&self.api, parent).await?;
        self.api.create_folder(&parent, name.as_str()).await
    }

    async fn delete_object(&self, object: &ObjectAddress) -> Result<()> {
        let id = if object.id.is_empty() {
            lookup::item(&self.api, object).await?.item_id()
        } else {
            let id = ItemId::parse(&object.id)?.to_delete();
            // Trashing twice would succeed.
            lookup::live(&self.api, &id).await?;
            id
        };
        self.api.trash(&id.to_delete()).await
    }

    async fn describe(&self, object: &ObjectAddress) -> Result<Description> {
        let file = self.file(object).await?;
        if !file.is_shortcut() {
            return Ok(file.description());
        }
        // It is listed under its own name, and knows neither size nor more of its target.
        let target = self.api.file(&file.item_id()).await?;
        Ok(Description {
            name: file.name,
            ..target.description()
        })
    }

    async fn download_url(
        &self,
        object: &ObjectAddress,
        _options: &DownloadOptions,
    ) -> Result<Offer> {
        if !object.id.is_empty() {
            ItemId::parse(&object.id)?;
        }
        Ok(Offer::Link(LinkUse::download()))
    }

    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer> {
        let expires = self.expiry(options.lifetime)?;
        let content_type = &options.content_type;
        let url = self.begin_upload(object, content_type, None).await?;
        let headers = vec![("Content-Type".to_owned(), content_type.as_str().to_owned())];
        Ok(Offer::Signed(SignedUrl {
            url,
            method: "PUT",
            headers,
            expires,
        }))
    }

    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content> {
        let file = self.file(object).await?;
        let media = self.api.media(&file.item_id(), request.range).await?;
        Ok(media.of(file.name))
    }

    async fn upload_target(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        size: Option<u64>,
    ) -> Result<UploadTarget> {
        let url = self.begin_upload(object, content_type, size).await?;
        Ok(UploadTarget::Redirect(url))
    }
}
