//! Amove accounts and their connections.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::table::{self, Key, SUBSCRIPTION_PREFIX};
use super::transaction::Transaction;
use super::{Database, number, read_item, write_item};
use crate::domain::Result;
use crate::domain::connections::Subscription;
use crate::domain::ids::{AccountId, CloudAccountId};

#[derive(Serialize, Deserialize)]
struct AccountRecord {
    id: AccountId,
    plan: Plan,
    /// How many connections the account has; equal to the number of its subscriptions.
    connections: u64,
    created: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Plan {
    Free,
}

#[derive(Serialize, Deserialize)]
struct SubscriptionRecord {
    created: Timestamp,
    cloud_account_id: CloudAccountId,
}

impl Database {
    /// An account's connection subscriptions, oldest first.
    pub async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>> {
        let items = self
            .query(
                &table::account_partition(account),
                Some(SUBSCRIPTION_PREFIX),
            )
            .await?;
        items
            .into_iter()
            .map(|item| {
                let SubscriptionRecord {
                    created,
                    cloud_account_id,
                } = read_item(item)?;
                Ok(Subscription {
                    created,
                    cloud_account_id,
                })
            })
            .collect()
    }

    /// How many connections the account's own record counts.
    pub async fn connection_count(&self, account: AccountId) -> Result<u64> {
        let record: Option<AccountRecord> = self.get(&Key::account(account)).await?;
        Ok(record.map_or(0, |record| record.connections))
    }
}

impl Transaction<'_> {
    /// Creates an account on the free plan, without connections.
    pub(super) fn create_account(self, id: AccountId, created: Timestamp) -> Result<Self> {
        let record = AccountRecord {
            id,
            plan: Plan::Free,
            connections: 0,
            created,
        };
        self.create(write_item(&Key::account(id), &record)?)
    }

    /// Adds a connection: its subscription, and one to the account's count.
    pub(super) fn add_connection(
        self,
        account: AccountId,
        subscription: &Subscription,
    ) -> Result<Self> {
        let record = SubscriptionRecord {
            created: subscription.created,
            cloud_account_id: subscription.cloud_account_id,
        };
        self.create(write_item(
            &Key::subscription(account, subscription),
            &record,
        )?)?
        .count(account, 1)
    }

    /// Releases a connection, which must be there.
    pub(super) fn release_connection(
        self,
        account: AccountId,
        subscription: &Subscription,
    ) -> Result<Self> {
        self.take(&Key::subscription(account, subscription))?
            .count(account, -1)
    }

    fn count(self, account: AccountId, change: i8) -> Result<Self> {
        self.update(&Key::account(account), |update| {
            update
                .update_expression("ADD connections :change")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":change", number(change))
        })
    }
}
