//! Notices to the owners of taken addresses, rationed.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::table::{self, Key};
use super::transaction::Outcome;
use super::{Database, number, write_item};
use crate::domain::Result;
use crate::domain::email::EmailAddress;

/// The owner of a taken address is told of a sign-up with it at most once in so long.
const NOTICE_PAUSE: SignedDuration = SignedDuration::from_hours(24);

#[derive(Serialize)]
struct NoticeRecord {
    /// Milliseconds since the epoch, so that a condition can compare it.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    sent: Timestamp,
}

impl Database {
    /// Claims the right to tell the owner of a taken address of a sign-up with it: once a day.
    pub async fn claim_taken_notice(&self, email: &EmailAddress) -> Result<bool> {
        let now = self.clock.now();
        let record = NoticeRecord { sent: now };
        let mut item = write_item(&Key::taken_notice(&email.key()), &record)?;
        item.extend([table::ttl(now + NOTICE_PAUSE)]);
        let before = number((now - NOTICE_PAUSE).as_millisecond());
        // A transaction, since its client token tells our own repeat after a lost answer from a
        // rival's claim.
        let claim = self.transaction().put_if(item, |put| {
            put.condition_expression("attribute_not_exists(pk) OR sent <= :before")
                .expression_attribute_values(":before", before)
        })?;
        Ok(claim.commit().await? == Outcome::Committed)
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
