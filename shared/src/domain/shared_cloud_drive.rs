//! Drives that an Amove account shares: what the desktop app mounts over a connected cloud account.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, CloudAccountId, SharedCloudDriveId, UserId};

/// A shared cloud drive, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own in the contract"
)]
pub struct SharedCloudDrive {
    /// Identifies the drive.
    pub id: SharedCloudDriveId,
    /// The Amove account that shares it.
    pub account_id: AccountId,
    /// The user who made it.
    pub creator_user_id: UserId,
    /// The cloud account that holds its files.
    pub cloud_account_id: CloudAccountId,
    /// It may be mounted.
    pub active: bool,
    /// How users call it.
    pub name: String,
    /// The folder that it shows: a path as storage requests take it, empty for all of the storage.
    pub prefix: String,
    /// The provider's id of that folder; empty where the path is the id.
    pub prefix_id: String,
    /// The provider's id of the bucket; empty where the name is the id.
    pub storage_id: String,
    /// The bucket, as storage requests name it.
    pub storage_name: String,
    /// A folder holds at most so many objects; 0 for no limit.
    pub objects_per_folder: u32,
    /// Users may delete files.
    pub allow_delete: bool,
    /// The app encrypts its local copies.
    pub local_cache_encrypted: bool,
    /// The app encrypts files before it uploads them.
    pub cloud_objects_encrypted: bool,
    /// How it is mounted.
    pub drive_type: DriveType,
    /// Where its files are kept.
    pub sync_type: SyncType,
    /// It was deleted; the record is kept.
    pub deleted: bool,
}

/// How a drive is mounted. The numbers are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum DriveType {
    /// As a drive of its own.
    Virtual,
    /// As a folder.
    LocalPath,
}

impl From<DriveType> for u32 {
    fn from(drive_type: DriveType) -> Self {
        match drive_type {
            DriveType::Virtual => 1,
            DriveType::LocalPath => 2,
        }
    }
}

impl TryFrom<u32> for DriveType {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::Virtual),
            2 => Ok(Self::LocalPath),
            _ => Err("no such drive type"),
        }
    }
}

/// Where a drive's files are kept. The numbers are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum SyncType {
    /// In the cloud; read when they are opened.
    Stream,
    /// In the cloud and on the machine.
    Mirror,
}

impl From<SyncType> for u32 {
    fn from(sync_type: SyncType) -> Self {
        match sync_type {
            SyncType::Stream => 1,
            SyncType::Mirror => 2,
        }
    }
}

impl TryFrom<u32> for SyncType {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::Stream),
            2 => Ok(Self::Mirror),
            _ => Err("no such sync type"),
        }
    }
}
