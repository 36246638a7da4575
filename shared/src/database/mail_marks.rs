//! Marks of addresses that mail must not go to: it bounced for good, or its reader complained.
//!
//! A mark does not expire, since neither does its reason: what SES knows of an address counts against
//! the sender each time. An operator lifts one by deleting the record.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::table::Key;
use super::{Database, partition_key, write_item};
use crate::domain::Result;
use crate::domain::email::EmailAddress;

/// Why an address is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkReason {
    /// The address does not take mail, and never will.
    Bounce,
    /// Its reader told their provider that our mail is unwanted.
    Complaint,
}

/// For the operator who looks into a mark.
#[derive(Serialize)]
struct MarkRecord {
    reason: MarkReason,
    when: Timestamp,
}

impl Database {
    /// Marks an address, over an earlier mark. Doing so again changes nothing that anybody acts on.
    pub async fn mark_address(&self, email: &EmailAddress, reason: MarkReason) -> Result<()> {
        let when = self.clock.now();
        self.put(write_item(&key(email), &MarkRecord { reason, when })?)
            .await
    }

    /// Whether an address is marked.
    pub async fn is_marked(&self, email: &EmailAddress) -> Result<bool> {
        Ok(self.get_item(&key(email)).await?.is_some())
    }

    /// The [`EmailAddress::key`]s of those that are marked, in one round trip: for at most 100
    /// addresses.
    pub async fn marked_addresses(&self, emails: &[EmailAddress]) -> Result<HashSet<String>> {
        // DynamoDB refuses a batch that asks for nothing, or twice for the same.
        let addresses: HashMap<_, _> = emails
            .iter()
            .map(|email| (key(email), email.key()))
            .collect();
        if addresses.is_empty() {
            return Ok(HashSet::new());
        }
        let keys: Vec<Key> = addresses.keys().cloned().collect();
        let items = self.get_all(&keys).await?;
        let marked: HashSet<&str> = items.iter().map(partition_key).collect();
        Ok(addresses
            .into_iter()
            .filter(|(key, _)| marked.contains(key.pk.as_str()))
            .map(|(_, address)| address)
            .collect())
    }
}

fn key(email: &EmailAddress) -> Key {
    let hash = digest::digest(&digest::SHA256, email.key().as_bytes());
    Key::mail_mark(&HEXLOWER.encode(hash.as_ref()))
}
