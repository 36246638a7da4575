//! Shared cloud drives, each in its Amove account's partition.

use aws_sdk_dynamodb::types::AttributeValue;

use super::table::{self, Key, SHARED_CLOUD_DRIVE_PREFIX};
use super::transaction::Transaction;
use super::{Database, read_item, write_item};
use crate::domain::Result;
use crate::domain::ids::AccountId;
use crate::domain::shared_cloud_drive::SharedCloudDrive;

impl Database {
    /// An account's shared cloud drives, deleted ones too, oldest first.
    pub async fn shared_cloud_drives(&self, account: AccountId) -> Result<Vec<SharedCloudDrive>> {
        let partition = table::account_partition(account);
        let items = self.query(&partition, Some(SHARED_CLOUD_DRIVE_PREFIX));
        items.await?.into_iter().map(read_item).collect()
    }
}

impl Transaction<'_> {
    /// Creates a shared cloud drive.
    pub(super) fn create_shared_cloud_drive(self, drive: &SharedCloudDrive) -> Result<Self> {
        let key = Key::shared_cloud_drive(drive.account_id, drive.id);
        self.create(write_item(&key, drive)?)
    }

    /// Flags a shared cloud drive, which must be there, as deleted.
    pub(super) fn delete_shared_cloud_drive(self, drive: &SharedCloudDrive) -> Result<Self> {
        let key = Key::shared_cloud_drive(drive.account_id, drive.id);
        self.update(&key, |update| {
            update
                .update_expression("SET deleted = :yes, active = :no")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":yes", AttributeValue::Bool(true))
                .expression_attribute_values(":no", AttributeValue::Bool(false))
        })
    }
}
