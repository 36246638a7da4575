//! All-or-nothing writes.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use tokio::time::Instant;
use uuid::Uuid;

use super::error::unavailable;
use super::table::Key;
use super::{Database, Item};
use crate::domain::{Error, Result};

/// Writers of one record get into each other's way for so long before the request is given up.
const CONFLICT_BUDGET: Duration = Duration::from_secs(12);
/// The first pause after a conflict; it doubles up to [`PAUSE_MAX`] and is cut at random.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_millis(640);

const NOT_THERE: &str = "attribute_not_exists(pk)";
const THERE: &str = "attribute_exists(pk)";

/// What became of a transaction.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Outcome {
    /// Every write happened.
    Committed,
    /// No write happened: a condition did not hold.
    Refused,
}

/// Writes that happen together or not at all.
pub(super) struct Transaction<'a> {
    database: &'a Database,
    writes: Vec<TransactWriteItem>,
}

impl Database {
    pub(super) fn transaction(&self) -> Transaction<'_> {
        Transaction {
            database: self,
            writes: Vec::new(),
        }
    }
}

impl Transaction<'_> {
    /// Writes a record that must not be there yet.
    pub(super) fn create(self, item: Item) -> Result<Self> {
        let put = self.put(item).condition_expression(NOT_THERE);
        self.with_put(put)
    }

    /// Writes a record under a condition that the caller adds to `change`.
    pub(super) fn put_if(
        self,
        item: Item,
        change: impl FnOnce(PutBuilder) -> PutBuilder,
    ) -> Result<Self> {
        let put = change(self.put(item));
        self.with_put(put)
    }

    /// Changes a record; the caller adds expressions and condition to `change`.
    pub(super) fn update(
        mut self,
        key: &Key,
        change: impl FnOnce(UpdateBuilder) -> UpdateBuilder,
    ) -> Result<Self> {
        let update = Update::builder()
            .table_name(&self.database.table)
            .set_key(Some(key.attributes()));
        let update = change(update).build().map_err(malformed)?;
        self.writes
            .push(TransactWriteItem::builder().update(update).build());
        Ok(self)
    }

    /// Deletes a record that must be there.
    pub(super) fn take(self, key: &Key) -> Result<Self> {
        self.delete(key, |delete| delete.condition_expression(THERE))
    }

    /// Deletes a record if it is there.
    pub(super) fn discard(self, key: &Key) -> Result<Self> {
        self.delete(key, |delete| delete)
    }

    /// Deletes a record under a condition that the caller adds to `change`.
    pub(super) fn delete(
        mut self,
        key: &Key,
        change: impl FnOnce(DeleteBuilder) -> DeleteBuilder,
    ) -> Result<Self> {
        let delete = Delete::builder()
            .table_name(&self.database.table)
            .set_key(Some(key.attributes()));
        let delete = change(delete).build().map_err(malformed)?;
        self.writes
            .push(TransactWriteItem::builder().delete(delete).build());
        Ok(self)
    }

    /// Commits. Conflicts with other transactions are waited out; the client token makes a repeat
    /// after a lost answer find its own work done (`DynamoDB` keeps tokens for ten minutes).
    pub(super) async fn commit(self) -> Result<Outcome> {
        let token = Uuid::new_v4().to_string();
        let deadline = Instant::now() + CONFLICT_BUDGET;
        let mut pause = PAUSE_MIN;
        loop {
            let answer = self
                .database
                .client
                .transact_write_items()
                .client_request_token(&token)
                .set_transact_items(Some(self.writes.clone()))
                .send()
                .await;
            let Err(error) = answer else {
                return Ok(Outcome::Committed);
            };
            match verdict(error.as_service_error()) {
                Verdict::Refused => return Ok(Outcome::Refused),
                Verdict::Conflict if Instant::now() + pause < deadline => {
                    tokio::time::sleep(jittered(pause)).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                Verdict::Conflict => {
                    return Err(
                        Error::unavailable("The account is busy. Try again.").because(error)
                    );
                }
                Verdict::Failed => return Err(unavailable(error)),
            }
        }
    }

    fn put(&self, item: Item) -> PutBuilder {
        Put::builder()
            .table_name(&self.database.table)
            .set_item(Some(item))
    }

    fn with_put(mut self, put: PutBuilder) -> Result<Self> {
        self.writes.push(
            TransactWriteItem::builder()
                .put(put.build().map_err(malformed)?)
                .build(),
        );
        Ok(self)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Refused,
    Conflict,
    Failed,
}

/// Reads the cancellation reasons, one per write. A failed condition decides over a conflict beside
/// it: repeating would not change it.
fn verdict(error: Option<&TransactWriteItemsError>) -> Verdict {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error else {
        return Verdict::Failed;
    };
    let any = |codes: &[&str]| {
        cancelled
            .cancellation_reasons()
            .iter()
            .any(|reason| reason.code().is_some_and(|code| codes.contains(&code)))
    };
    if any(&["ConditionalCheckFailed"]) {
        Verdict::Refused
    } else if any(&[
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ]) {
        Verdict::Conflict
    } else {
        Verdict::Failed
    }
}

/// Between half of `pause` and all of it, so that rivals do not meet again.
fn jittered(pause: Duration) -> Duration {
    let random = Uuid::new_v4().as_bytes()[0];
    pause / 2 + pause / 2 * u32::from(random) / 255
}

fn malformed(error: aws_sdk_dynamodb::error::BuildError) -> Error {
    Error::internal("a transaction is malformed").because(error)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::CancellationReason;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    use super::*;

    fn cancelled(codes: &[&str]) -> TransactWriteItemsError {
        let reasons = codes
            .iter()
            .map(|code| CancellationReason::builder().code(*code).build())
            .collect();
        TransactWriteItemsError::TransactionCanceledException(
            TransactionCanceledException::builder()
                .set_cancellation_reasons(Some(reasons))
                .build(),
        )
    }

    #[test]
    fn every_cancellation_reason_has_its_verdict() {
        for (codes, expected) in [
            (vec!["None", "ConditionalCheckFailed"], Verdict::Refused),
            (
                vec!["TransactionConflict", "ConditionalCheckFailed"],
                Verdict::Refused,
            ),
            (vec!["None", "TransactionConflict"], Verdict::Conflict),
            (vec!["ThrottlingError"], Verdict::Conflict),
            (vec!["ProvisionedThroughputExceeded"], Verdict::Conflict),
            (vec!["ValidationError"], Verdict::Failed),
            (vec!["ItemCollectionSizeLimitExceeded"], Verdict::Failed),
        ] {
            assert_eq!(verdict(Some(&cancelled(&codes))), expected, "{codes:?}");
        }
    }
}
