//! Codes that set a new password, and what setting one does.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::table::{self, Key};
use super::transaction::Outcome;
use super::users::read_user;
use super::{Database, write_item};
use crate::domain::ids::UserId;
use crate::domain::password::PasswordHash;
use crate::domain::user::User;
use crate::domain::{Error, Result};

/// A code is valid for so long after it was asked for.
const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(60);

#[derive(Serialize, Deserialize)]
struct ResetRecord {
    user_id: UserId,
    /// The user's session epoch when the code was asked for: what has ended their sessions since has
    /// ended the code.
    epoch: u64,
    expires: Timestamp,
}

impl Database {
    /// Stores that the code with this hash may set a new password for `user`.
    pub async fn create_password_reset(&self, code_hash: &str, user: &User) -> Result<()> {
        let expires = self.clock.now() + CODE_LIFETIME;
        let record = ResetRecord {
            user_id: user.id,
            epoch: user.session_epoch,
            expires,
        };
        let mut item = write_item(&Key::password_reset(code_hash), &record)?;
        item.extend([table::ttl(expires)]);
        self.put(item).await
    }

    /// Forgets a code that nobody was told.
    pub async fn forget_password_reset(&self, code_hash: &str) -> Result<()> {
        self.transaction()
            .discard(&Key::password_reset(code_hash))?
            .commit()
            .await
            .map(|_| ())
    }

    /// The user whose password the code with this hash may set now. `None` if there is none, it has expired
    /// or was used, or another was used since it was asked for.
    pub async fn user_to_reset(&self, code_hash: &str) -> Result<Option<User>> {
        let record: Option<ResetRecord> = self.get(&Key::password_reset(code_hash)).await?;
        let Some(record) = record.filter(|record| record.expires > self.clock.now()) else {
            return Ok(None);
        };
        let item = self.get_item(&Key::user(record.user_id)).await?;
        let user = item.map(read_user).transpose()?;
        Ok(user.filter(|user| user.active && user.session_epoch == record.epoch))
    }

    /// Spends the code and sets the password of `user`, as [`Database::user_to_reset`] read them; every
    /// session of the user ends in the same transaction, and so does every other code. `false` if another
    /// was first.
    pub async fn reset_password(
        &self,
        code_hash: &str,
        user: &User,
        password: &PasswordHash,
    ) -> Result<bool> {
        let password = serde_dynamo::to_attribute_value(password).map_err(|error| {
            Error::internal("a password hash could not be written").because(error)
        })?;
        let outcome = self
            .transaction()
            .take(&Key::password_reset(code_hash))?
            .end_sessions(user, |update| {
                update
                    .update_expression("SET password_hash = :password ADD session_epoch :one")
                    .expression_attribute_values(":password", password)
            })?
            .commit()
            .await?;
        Ok(outcome == Outcome::Committed)
    }
}
