//! One-shot tokens, burned.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use jiff::SignedDuration;
use uuid::Uuid;

use super::error::unavailable;
use super::table::{self, Key};
use super::{Database, string};
use crate::domain::Result;
use crate::domain::ids::TokenId;

/// A burned token is remembered for longer than any token is valid.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(5);

impl Database {
    /// Burns a one-shot token. Of all who try, exactly one reads `true`.
    ///
    /// The record names the attempt, so that the SDK's own repeat of a write whose answer was lost
    /// finds its own work and not a second use.
    pub async fn burn_request_token(&self, id: TokenId) -> Result<bool> {
        let attempt = string(Uuid::new_v4().to_string());
        let mut item = Key::request_token(id).attributes();
        item.insert("used_by".to_owned(), attempt.clone());
        item.extend([table::ttl(self.clock.now() + REMEMBERED)]);
        let written = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR used_by = :attempt")
            .expression_attribute_values(":attempt", attempt)
            .send()
            .await;
        match written {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}
