//! The demo drive: what somebody who signs up with Google finds, before any storage is connected.

use jiff::Timestamp;

use super::cloud_account::{CloudAccount, CloudProvider, Credentials, DemoPrefix};
use super::ids::{CloudAccountId, SharedCloudDriveId};
use super::shared_cloud_drive::{DriveType, SharedCloudDrive, SyncType};
use super::user::User;

/// The one bucket of a demo drive, as its users call it.
pub const BUCKET: &str = "demo";

const NAME: &str = "Demo drive";

/// A demo drive: a cloud account over a part of the platform's own bucket, and the shared cloud drive
/// over it. It holds no connection, and no credentials.
#[derive(Debug, Clone)]
pub struct DemoDrive {
    /// The cloud account.
    pub cloud_account: CloudAccount,
    /// The shared cloud drive, which shows all of it.
    pub shared_drive: SharedCloudDrive,
}

impl DemoDrive {
    /// A new demo drive of `user`, for everybody in the user's Amove account who sees shared storage.
    pub fn new(user: &User, now: Timestamp) -> Self {
        let cloud_account = CloudAccount {
            id: CloudAccountId::new(now),
            account_id: user.account_id,
            user_id: user.id,
            provider: CloudProvider::Aws,
            name: NAME.to_owned(),
            credentials: Credentials::default(),
            service_url: None,
            active: true,
            inactive_reason: None,
            shared: true,
            internal_storage: true,
            demo_prefix: Some(DemoPrefix::of(user.account_id)),
            created: now,
        };
        let shared_drive = SharedCloudDrive {
            id: SharedCloudDriveId::new(now),
            account_id: user.account_id,
            creator_user_id: user.id,
            cloud_account_id: cloud_account.id,
            active: true,
            name: NAME.to_owned(),
            // Storage requests do not see the part of the bucket: it is all there is to them.
            prefix: String::new(),
            prefix_id: String::new(),
            storage_id: String::new(),
            storage_name: BUCKET.to_owned(),
            objects_per_folder: 0,
            allow_delete: true,
            local_cache_encrypted: false,
            cloud_objects_encrypted: false,
            drive_type: DriveType::Virtual,
            sync_type: SyncType::Stream,
            deleted: false,
        };
        Self {
            cloud_account,
            shared_drive,
        }
    }
}
