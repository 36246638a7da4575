//! Users, and the claims that make their addresses unique.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::table::Key;
use super::transaction::Transaction;
use super::{Database, Item, number, read_item, write_item};
use crate::domain::Result;
use crate::domain::email::EmailAddress;
use crate::domain::error::Error;
use crate::domain::google_person::GoogleSubject;
use crate::domain::ids::{AccountId, UserId};
use crate::domain::password::PasswordHash;
use crate::domain::user::{User, UserType};

#[derive(Serialize, Deserialize)]
pub(super) struct UserRecord {
    id: UserId,
    account_id: AccountId,
    email: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password_hash: Option<PasswordHash>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    google_subject: Option<GoogleSubject>,
    user_type: UserType,
    active: bool,
    /// See [`User::session_epoch`]; records from before it have none.
    #[serde(default)]
    session_epoch: u64,
    created: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct EmailClaim {
    user_id: UserId,
}

impl Database {
    /// The user who logs in with `email`. A stranger costs the same two reads as a user.
    pub async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<User>> {
        let claim: Option<EmailClaim> = self.get(&Key::email_claim(&email.key())).await?;
        let id = claim.map_or_else(|| UserId::new(self.clock.now()), |claim| claim.user_id);
        let item: Option<UserRecord> = self.get(&Key::user(id)).await?;
        item.map(User::try_from).transpose()
    }

    /// Whether a user owns `email`.
    pub async fn email_is_taken(&self, email: &EmailAddress) -> Result<bool> {
        let claim: Option<EmailClaim> = self.get(&Key::email_claim(&email.key())).await?;
        Ok(claim.is_some())
    }
}

impl Transaction<'_> {
    /// Creates a user and claims the address, which nobody may own yet.
    pub(super) fn create_user(self, user: &User) -> Result<Self> {
        let record = UserRecord {
            id: user.id,
            account_id: user.account_id,
            email: user.email.to_string(),
            name: user.name.clone(),
            password_hash: user.password_hash.clone(),
            google_subject: user.google_subject.clone(),
            user_type: user.user_type,
            active: user.active,
            session_epoch: user.session_epoch,
            created: user.created,
        };
        let claim = EmailClaim { user_id: user.id };
        self.create(write_item(&Key::user(user.id), &record)?)?
            .create(write_item(&Key::email_claim(&user.email.key()), &claim)?)
    }
}

impl Transaction<'_> {
    /// Ends every session of `user`, on the condition that none of them was ended since the user was read.
    /// `change` adds the update expression, which must hold `ADD session_epoch :one`, and its values.
    pub(super) fn end_sessions(
        self,
        user: &User,
        change: impl FnOnce(UpdateBuilder) -> UpdateBuilder,
    ) -> Result<Self> {
        // Users from before there were epochs have none.
        let condition = if user.session_epoch == 0 {
            "attribute_exists(pk) AND (attribute_not_exists(session_epoch) OR session_epoch = :epoch)"
        } else {
            "session_epoch = :epoch"
        };
        let epoch = AttributeValue::N(user.session_epoch.to_string());
        self.update(&Key::user(user.id), |update| {
            change(update)
                .condition_expression(condition)
                .expression_attribute_values(":epoch", epoch)
                .expression_attribute_values(":one", number(1))
        })
    }
}

impl TryFrom<UserRecord> for User {
    type Error = Error;

    fn try_from(record: UserRecord) -> Result<Self> {
        Ok(Self {
            id: record.id,
            account_id: record.account_id,
            email: EmailAddress::from_stored(&record.email)?,
            name: record.name,
            password_hash: record.password_hash,
            google_subject: record.google_subject,
            user_type: record.user_type,
            active: record.active,
            session_epoch: record.session_epoch,
            created: record.created,
        })
    }
}

pub(super) fn read_user(item: Item) -> Result<User> {
    read_item::<UserRecord>(item)?.try_into()
}
