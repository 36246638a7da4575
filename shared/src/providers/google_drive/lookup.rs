//! From names to ids: a bucket's, and a path's, component by component.

use super::api::{Api, PAGES_MAX, Search, Space};
use super::item_id::ItemId;
use super::wire::{File, What};
use crate::domain::storage::{FolderAddress, FolderPath, ObjectAddress};
use crate::domain::{Error, Result};

/// What the user's own drive is called.
pub(super) const MY_DRIVE: &str = "My Drive";
/// Its id: an alias that Google knows.
pub(super) const MY_DRIVE_ID: &str = "root";

/// Files of one name, in pages of this size.
const NAMESAKES: u16 = 100;

/// Which of the entries of a name is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Folder,
    NoFolder,
}

/// The bucket of this name or id. Where drives share a name, it means the oldest.
pub(super) async fn space(api: &Api, bucket: &str) -> Result<Space> {
    if matches!(bucket, "" | MY_DRIVE | MY_DRIVE_ID) {
        return Ok(Space::MyDrive);
    }
    let drives = api.drives().await?;
    let by_id = drives.iter().find(|drive| drive.id == bucket);
    let found = by_id.or_else(|| {
        drives
            .iter()
            .filter(|drive| drive.name == bucket)
            .min_by_key(|drive| drive.created_time)
    });
    found
        .map(|drive| Space::Shared(drive.id.clone()))
        .ok_or_else(Error::not_found)
}

/// The folder at `path`, which begins at the drive's root.
pub(super) async fn folder(api: &Api, space: &Space, path: &str) -> Result<ItemId> {
    let mut at = space.root();
    let Some(path) = path.strip_suffix('/') else {
        return Ok(at);
    };
    for name in path.split('/') {
        at = child(api, space, &at, name, Wanted::Folder)
            .await?
            .ok_or_else(Error::not_found)?
            .item_id();
    }
    Ok(at)
}

/// A folder that things are put into: it is there, and not in the trash.
pub(super) async fn live_folder(api: &Api, address: &FolderAddress) -> Result<ItemId> {
    if address.id.is_empty() {
        let space = space(api, &address.bucket).await?;
        return folder(api, &space, address.path.as_str()).await;
    }
    let file = live(api, &ItemId::parse(&address.id)?).await?;
    if file.what() != What::Folder {
        return Err(Error::not_found());
    }
    Ok(file.item_id())
}

/// What an id means, if it is not in the trash.
pub(super) async fn live(api: &Api, id: &ItemId) -> Result<File> {
    let file = api.file(id).await?;
    if file.trashed {
        return Err(Error::not_found());
    }
    Ok(file)
}

/// What an address means. A key that ends in `/` means a folder, and no other does.
pub(super) async fn item(api: &Api, object: &ObjectAddress) -> Result<File> {
    if !object.id.is_empty() {
        return live(api, &ItemId::parse(&object.id)?).await;
    }
    let (parent, name) = parent_and_name(object)?;
    let wanted = if object.key.is_folder() {
        Wanted::Folder
    } else {
        Wanted::NoFolder
    };
    let space = space(api, &object.bucket).await?;
    let parent = folder(api, &space, parent.as_str()).await?;
    child(api, &space, &parent, name, wanted)
        .await?
        .ok_or_else(Error::not_found)
}

/// The folder that an object is in, and its name there.
pub(super) fn parent_and_name(object: &ObjectAddress) -> Result<(FolderPath, &str)> {
    let key = object.key.as_str();
    let key = key.strip_suffix('/').unwrap_or(key);
    let (parent, name) = key.rsplit_once('/').map_or(("", key), |(parent, name)| {
        // The slash belongs to the parent.
        (&key[..=parent.len()], name)
    });
    // A slash in front would be taken for the root's.
    Ok((FolderPath::parse("key", &format!("/{parent}"))?, name))
}

/// The oldest entry of that name in a folder.
pub(super) async fn child(
    api: &Api,
    space: &Space,
    parent: &ItemId,
    name: &str,
    wanted: Wanted,
) -> Result<Option<File>> {
    if name.is_empty() {
        return Ok(None);
    }
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let search = Search {
            space,
            folder: parent,
            name: Some(name),
            order: "createdTime",
            count: NAMESAKES,
            cursor: cursor.as_deref(),
        };
        let page = api.search(&search).await?;
        let found = page.files.into_iter().find(|file| {
            let fits = match file.what() {
                What::Folder => wanted == Wanted::Folder,
                What::File | What::Document => wanted == Wanted::NoFolder,
                What::Nothing => false,
            };
            fits && file.name == name
        });
        cursor = page.next_page_token;
        if found.is_some() || cursor.is_none() {
            return Ok(found);
        }
    }
    Ok(None)
}
