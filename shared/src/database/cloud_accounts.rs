//! Cloud accounts, their sealed credentials, and the connection that each holds.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::error::unavailable;
use super::refreshes::GrantRecord;
use super::seal::{self, Place};
use super::table::{self, Key};
use super::transaction::{Outcome, Transaction};
use super::{Database, Item, read_item, string, write_item};
use crate::domain::cloud_account::{
    CloudAccount, CloudProvider, Credentials, DemoPrefix, Ownership,
};
use crate::domain::connections::Subscription;
use crate::domain::ids::{AccountId, CloudAccountId, UserId};
use crate::domain::{Error, Result};
use crate::secrets::Secrets;

#[derive(Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own in the contract"
)]
pub(super) struct CloudAccountRecord {
    pub(super) id: CloudAccountId,
    account_id: AccountId,
    user_id: UserId,
    pub(super) cloud_type: CloudProvider,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credentials_data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_url: Option<String>,
    pub(super) active: bool,
    shared: bool,
    internal_storage: bool,
    /// On what the platform itself made, and on nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) demo_prefix: Option<DemoPrefix>,
    pub(super) deleted: bool,
    created: Timestamp,
    /// What a refresh needs, where the credentials are OAuth tokens.
    #[serde(flatten)]
    pub(super) grant: GrantRecord,
}

impl CloudAccountRecord {
    /// The record of a new account, without its credentials and as a user makes it.
    pub(super) fn new(account: &CloudAccount) -> Result<Self> {
        Ok(Self {
            id: account.id,
            account_id: account.account_id,
            user_id: account.user_id,
            cloud_type: account.provider,
            name: account.name.clone(),
            access_key: None,
            secret_key: None,
            credentials_data: None,
            service_url: account.service_url.clone(),
            active: account.active,
            shared: account.shared,
            internal_storage: account.internal_storage,
            demo_prefix: None,
            deleted: false,
            created: account.created,
            grant: GrantRecord::new(account)?,
        })
    }

    /// The item to store, which the index finds by the Amove account.
    pub(super) fn item(&self) -> Result<Item> {
        let mut item = write_item(&Key::cloud_account(self.id), self)?;
        item.extend(table::cloud_accounts_of(self.account_id, self.created));
        Ok(item)
    }
}

/// The attributes that hold sealed values.
const ACCESS_KEY: &str = "access_key";
const SECRET_KEY: &str = "secret_key";
pub(super) const CREDENTIALS_DATA: &str = "credentials_data";

impl Database {
    /// Stores a new cloud account together with the connection that it takes.
    pub async fn insert_cloud_account(
        &self,
        secrets: &Secrets,
        account: &CloudAccount,
    ) -> Result<()> {
        let keys = secrets.keys().await?;
        let key = Key::cloud_account(account.id);
        let sealed = |attribute, value: &Option<SecretString>| {
            let place = Place {
                key: &key,
                attribute,
            };
            value
                .as_ref()
                .map(|value| seal::seal(&keys, place, value))
                .transpose()
        };
        let record = CloudAccountRecord {
            access_key: sealed(ACCESS_KEY, &account.credentials.access_key)?,
            secret_key: sealed(SECRET_KEY, &account.credentials.secret_key)?,
            credentials_data: sealed(CREDENTIALS_DATA, &account.credentials.credentials_data)?,
            ..CloudAccountRecord::new(account)?
        };
        let outcome = self
            .transaction()
            .create(record.item()?)?
            .add_connection(
                account.account_id,
                &subscription(account.created, account.id),
            )?
            .commit()
            .await?;
        match outcome {
            Outcome::Committed => Ok(()),
            Outcome::Refused => Err(Error::internal(
                "a new cloud account met an old one, or no Amove account",
            )),
        }
    }

    /// Deletes a cloud account: its credentials are destroyed and its connection released in the
    /// same transaction; a demo drive's files stay where they are. Of all who try, exactly one
    /// succeeds; the others read `NotFound`. Answers the account with the credentials that were
    /// destroyed: if they were renewed since `stored` was read, those that took their place.
    pub async fn delete_cloud_account(
        &self,
        mut stored: StoredCloudAccount,
    ) -> Result<StoredCloudAccount> {
        loop {
            let account = &stored.0;
            let version = account.grant.version();
            let deletion = self
                .transaction()
                .update(&Key::cloud_account(account.id), |update| {
                    update
                        .update_expression(
                            "SET deleted = :yes, active = :no REMOVE access_key, secret_key, credentials_data, token_expires",
                        )
                        .condition_expression(
                            "deleted = :no AND (attribute_not_exists(cred_version) OR cred_version = :version)",
                        )
                        .expression_attribute_values(":yes", AttributeValue::Bool(true))
                        .expression_attribute_values(":no", AttributeValue::Bool(false))
                        .expression_attribute_values(":version", version)
                })?;
            let outcome = self.ending(deletion, account).await?.commit().await?;
            if outcome == Outcome::Committed {
                return Ok(stored);
            }
            let current = self.cloud_account(account.id).await?;
            if current.token_version() == stored.token_version() {
                return Err(Error::internal(
                    "a cloud account has lost its connection, or its drive",
                ));
            }
            stored = current;
        }
    }

