//! The refresh of a cloud account's OAuth tokens, as far as its record tells of it.
//!
//! The record has a version of its tokens. New tokens are saved on the condition that the version is
//! still the one of the refresh token that was spent for them, and never on holding the lease: a
//! process that is late may hold the only token that is alive. The lease keeps others from spending
//! the same token meanwhile. `refresh_begun` is the journal: it is written with the lease, before
//! the vendor is asked, and stays until the outcome is known, so that whoever finds it knows that a
//! token may have been spent and its successor lost.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::cloud_accounts::{CREDENTIALS_DATA, StoredCloudAccount};
use super::error::unavailable;
use super::seal::{self, Place};
use super::table::Key;
use super::{Database, Item, number, string};
use crate::domain::cloud_account::{CloudAccount, CredentialsKind};
use crate::domain::ids::CloudAccountId;
use crate::domain::oauth_tokens::OAuthTokens;
use crate::domain::{Error, Result};
use crate::secrets::Secrets;

/// For so long it is remembered that tokens were renewed before their time.
const FORCED_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Into so many parts the table is divided where all of it is read.
pub const SEGMENTS: u8 = 64;
/// An access token with more than this left is not refreshed.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// The attributes of a cloud account that concern its tokens. Times that conditions compare are
/// milliseconds since the epoch.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct GrantRecord {
    /// Counts the tokens that were stored.
    cred_version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_expires: Option<Timestamp>,
    /// When the grant was last used to get tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    refreshed_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_until_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cooldown_until_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_begun: Option<Timestamp>,
    /// How many times in a row tokens were renewed because the vendor refused good ones, and since
    /// when.
    #[serde(skip_serializing_if = "Option::is_none")]
    forced_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forced_since_ms: Option<i64>,
    /// Who saved the tokens that are stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    refreshed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inactive_reason: Option<String>,
}

impl GrantRecord {
    /// The version, to compare with.
    pub(super) fn version(&self) -> AttributeValue {
        version_number(self.cred_version)
    }

    /// What a new account begins with.
    pub(super) fn new(account: &CloudAccount) -> Result<Self> {
        match (
            account.provider.credentials_kind(),
            &account.credentials.credentials_data,
        ) {
            (CredentialsKind::OAuthTokens, Some(tokens)) => Ok(Self {
                token_expires: Some(OAuthTokens::from_stored(tokens)?.expires),
                refreshed_ms: Some(account.created.as_millisecond()),
                ..Self::default()
            }),
            _ => Ok(Self::default()),
        }
    }
}

/// How an account's tokens stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The access token is good for a while.
    Fresh,
    /// The access token is about to end or has ended; somebody should refresh it.
    Due,
    /// Somebody is refreshing it.
    Leased,
    /// A refresh failed a moment ago; the next one may be tried then.
    Cooling(Timestamp),
    /// The grant is dead, for this reason.
    Dead(String),
}

impl StoredCloudAccount {
    /// How the tokens stand at `now`. Credentials that are no tokens are always fresh.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let grant = &self.0.grant;
        if !self.0.active {
            return Standing::Dead(grant.inactive_reason.clone().unwrap_or_default());
        }
        if grant.token_expires.is_none_or(|end| end > now + FRESH) {
            return Standing::Fresh;
        }
        self.standing_once_due(now)
    }

    /// The same for an access token that is known to be no good.
    pub fn standing_once_due(&self, now: Timestamp) -> Standing {
        let grant = &self.0.grant;
        let later = |ms: Option<i64>| ms.filter(|ms| *ms > now.as_millisecond());
        if !self.0.active {
            Standing::Dead(grant.inactive_reason.clone().unwrap_or_default())
        } else if later(grant.lease_until_ms).is_some() {
            Standing::Leased
        } else if let Some(ms) = later(grant.cooldown_until_ms) {
            Standing::Cooling(Timestamp::from_millisecond(ms).unwrap_or(now))
        } else {
            Standing::Due
        }
    }

    /// The access token has not ended yet, however little is left of it.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.0.active && self.0.grant.token_expires.is_none_or(|end| end > now)
    }

    /// How many times lately tokens were renewed because the vendor refused good ones.
    pub fn forced_lately(&self, now: Timestamp) -> u32 {
        let GrantRecord {
            forced_count,
            forced_since_ms,
            ..
        } = self.0.grant;
        let lately = forced_since_ms
            .and_then(|since| Timestamp::from_millisecond(since).ok())
            .is_some_and(|since| now < since + FORCED_WINDOW);
        forced_count.filter(|_| lately).unwrap_or_default()
    }

    /// The last lease was taken by `owner`.
    pub fn is_leased_by(&self, owner: &str) -> bool {
        self.0.grant.lease_owner.as_deref() == Some(owner)
    }

    /// When the grant was last used to get tokens, if it is one.
    pub fn last_refreshed(&self) -> Option<Timestamp> {
        let ms = self.0.grant.refreshed_ms?;
        Timestamp::from_millisecond(ms).ok()
    }

    /// Counts the tokens that were stored.
    pub fn token_version(&self) -> u64 {
        self.0.grant.cred_version
    }
}

