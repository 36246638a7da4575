//! Every record of the product, in one `DynamoDB` table.
//!
//! `table` builds every key, one file holds each record, `seal` encrypts what is secret, `error`
//! maps failures. Reads that decide anything are strongly consistent and check expiry themselves,
//! since TTL deletion is late by up to days. State changes are conditional writes or transactions.

mod error;
mod table;
mod transaction;

mod seal;

mod accounts;
mod cloud_accounts;
mod demo_drives;
mod google_users;
mod links;
mod log_settings;
mod mail_marks;
mod oauth_states;
mod password_resets;
mod pending;
mod rates;
mod refreshes;
mod request_tokens;
mod sessions;
mod shared_cloud_drives;
mod taken_notices;
mod users;

pub use cloud_accounts::StoredCloudAccount;
pub use links::{Gesture, Link, LinkPurpose, LiveLink, SharedFile};
pub use mail_marks::MarkReason;
pub use oauth_states::OAuthState;
pub use pending::{Attempt, MailSlot, NewAttempt, Registration, Resend};
pub use refreshes::{Lease, SEGMENTS, Saved, Standing};
pub use sessions::NewSession;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::{Clock, Error, Result};
use error::unavailable;
use table::Key;

/// An item as the table holds it.
pub type Item = HashMap<String, AttributeValue>;

/// The records.
pub struct Database {
    client: Client,
    table: String,
    clock: Clock,
}

impl Database {
    /// The records in `table`, with expiry judged by `clock`.
    pub fn new(client: Client, table: String, clock: Clock) -> Self {
        Self {
            client,
            table,
            clock,
        }
    }

    /// Reads one record, strongly consistent.
    async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>> {
        self.get_item(key).await?.map(read_item).transpose()
    }

    /// Reads one item, strongly consistent.
    async fn get_item(&self, key: &Key) -> Result<Option<Item>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        Ok(answer.item)
    }

    /// Writes an item over whatever has its key: for keys that are new by construction.
    async fn put(&self, item: Item) -> Result<()> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    /// Reads several records in one round trip, strongly consistent, in any order.
    async fn get_all(&self, keys: &[Key]) -> Result<Vec<Item>> {
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(Key::attributes).collect()))
            .consistent_read(true)
            .build()
            .map_err(|error| Error::internal("a batch of keys is malformed").because(error))?;
        let mut pending = Some(HashMap::from([(self.table.clone(), request)]));
        let mut items = Vec::new();
        // DynamoDB may answer a part of a batch when it is throttled; the rest is asked for again.
        for attempt in 0..4_u32 {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
            }
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(pending.take())
                .send()
                .await
                .map_err(unavailable)?;
            items.extend(
                answer
                    .responses
                    .into_iter()
                    .flatten()
                    .flat_map(|(_, items)| items),
            );
            pending = answer.unprocessed_keys.filter(|rest| !rest.is_empty());
            if pending.is_none() {
                return Ok(items);
            }
        }
        Err(Error::unavailable("The service is busy. Try again."))
    }

    /// Reads the records of one partition whose sort keys begin with `sort_prefix`, strongly
    /// consistent.
    async fn query(&self, partition: &str, sort_prefix: Option<&str>) -> Result<Vec<Item>> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .expression_attribute_values(":pk", string(partition));
        // DynamoDB refuses an empty prefix.
        query = match sort_prefix {
            None => query.key_condition_expression("pk = :pk"),
            Some(prefix) => query
                .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
                .expression_attribute_values(":sk", string(prefix)),
        };
        let mut pages = query.into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(unavailable)?);
        }
        Ok(items)
    }
}

/// A record's fields, out of an item. What does not fit is a defect, not bad input.
fn read_item<T: DeserializeOwned>(item: Item) -> Result<T> {
    serde_dynamo::from_item(item)
        .map_err(|error| Error::internal("a stored record is malformed").because(error))
}

/// An item, out of a record's fields and its key.
fn write_item(key: &Key, record: &impl Serialize) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(record)
        .map_err(|error| Error::internal("a record could not be written").because(error))?;
    item.extend(key.attributes());
    Ok(item)
}

/// The partition key of an item, to tell the items of a batch apart.
fn partition_key(item: &Item) -> &str {
    item.get("pk")
        .and_then(|value| value.as_s().ok())
        .map_or("", String::as_str)
}

/// The sort key of an item, to tell the records of one partition apart.
fn sort_key(item: &Item) -> &str {
    item.get("sk")
        .and_then(|value| value.as_s().ok())
        .map_or("", String::as_str)
}

fn number(value: impl Into<i64>) -> AttributeValue {
    let value: i64 = value.into();
    AttributeValue::N(value.to_string())
}

fn string(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
