//! Counters of what is limited.

use aws_lc_rs::digest;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use data_encoding::HEXLOWER;
use uuid::Uuid;

use super::error::unavailable;
use super::table::{self, Key};
use super::{Database, number, string};
use crate::domain::Result;
use crate::limits::{Limit, Window, housekeeping};

impl Database {
    /// Counts `amount` uses of `limit` by `who` in `window`, if no more than `max` are counted then; answers
    /// whether it did.
    pub(crate) async fn count_use(
        &self,
        limit: Limit,
        who: &str,
        window: Window,
        amount: u32,
        max: u32,
    ) -> Result<bool> {
        let Some(room) = max.checked_sub(amount) else {
            return Ok(false);
        };
        // Names the attempt, so that the SDK's own repeat of a write whose answer was lost is let through.
        let attempt = string(Uuid::new_v4().to_string());
        let counted = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(limit, who, window).attributes()))
            .update_expression("ADD uses :amount SET last_by = :attempt, #ttl = :ttl")
            .condition_expression(
                "attribute_not_exists(uses) OR uses <= :room OR last_by = :attempt",
            )
            .expression_attribute_values(":attempt", attempt)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":amount", number(amount))
            .expression_attribute_values(":room", number(room))
            .expression_attribute_values(":ttl", table::ttl(housekeeping(window)).1)
            .send()
            .await;
        match counted {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Takes `amount` uses back, if so many are still counted.
    pub(crate) async fn give_back_use(
        &self,
        limit: Limit,
        who: &str,
        window: Window,
        amount: u32,
    ) -> Result<()> {
        let given = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(limit, who, window).attributes()))
            .update_expression("ADD uses :less")
            .condition_expression("uses >= :amount")
            .expression_attribute_values(":less", number(-i64::from(amount)))
            .expression_attribute_values(":amount", number(amount))
            .send()
            .await;
        match given {
            Ok(_) => Ok(()),
            // They were forgotten meanwhile.
            Err(error) if is_refused(&error) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Forgets every use in `window`.
    pub(crate) async fn forget_uses(&self, limit: Limit, who: &str, window: Window) -> Result<()> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(limit, who, window).attributes()))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }
}

fn is_refused(error: &SdkError<UpdateItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}

fn key(limit: Limit, who: &str, window: Window) -> Key {
    let who = HEXLOWER.encode(digest::digest(&digest::SHA256, who.as_bytes()).as_ref());
    Key::rate(limit.name(), &who, window.index)
}