/// What became of an attempt to lead a refresh.
pub enum Lease {
    /// It is ours. `unfinished`: the outcome of an earlier refresh of these tokens is not known.
    Taken {
        /// The account, with the tokens to refresh.
        account: StoredCloudAccount,
        /// The journal held an entry already.
        unfinished: bool,
    },
    /// It is not: something changed, or somebody else was faster. The account as it is now.
    Refused(StoredCloudAccount),
}

/// What became of new tokens.
pub enum Saved {
    /// They are stored.
    Stored(StoredCloudAccount),
    /// Others are: somebody else refreshed the account meanwhile.
    Overtaken(StoredCloudAccount),
}

impl Database {
    /// Takes the lead in refreshing the tokens `version` of an account until `until`, and notes in
    /// the journal that it begins.
    pub async fn lease_refresh(
        &self,
        id: CloudAccountId,
        version: u64,
        owner: &str,
        until: Timestamp,
    ) -> Result<Lease> {
        let now = self.clock.now();
        let update = self
            .update_grant(id, version)
            .update_expression(
                "SET lease_owner = :owner, lease_until_ms = :until, \
                 refresh_begun = if_not_exists(refresh_begun, :begun)",
            )
            .condition_expression(format!(
                "{UNCHANGED} AND active = :yes \
                 AND (attribute_not_exists(lease_until_ms) OR lease_until_ms <= :now OR lease_owner = :owner) \
                 AND (attribute_not_exists(cooldown_until_ms) OR cooldown_until_ms <= :now)"
            ))
            .expression_attribute_values(":owner", string(owner))
            .expression_attribute_values(":until", milliseconds(until))
            .expression_attribute_values(":now", milliseconds(now))
            .expression_attribute_values(":begun", string(now.to_string()))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .return_values(ReturnValue::AllOld);
        match outcome(update).await? {
            Ok(before) => {
                let account = StoredCloudAccount::read(before)?;
                // Our own entry, if the SDK repeated a write whose answer was lost.
                let ours = account.0.grant.lease_owner.as_deref() == Some(owner);
                let unfinished = account.0.grant.refresh_begun.is_some() && !ours;
                Ok(Lease::Taken {
                    account,
                    unfinished,
                })
            }
            Err(now) => Ok(Lease::Refused(StoredCloudAccount::read(now)?)),
        }
    }

    /// Lets the lease of `owner` last until `until`. One that is gone stays gone.
    pub async fn renew_refresh_lease(
        &self,
        id: CloudAccountId,
        version: u64,
        owner: &str,
        until: Timestamp,
    ) -> Result<()> {
        let update = self
            .update_grant(id, version)
            .update_expression("SET lease_until_ms = :until")
            .condition_expression(format!("{UNCHANGED} AND lease_owner = :owner"))
            .expression_attribute_values(":until", milliseconds(until))
            .expression_attribute_values(":owner", string(owner));
        outcome(update).await.map(drop)
    }