    /// Adds to `deletion` what ends with the account: its connection, or, of a demo drive, which holds
    /// none, the shared cloud drive.
    async fn ending<'a>(
        &self,
        deletion: Transaction<'a>,
        account: &CloudAccountRecord,
    ) -> Result<Transaction<'a>> {
        if account.demo_prefix.is_none() {
            let subscription = subscription(account.created, account.id);
            return deletion.release_connection(account.account_id, &subscription);
        }
        let drives = self.shared_cloud_drives(account.account_id).await?;
        drives
            .iter()
            .filter(|drive| drive.cloud_account_id == account.id)
            .try_fold(deletion, Transaction::delete_shared_cloud_drive)
    }

    /// An Amove account's cloud accounts, oldest first, without deleted ones. They are looked up in
    /// the index, which may be a moment behind: for show, and to decide nothing.
    pub async fn cloud_accounts_of(&self, account: AccountId) -> Result<Vec<StoredCloudAccount>> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("gsi1")
            .key_condition_expression("gsi1pk = :account AND begins_with(gsi1sk, :cloud)")
            .filter_expression("deleted = :no")
            .expression_attribute_values(":account", string(table::account_partition(account)))
            .expression_attribute_values(":cloud", string(table::INDEXED_CLOUD_ACCOUNT_PREFIX))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .into_paginator()
            .items()
            .send();
        let mut accounts = Vec::new();
        while let Some(item) = pages.next().await {
            accounts.push(StoredCloudAccount::read(item.map_err(unavailable)?)?);
        }
        Ok(accounts)
    }

    /// A cloud account that is not deleted, whoever asks: for the one endpoint that is open to
    /// strangers.
    pub async fn cloud_account(&self, id: CloudAccountId) -> Result<StoredCloudAccount> {
        let item = self.get_item(&Key::cloud_account(id)).await?;
        StoredCloudAccount::read(item.ok_or_else(Error::not_found)?)
    }
}

fn subscription(created: Timestamp, cloud_account_id: CloudAccountId) -> Subscription {
    Subscription {
        created,
        cloud_account_id,
    }
}

/// A cloud account as it is stored, its credentials still sealed.
#[derive(Clone)]
pub struct StoredCloudAccount(pub(super) CloudAccountRecord);

impl StoredCloudAccount {
    /// The cloud account that `item` holds; `NotFound` if it is deleted.
    pub(super) fn read(item: Item) -> Result<Self> {
        let record: CloudAccountRecord = read_item(item)?;
        if record.deleted {
            return Err(Error::not_found());
        }
        Ok(Self(record))
    }

    /// Whose it is.
    pub(super) fn ownership(&self) -> Ownership {
        Ownership {
            account_id: self.0.account_id,
            user_id: self.0.user_id,
            shared: self.0.shared,
        }
    }

    /// The cloud account.
    pub fn id(&self) -> CloudAccountId {
        self.0.id
    }

    /// Where a demo drive's files are in the platform's bucket; `None` for every other account.
    pub fn demo_prefix(&self) -> Option<&DemoPrefix> {
        self.0.demo_prefix.as_ref()
    }

    /// Who hosts the files.
    pub fn provider(&self) -> CloudProvider {
        self.0.cloud_type
    }

    /// Opens the credentials.
    pub async fn open(self, secrets: &Secrets) -> Result<CloudAccount> {
        let record = self.0;
        let sealed = [
            &record.access_key,
            &record.secret_key,
            &record.credentials_data,
        ];
        let keys = seal::keys_for(secrets, sealed.into_iter().flatten()).await?;
        let key = Key::cloud_account(record.id);
        let opened = |attribute, value: &Option<String>| {
            let place = Place {
                key: &key,
                attribute,
            };
            value
                .as_ref()
                .map(|value| seal::open(&keys, place, value))
                .transpose()
        };
        let credentials = Credentials {
            access_key: opened(ACCESS_KEY, &record.access_key)?,
            secret_key: opened(SECRET_KEY, &record.secret_key)?,
            credentials_data: opened(CREDENTIALS_DATA, &record.credentials_data)?,
        };
        Ok(CloudAccount {
            id: record.id,
            account_id: record.account_id,
            user_id: record.user_id,
            provider: record.cloud_type,
            name: record.name,
            credentials,
            service_url: record.service_url,
            active: record.active,
            inactive_reason: record.grant.inactive_reason,
            shared: record.shared,
            internal_storage: record.internal_storage,
            demo_prefix: record.demo_prefix,
            created: record.created,
        })
    }
}
