//! Log settings: one per account by construction, since the key holds nothing but the account.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::seal::{self, Place};
use super::table::Key;
use super::transaction::Outcome;
use super::{Database, string, write_item};
use crate::domain::ids::{AccountId, LogSettingId};
use crate::domain::log_setting::{LogProvider, LogSetting, LogTarget};
use crate::domain::{Error, Result};
use crate::secrets::Secrets;

#[derive(Serialize, Deserialize)]
struct LogSettingRecord {
    id: LogSettingId,
    account_id: AccountId,
    token: String,
    server_address: String,
    service_port: u16,
    active: bool,
    provider: LogProvider,
}

const TOKEN: &str = "token";

impl Database {
    /// An account's log setting.
    pub async fn log_setting(
        &self,
        secrets: &Secrets,
        account: AccountId,
    ) -> Result<Option<LogSetting>> {
        let key = Key::log_setting(account);
        let Some(record) = self.get::<LogSettingRecord>(&key).await? else {
            return Ok(None);
        };
        let keys = seal::keys_for(secrets, std::iter::once(&record.token)).await?;
        let token = seal::open(
            &keys,
            Place {
                key: &key,
                attribute: TOKEN,
            },
            &record.token,
        )?;
        Ok(Some(LogSetting {
            id: record.id,
            account_id: record.account_id,
            target: LogTarget {
                token,
                server_address: record.server_address,
                service_port: record.service_port,
                active: record.active,
                provider: record.provider,
            },
        }))
    }

    /// Stores an account's first log setting; a second one is `Duplicate`.
    pub async fn create_log_setting(&self, secrets: &Secrets, setting: &LogSetting) -> Result<()> {
        // The id is new with every request: a record that has it is this request's own.
        let absent_or_ours = "attribute_not_exists(pk) OR id = :id";
        if self
            .put_log_setting(secrets, setting, absent_or_ours)
            .await?
        {
            Ok(())
        } else {
            Err(Error::duplicate("The account has a log setting already."))
        }
    }

    /// Replaces an account's log setting, which must have the same id; else `NotFound`.
    pub async fn update_log_setting(&self, secrets: &Secrets, setting: &LogSetting) -> Result<()> {
        if self.put_log_setting(secrets, setting, "id = :id").await? {
            Ok(())
        } else {
            Err(Error::not_found())
        }
    }

    /// Deletes an account's log setting; `NotFound` if there is none.
    pub async fn delete_log_setting(&self, account: AccountId) -> Result<()> {
        // A transaction, since its client token tells our own repeat after a lost answer from a
        // second deletion.
        let deleted = self.transaction().take(&Key::log_setting(account))?;
        match deleted.commit().await? {
            Outcome::Committed => Ok(()),
            Outcome::Refused => Err(Error::not_found()),
        }
    }

    async fn put_log_setting(
        &self,
        secrets: &Secrets,
        setting: &LogSetting,
        condition: &str,
    ) -> Result<bool> {
        let keys = secrets.keys().await?;
        let key = Key::log_setting(setting.account_id);
        let sealed = |token: &SecretString| {
            seal::seal(
                &keys,
                Place {
                    key: &key,
                    attribute: TOKEN,
                },
                token,
            )
        };
        let record = LogSettingRecord {
            id: setting.id,
            account_id: setting.account_id,
            token: sealed(&setting.target.token)?,
            server_address: setting.target.server_address.clone(),
            service_port: setting.target.service_port,
            active: setting.target.active,
            provider: setting.target.provider,
        };
        // A transaction, as the deletion is: a plain write that meets one fails at once.
        let item = write_item(&key, &record)?;
        let write = self.transaction().put_if(item, |put| {
            put.condition_expression(condition)
                .expression_attribute_values(":id", string(setting.id.to_string()))
        })?;
        Ok(write.commit().await? == Outcome::Committed)
    }
}
