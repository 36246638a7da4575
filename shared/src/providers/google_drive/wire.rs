//! Files and drives as Google Drive shows them.

use jiff::Timestamp;
use serde::Deserialize;

use super::item_id::ItemId;
use crate::domain::storage::{Bucket, Description, Entry, EntryKind, path_of_key};

/// The MIME type of folders.
pub(super) const FOLDER: &str = "application/vnd.google-apps.folder";
const SHORTCUT: &str = "application/vnd.google-apps.shortcut";
/// Types that begin with this are Google's own, and their files have no bytes.
const OWN_TYPES: &str = "application/vnd.google-apps.";

/// The properties of a file that are asked for: those of [`File`].
pub(super) const FILE_FIELDS: &str = "id,name,mimeType,size,modifiedTime,trashed,resourceKey,\
     shortcutDetails(targetId,targetMimeType,targetResourceKey)";

/// A file, folder or shortcut.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    id: String,
    pub(super) name: String,
    mime_type: String,
    /// A number in a text; not there for folders.
    size: Option<String>,
    modified_time: Option<Timestamp>,
    #[serde(default)]
    pub(super) trashed: bool,
    resource_key: Option<String>,
    #[serde(rename = "shortcutDetails")]
    target: Option<Target>,
}

/// What a shortcut points to.
#[derive(Debug, Deserialize)]
struct Target {
    #[serde(rename = "targetId")]
    id: String,
    #[serde(rename = "targetMimeType")]
    mime_type: String,
    #[serde(rename = "targetResourceKey")]
    resource_key: Option<String>,
}

/// What a file is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Folder,
    /// It has bytes.
    File,
    /// A file that has none.
    Document,
    /// A shortcut that does not say where to.
    Nothing,
}

impl File {
    /// What it is; a shortcut is what it points to.
    pub(super) fn what(&self) -> What {
        let media_type = match &self.target {
            Some(target) if self.is_shortcut() => &target.mime_type,
            _ => &self.mime_type,
        };
        match media_type.as_str() {
            FOLDER => What::Folder,
            SHORTCUT => What::Nothing,
            own if own.starts_with(OWN_TYPES) => What::Document,
            _ => What::File,
        }
    }

    /// It only points to something.
    pub(super) fn is_shortcut(&self) -> bool {
        self.mime_type == SHORTCUT
    }

    /// What a file with bytes is.
    pub(super) fn description(self) -> Description {
        Description {
            size: self.bytes().unwrap_or(0),
            name: self.name,
            content_type: Some(self.mime_type),
        }
    }

    fn bytes(&self) -> Option<u64> {
        self.size.as_deref()?.parse().ok()
    }

    /// Its id; a shortcut's is that of what it points to, with its own behind.
    pub(super) fn item_id(&self) -> ItemId {
        match &self.target {
            Some(target) if self.is_shortcut() => ItemId {
                file: target.id.clone(),
                resource_key: target.resource_key.clone(),
                shortcut: Some(self.id.clone()),
            },
            _ => ItemId {
                file: self.id.clone(),
                resource_key: self.resource_key.clone(),
                shortcut: None,
            },
        }
    }

    /// The line that a listing of the folder with the path `folder` shows; none for what leads
    /// nowhere.
    pub(super) fn entry(self, folder: &str) -> Option<Entry> {
        let (kind, end) = match self.what() {
            What::Nothing => return None,
            What::Folder => (EntryKind::Folder, "/"),
            What::File | What::Document => (EntryKind::File, ""),
        };
        // Google gives documents a size, too: what they take of the quota.
        let size = match self.what() {
            What::File => self.bytes(),
            What::Folder | What::Document | What::Nothing => None,
        };
        Some(Entry {
            id: self.item_id().to_string(),
            path: path_of_key(&format!("{folder}{}{end}", self.name)),
            name: self.name,
            size: size.unwrap_or(0),
            modified: self.modified_time,
            kind,
        })
    }
}

/// A page of files.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileList {
    #[serde(default)]
    pub(super) files: Vec<File>,
    pub(super) next_page_token: Option<String>,
}

/// A shared drive.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drive {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created_time: Option<Timestamp>,
}

impl Drive {
    pub(super) fn bucket(self) -> Bucket {
        Bucket {
            id: self.id,
            name: self.name,
            region: None,
            created: self.created_time,
        }
    }
}

/// A page of shared drives.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DriveList {
    #[serde(default)]
    pub(super) drives: Vec<Drive>,
    pub(super) next_page_token: Option<String>,
}
