//! Identifiers: UUIDs, each record its own type, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{NoContext, Uuid};

use super::{Error, Result};

/// A new UUIDv7 whose time part is `now`, so that ids sort by creation.
fn uuid_at(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanoseconds))
}

macro_rules! id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, made at `now`.
            pub fn new(now: Timestamp) -> Self {
                Self(uuid_at(now))
            }

            /// Reads an id from the request's `field`: a UUID in its hyphenated form.
            pub fn parse(field: &str, text: &str) -> Result<Self> {
                text.parse().map_err(|_: uuid::Error| Error::invalid(field, "must be a UUID"))
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> std::result::Result<Self, uuid::Error> {
                uuid::fmt::Hyphenated::from_str(text).map(|id| Self(id.into_uuid()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )*};
}

id! {
    /// One attempt to sign up.
    AttemptId
    /// A user.
    UserId
    /// An Amove account: what users, cloud accounts and settings belong to.
    AccountId
    /// A session: what a JWT is good for.
    SessionId
    /// A connected cloud account.
    CloudAccountId
    /// A drive that an account shares over a connected cloud account.
    SharedCloudDriveId
    /// An account's log setting.
    LogSettingId
    /// The one use of a one-shot token.
    TokenId
    /// One way through a vendor's consent page.
    StateId
}
