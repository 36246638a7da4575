//! Cloud accounts, their sealed credentials, and the connection that each holds.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::seal::{self, Place};
use super::table::{self, Key};
use super::transaction::Outcome;
use super::{Database, Item, read_item, write_item};
use crate::domain::cloud_account::{CloudAccount, CloudProvider, Credentials};
use crate::domain::connections::Subscription;
use crate::domain::ids::{AccountId, CloudAccountId, UserId};
use crate::domain::{Error, Result};
use crate::secrets::Keys;

#[derive(Serialize, Deserialize)]
struct CloudAccountRecord {
    id: CloudAccountId,
    account_id: AccountId,
    user_id: UserId,
    cloud_type: CloudProvider,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credentials_data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_url: Option<String>,
    active: bool,
    shared: bool,
    internal_storage: bool,
    deleted: bool,
    created: Timestamp,
}

/// The attributes that hold sealed values.
const ACCESS_KEY: &str = "access_key";
const SECRET_KEY: &str = "secret_key";
const CREDENTIALS_DATA: &str = "credentials_data";

impl Database {
    /// Stores a new cloud account together with the connection that it takes.
    pub async fn insert_cloud_account(&self, keys: &Keys, account: &CloudAccount) -> Result<()> {
        let key = Key::cloud_account(account.id);
        let sealed = |attribute, value: &Option<SecretString>| {
            value
                .as_ref()
                .map(|value| {
                    seal::seal(
                        keys,
                        Place {
                            key: &key,
                            attribute,
                        },
                        value,
                    )
                })
                .transpose()
        };
        let record = CloudAccountRecord {
            id: account.id,
            account_id: account.account_id,
            user_id: account.user_id,
            cloud_type: account.provider,
            name: account.name.clone(),
            access_key: sealed(ACCESS_KEY, &account.credentials.access_key)?,
            secret_key: sealed(SECRET_KEY, &account.credentials.secret_key)?,
            credentials_data: sealed(CREDENTIALS_DATA, &account.credentials.credentials_data)?,
            service_url: account.service_url.clone(),
            active: account.active,
            shared: account.shared,
            internal_storage: account.internal_storage,
            deleted: false,
            created: account.created,
        };
        let mut item = write_item(&key, &record)?;
        item.extend(table::cloud_accounts_of(
            account.account_id,
            account.created,
        ));
        let outcome = self
            .transaction()
            .create(item)?
            .add_connection(account.account_id, &subscription(account))?
            .commit()
            .await?;
        match outcome {
            Outcome::Committed => Ok(()),
            Outcome::Refused(_) => Err(Error::internal(
                "a new cloud account met an old one, or no Amove account",
            )),
        }
    }

    /// Deletes a cloud account: its credentials are destroyed and its connection released in the
    /// same transaction. Of all who try, exactly one succeeds; the others read `NotFound`.
    pub async fn delete_cloud_account(&self, account: &CloudAccount) -> Result<()> {
        let outcome = self
            .transaction()
            .update(&Key::cloud_account(account.id), |update| {
                update
                    .update_expression(
                        "SET deleted = :yes, active = :no REMOVE access_key, secret_key, credentials_data",
                    )
                    .condition_expression("deleted = :no")
                    .expression_attribute_values(":yes", AttributeValue::Bool(true))
                    .expression_attribute_values(":no", AttributeValue::Bool(false))
            })?
            .release_connection(account.account_id, &subscription(account))?
            .commit()
            .await?;
        match outcome {
            Outcome::Committed => Ok(()),
            Outcome::Refused(_) => Err(Error::not_found()),
        }
    }

    /// A cloud account that is not deleted, whoever asks: for the one endpoint that is open to
    /// strangers.
    pub async fn cloud_account(&self, keys: &Keys, id: CloudAccountId) -> Result<CloudAccount> {
        let item = self.get_item(&Key::cloud_account(id)).await?;
        item.map(|item| read_cloud_account(keys, item))
            .transpose()?
            .flatten()
            .ok_or_else(Error::not_found)
    }
}

fn subscription(account: &CloudAccount) -> Subscription {
    Subscription {
        created: account.created,
        cloud_account_id: account.id,
    }
}

/// The cloud account that `item` holds, opened; `None` if it is deleted.
pub(super) fn read_cloud_account(keys: &Keys, item: Item) -> Result<Option<CloudAccount>> {
    let record: CloudAccountRecord = read_item(item)?;
    if record.deleted {
        return Ok(None);
    }
    let key = Key::cloud_account(record.id);
    let opened = |attribute, value: &Option<String>| {
        value
            .as_ref()
            .map(|value| {
                seal::open(
                    keys,
                    Place {
                        key: &key,
                        attribute,
                    },
                    value,
                )
            })
            .transpose()
    };
    let credentials = Credentials {
        access_key: opened(ACCESS_KEY, &record.access_key)?,
        secret_key: opened(SECRET_KEY, &record.secret_key)?,
        credentials_data: opened(CREDENTIALS_DATA, &record.credentials_data)?,
    };
    Ok(Some(CloudAccount {
        id: record.id,
        account_id: record.account_id,
        user_id: record.user_id,
        provider: record.cloud_type,
        name: record.name,
        credentials,
        service_url: record.service_url,
        active: record.active,
        shared: record.shared,
        internal_storage: record.internal_storage,
        created: record.created,
    }))
}