    /// Saves the tokens that were got for those of `before`, unless others were saved first.
    /// `forced`: the vendor had refused access tokens that were good by their date.
    pub async fn save_refreshed(
        &self,
        secrets: &Secrets,
        before: &StoredCloudAccount,
        owner: &str,
        tokens: &OAuthTokens,
        forced: bool,
    ) -> Result<Saved> {
        let (id, version, now) = (before.id(), before.token_version(), self.clock.now());
        let lately = before.forced_lately(now);
        let since = match before.0.grant.forced_since_ms {
            Some(since) if lately > 0 => since,
            _ => now.as_millisecond(),
        };
        let key = Key::cloud_account(id);
        let place = Place {
            key: &key,
            attribute: CREDENTIALS_DATA,
        };
        let sealed = seal::seal(&*secrets.keys().await?, place, &tokens.to_stored()?)?;
        let update = self
            .update_grant(id, version)
            .update_expression(
                "SET credentials_data = :sealed, token_expires = :expires, cred_version = :next, \
                 refreshed_ms = :now, refreshed_by = :owner, active = :yes, \
                 forced_count = :forced, forced_since_ms = :since \
                 REMOVE lease_owner, lease_until_ms, cooldown_until_ms, refresh_begun, inactive_reason",
            )
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":sealed", string(sealed))
            .expression_attribute_values(":expires", string(tokens.expires.to_string()))
            .expression_attribute_values(":next", version_number(version + 1))
            .expression_attribute_values(":now", milliseconds(now))
            .expression_attribute_values(":owner", string(owner))
            .expression_attribute_values(":forced", number(lately + u32::from(forced)))
            .expression_attribute_values(":since", number(since))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .return_values(ReturnValue::AllNew);
        match outcome(update).await? {
            Ok(now) => StoredCloudAccount::read(now).map(Saved::Stored),
            Err(now) => {
                let account = StoredCloudAccount::read(now)?;
                // The write itself, if the SDK repeated it after its answer was lost.
                if account.0.grant.refreshed_by.as_deref() == Some(owner) {
                    Ok(Saved::Stored(account))
                } else {
                    Ok(Saved::Overtaken(account))
                }
            }
        }
    }

    /// Gives the lease back after a refresh that brought nothing, and lets nobody try before
    /// `cooldown`. `unfinished`: the tokens of `version` may have been spent all the same.
    pub async fn give_up_refresh(
        &self,
        id: CloudAccountId,
        version: u64,
        owner: &str,
        cooldown: Timestamp,
        unfinished: bool,
    ) -> Result<()> {
        let journal = if unfinished { "" } else { ", refresh_begun" };
        let update = self
            .update_grant(id, version)
            .update_expression(format!(
                "SET cooldown_until_ms = :cooldown REMOVE lease_owner, lease_until_ms{journal}"
            ))
            .condition_expression(format!("{UNCHANGED} AND lease_owner = :owner"))
            .expression_attribute_values(":cooldown", milliseconds(cooldown))
            .expression_attribute_values(":owner", string(owner));
        outcome(update).await.map(drop)
    }

    /// Flags the account: its tokens of `version` are dead, for `reason`. `Err` with the account as
    /// it is now, if others were saved first.
    pub async fn flag_dead_grant(
        &self,
        id: CloudAccountId,
        version: u64,
        reason: &str,
    ) -> Result<Result<(), StoredCloudAccount>> {
        let update = self
            .update_grant(id, version)
            .update_expression(
                "SET active = :no, inactive_reason = :reason \
                 REMOVE lease_owner, lease_until_ms, cooldown_until_ms, refresh_begun",
            )
            .condition_expression(UNCHANGED)
            .expression_attribute_values(":reason", string(reason));
        match outcome(update).await? {
            Ok(_) => Ok(Ok(())),
            Err(now) => StoredCloudAccount::read(now).map(Err),
        }
    }

    /// The accounts in one of [`SEGMENTS`] parts of the table whose grant was last used before
    /// `before`, a page at a time: reads the whole part, for a job that runs seldom.
    pub async fn idle_grants(
        &self,
        before: Timestamp,
        segment: u8,
        from: Option<Item>,
    ) -> Result<(Vec<StoredCloudAccount>, Option<Item>)> {
        let page = self
            .client
            .scan()
            .table_name(&self.table)
            .total_segments(SEGMENTS.into())
            .segment(segment.into())
            .set_exclusive_start_key(from)
            .filter_expression("refreshed_ms < :before AND active = :yes AND deleted = :no")
            .expression_attribute_values(":before", milliseconds(before))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .send()
            .await
            .map_err(unavailable)?;
        let accounts = page.items.unwrap_or_default().into_iter();
        let accounts = accounts
            .filter_map(|item| match StoredCloudAccount::read(item) {
                Ok(account) => Some(account),
                Err(error) => {
                    // One that does not read must not keep all behind it waiting.
                    tracing::error!(causes = error.causes(), "a cloud account does not read");
                    None
                }
            })
            .collect();
        Ok((accounts, page.last_evaluated_key))
    }

    /// A change of an account under the condition [`UNCHANGED`], whose values are set.
    fn update_grant(&self, id: CloudAccountId, version: u64) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::cloud_account(id).attributes()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .expression_attribute_values(":version", version_number(version))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
    }
}

/// The account is there and its tokens are those of `:version`.
const UNCHANGED: &str = "deleted = :no AND cred_version = :version";

fn milliseconds(time: Timestamp) -> AttributeValue {
    number(time.as_millisecond())
}

fn version_number(version: u64) -> AttributeValue {
    AttributeValue::N(version.to_string())
}

/// Sends `update`: the attributes that it returns, or, if its condition does not hold, the item as it
/// is.
async fn outcome(update: UpdateItemFluentBuilder) -> Result<Result<Item, Item>> {
    match update.send().await {
        Ok(done) => Ok(Ok(done.attributes.unwrap_or_default())),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                // Without an item, the account was never there.
                let item = failed.item().cloned().ok_or_else(Error::not_found)?;
                Ok(Err(item))
            }
            _ => Err(unavailable(error)),
        },
    }
}
