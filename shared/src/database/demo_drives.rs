//! Demo drives: the one kind of cloud account that the platform itself makes.

use super::Database;
use super::cloud_accounts::CloudAccountRecord;
use super::transaction::{Outcome, Transaction};
use crate::domain::demo_drive::DemoDrive;
use crate::domain::{Error, Result};

impl Database {
    /// Stores a demo drive of a user who exists.
    pub async fn create_demo_drive(&self, drive: &DemoDrive) -> Result<()> {
        match self
            .transaction()
            .create_demo_drive(drive)?
            .commit()
            .await?
        {
            Outcome::Committed => Ok(()),
            Outcome::Refused => Err(Error::internal("a new demo drive met an old one")),
        }
    }
}

impl Transaction<'_> {
    /// Creates a demo drive's cloud account, which holds no connection, and the shared cloud drive
    /// over it.
    pub(super) fn create_demo_drive(self, drive: &DemoDrive) -> Result<Self> {
        let mut account = CloudAccountRecord::new(&drive.cloud_account)?;
        account
            .demo_prefix
            .clone_from(&drive.cloud_account.demo_prefix);
        self.create(account.item()?)?
            .create_shared_cloud_drive(&drive.shared_drive)
    }
}
