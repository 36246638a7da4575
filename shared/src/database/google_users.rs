//! Users who sign in with Google: what links a Google account to its user.

use serde::{Deserialize, Serialize};

use super::table::Key;
use super::transaction::Outcome;
use super::users::UserRecord;
use super::{Database, number, string, write_item};
use crate::domain::Result;
use crate::domain::demo_drive::DemoDrive;
use crate::domain::google_person::GoogleSubject;
use crate::domain::ids::UserId;
use crate::domain::user::User;

/// Who a Google account signs in. The user's own record names the account too, so that each has one
/// of the other at most.
#[derive(Serialize, Deserialize)]
struct GoogleLink {
    user_id: UserId,
}

impl Database {
    /// The user whom a Google account signs in.
    pub async fn user_by_google(&self, subject: &GoogleSubject) -> Result<Option<User>> {
        let link: Option<GoogleLink> = self.get(&Key::google_link(subject)).await?;
        let Some(link) = link else {
            return Ok(None);
        };
        let record: Option<UserRecord> = self.get(&Key::user(link.user_id)).await?;
        record.map(User::try_from).transpose()
    }

    /// Creates a user whom Google has identified, with account, demo drive, address claim and the link
    /// to `subject`, and voids every sign-up that is pending for the address, all in one transaction:
    /// whoever typed a password for it has not proved that it is theirs. Whether that was done: not if
    /// the address or the Google account has a user.
    pub async fn create_google_user(
        &self,
        user: &User,
        subject: &GoogleSubject,
        drive: &DemoDrive,
    ) -> Result<bool> {
        let pending = self.pending(&user.email.key()).await?;
        let link = GoogleLink { user_id: user.id };
        let outcome = self
            .transaction()
            .create_user(user)?
            .create_account(user.account_id, user.created)?
            .create_demo_drive(drive)?
            .create(write_item(&Key::google_link(subject), &link)?)?
            .discard_pending(&pending, None)?
            .commit()
            .await?;
        Ok(outcome == Outcome::Committed)
    }

    /// Links a Google account to a user, and ends every session of theirs: one may be a stranger's who
    /// knew the password. Whether that was done: not if either is linked already.
    pub async fn link_google(&self, user: UserId, subject: &GoogleSubject) -> Result<bool> {
        let link = GoogleLink { user_id: user };
        let outcome = self
            .transaction()
            .create(write_item(&Key::google_link(subject), &link)?)?
            .update(&Key::user(user), |update| {
                update
                    .update_expression("SET google_subject = :subject ADD session_epoch :one")
                    .condition_expression(
                        "attribute_exists(pk) AND attribute_not_exists(google_subject)",
                    )
                    .expression_attribute_values(":subject", string(subject.as_str()))
                    .expression_attribute_values(":one", number(1))
            })?
            .commit()
            .await?;
        Ok(outcome == Outcome::Committed)
    }
}
