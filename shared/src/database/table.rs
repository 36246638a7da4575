//! The table's keys: the one place that knows how records are addressed.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};

use crate::domain::connections::Subscription;
use crate::domain::google_person::GoogleSubject;
use crate::domain::ids::{
    AccountId, AttemptId, CloudAccountId, SessionId, SharedCloudDriveId, StateId, TokenId, UserId,
};

/// A record's address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

/// The sort key of records that are alone in their partition.
const META: &str = "META";
/// What the sort keys of connection subscriptions begin with.
pub(super) const SUBSCRIPTION_PREFIX: &str = "SUB#connection#";

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    pub(super) fn request_token(id: TokenId) -> Self {
        Self::new(format!("RT#{id}"), META)
    }

    pub(super) fn attempt(email: &str, id: AttemptId) -> Self {
        Self::new(pending_partition(email), format!("{ATTEMPT_PREFIX}{id}"))
    }

    /// When the address was last mailed, and the version that guards its attempts.
    pub(super) fn pending_mail(email: &str) -> Self {
        Self::new(pending_partition(email), "MAIL")
    }

    /// When the owner of a taken address was last told of a sign-up with it.
    pub(super) fn taken_notice(email: &str) -> Self {
        Self::new(pending_partition(email), "NOTICE")
    }

    pub(super) fn code(hash: &str) -> Self {
        Self::new(format!("CODE#{hash}"), META)
    }

    /// What is known of an address that mail does not reach. Its hash, since the record may outlive
    /// whatever else is kept of its owner.
    pub(super) fn mail_mark(hash: &str) -> Self {
        Self::new(format!("MAILMARK#{hash}"), META)
    }

    pub(super) fn user(id: UserId) -> Self {
        Self::new(format!("USER#{id}"), META)
    }

    pub(super) fn email_claim(email: &str) -> Self {
        Self::new(format!("EMAIL#{email}"), META)
    }

    pub(super) fn google_link(subject: &GoogleSubject) -> Self {
        Self::new(format!("GOOGLE#{}", subject.as_str()), META)
    }

    pub(super) fn account(id: AccountId) -> Self {
        Self::new(account_partition(id), META)
    }

    pub(super) fn subscription(account: AccountId, subscription: &Subscription) -> Self {
        let Subscription {
            created,
            cloud_account_id,
        } = subscription;
        let created = sortable(*created);
        Self::new(
            account_partition(account),
            format!("{SUBSCRIPTION_PREFIX}{created}#{cloud_account_id}"),
        )
    }

    pub(super) fn log_setting(account: AccountId) -> Self {
        Self::new(account_partition(account), "LOGSETTING")
    }

    pub(super) fn shared_cloud_drive(account: AccountId, id: SharedCloudDriveId) -> Self {
        Self::new(
            account_partition(account),
            format!("{SHARED_CLOUD_DRIVE_PREFIX}{id}"),
        )
    }

    pub(super) fn cloud_account(id: CloudAccountId) -> Self {
        Self::new(format!("CLOUD#{id}"), META)
    }

    pub(super) fn oauth_state(id: StateId) -> Self {
        Self::new(format!("STATE#{id}"), META)
    }

    pub(super) fn link(hash: &str) -> Self {
        Self::new(format!("LINK#{hash}"), META)
    }

    pub(super) fn password_reset(code_hash: &str) -> Self {
        Self::new(format!("RESET#{code_hash}"), META)
    }

    pub(super) fn rate(limit: &str, who: &str, window: i64) -> Self {
        Self::new(format!("RATE#{limit}#{who}#{window}"), META)
    }

    pub(super) fn session(id: SessionId) -> Self {
        Self::new(format!("SESSION#{id}"), META)
    }

    pub(super) fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// What the index's sort keys of cloud accounts begin with.
pub(super) const INDEXED_CLOUD_ACCOUNT_PREFIX: &str = "CLOUD#";
/// What the sort keys of shared cloud drives begin with.
pub(super) const SHARED_CLOUD_DRIVE_PREFIX: &str = "DRIVE#";

/// What the sort keys of sign-up attempts begin with.
pub(super) const ATTEMPT_PREFIX: &str = "ATTEMPT#";

/// The partition of everything pending for an address.
pub(super) fn pending_partition(email: &str) -> String {
    format!("PENDING#{email}")
}

/// The partition of an Amove account's records.
pub(super) fn account_partition(id: AccountId) -> String {
    format!("ACCOUNT#{id}")
}

/// The index entry by which a user's sessions are found.
pub(super) fn sessions_of(user: UserId, session: SessionId) -> [(String, AttributeValue); 2] {
    index_entry(format!("USER#{user}"), format!("SESSION#{session}"))
}

/// The index entry by which a cloud account's links are found.
pub(super) fn links_of(account: CloudAccountId, hash: &str) -> [(String, AttributeValue); 2] {
    index_entry(format!("CLOUD#{account}"), format!("LINK#{hash}"))
}

/// The index entry by which an Amove account's cloud accounts are found, oldest first.
pub(super) fn cloud_accounts_of(
    account: AccountId,
    created: Timestamp,
) -> [(String, AttributeValue); 2] {
    index_entry(
        account_partition(account),
        format!("{INDEXED_CLOUD_ACCOUNT_PREFIX}{}", sortable(created)),
    )
}

fn index_entry(pk: String, sk: String) -> [(String, AttributeValue); 2] {
    [
        ("gsi1pk".to_owned(), AttributeValue::S(pk)),
        ("gsi1sk".to_owned(), AttributeValue::S(sk)),
    ]
}

/// RFC 3339 with a fixed number of digits, so that text sorts as time does.
fn sortable(time: Timestamp) -> String {
    format!("{time:.6}")
}

/// When housekeeping may delete what expires at `expiry`: seconds since the epoch, later than the
/// expiry itself, which every read checks.
pub(super) fn ttl(expiry: Timestamp) -> (String, AttributeValue) {
    let housekeeping = expiry + SignedDuration::from_mins(10);
    (
        "ttl".to_owned(),
        AttributeValue::N(housekeeping.as_second().to_string()),
    )
}
