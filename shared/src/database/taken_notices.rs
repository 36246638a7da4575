//! Notices to the owners of taken addresses, rationed.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use jiff::SignedDuration;

use super::error::unavailable;
use super::table::{self, Key};
use super::{Database, number};
use crate::domain::Result;
use crate::domain::email::EmailAddress;

/// The owner of a taken address is told of a sign-up with it at most once in so long.
const NOTICE_PAUSE: SignedDuration = SignedDuration::from_hours(24);

impl Database {
    /// Claims the right to tell the owner of a taken address of a sign-up with it: once a day.
    pub async fn claim_taken_notice(&self, email: &EmailAddress) -> Result<bool> {
        let now = self.clock.now();
        let mut item = Key::taken_notice(&email.key()).attributes();
        item.insert("sent".to_owned(), number(now.as_second()));
        item.extend([table::ttl(now + NOTICE_PAUSE)]);
        let written = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR sent <= :before")
            .expression_attribute_values(":before", number((now - NOTICE_PAUSE).as_second()))
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

    /// Gives back the right that [`Database::claim_taken_notice`] gave, since the mail failed.
    pub async fn release_taken_notice(&self, email: &EmailAddress) -> Result<()> {
        self.transaction()
            .discard(&Key::taken_notice(&email.key()))?
            .commit()
            .await
            .map(|_| ())
    }
}
