//! What is read of Graph's answers.
//!
//! <https://learn.microsoft.com/graph/api/resources/onedrive>

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A drive.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DriveBody {
    pub(super) id: String,
    name: Option<String>,
    pub(super) created_date_time: Option<Timestamp>,
}

impl DriveBody {
    /// What the drive is called here.
    pub(super) fn title(&self) -> &str {
        match self.name.as_deref() {
            None | Some("") => "OneDrive",
            Some(name) => name,
        }
    }
}

/// An item of a drive.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemBody {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) last_modified_date_time: Option<Timestamp>,
    pub(super) folder: Option<IgnoredAny>,
    pub(super) file: Option<FileBody>,
    /// A notebook: it lists as one thing, and has no bytes of its own.
    pub(super) package: Option<IgnoredAny>,
    pub(super) remote_item: Option<RemoteItem>,
    pub(super) parent_reference: Option<ParentReference>,
    #[serde(rename = "@microsoft.graph.downloadUrl")]
    pub(super) download_url: Option<String>,
}

/// What makes an item a file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileBody {
    /// What Graph makes of the name and the bytes.
    pub(super) mime_type: Option<String>,
}

/// The item of another drive that an added item stands for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RemoteItem {
    pub(super) id: String,
    pub(super) size: Option<u64>,
    pub(super) last_modified_date_time: Option<Timestamp>,
    pub(super) folder: Option<IgnoredAny>,
    pub(super) file: Option<IgnoredAny>,
    pub(super) package: Option<IgnoredAny>,
    pub(super) parent_reference: Option<ParentReference>,
}

/// The folder that an item is in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParentReference {
    pub(super) drive_id: Option<String>,
    /// `/drives/ID/root:/a%20b`.
    pub(super) path: Option<String>,
}

/// A page of a collection.
#[derive(Deserialize)]
pub(super) struct Collection<T> {
    pub(super) value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    pub(super) next_link: Option<String>,
}

/// An upload session.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionBody {
    pub(super) upload_url: String,
}
