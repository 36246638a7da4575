//! Users and callers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::email::EmailAddress;
use super::google_person::GoogleSubject;
use super::ids::{AccountId, UserId};
use super::password::PasswordHash;

/// What a user is to the system. The numbers are the contract's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum UserType {
    /// Runs the platform.
    ProviderAdmin,
    /// Runs a reseller's accounts.
    ResellerAdmin,
    /// Runs one account.
    AccountAdmin,
    /// Uses one account.
    AccountUser,
    /// Owns an account from the desktop app: what a sign-up makes.
    DesktopAdmin,
    /// Uses the desktop app with shared cloud accounts.
    DesktopCreativeUser,
    /// Uses the desktop app.
    DesktopStandardUser,
}

impl UserType {
    /// Sees the cloud accounts that others of the same account have shared.
    pub fn sees_shared(self) -> bool {
        matches!(self, Self::DesktopAdmin | Self::DesktopCreativeUser)
    }
}

impl From<UserType> for u32 {
    fn from(user_type: UserType) -> Self {
        match user_type {
            UserType::ProviderAdmin => 1,
            UserType::ResellerAdmin => 2,
            UserType::AccountAdmin => 4,
            UserType::AccountUser => 8,
            UserType::DesktopAdmin => 16,
            UserType::DesktopCreativeUser => 32,
            UserType::DesktopStandardUser => 64,
        }
    }
}

impl TryFrom<u32> for UserType {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        Ok(match number {
            1 => Self::ProviderAdmin,
            2 => Self::ResellerAdmin,
            4 => Self::AccountAdmin,
            8 => Self::AccountUser,
            16 => Self::DesktopAdmin,
            32 => Self::DesktopCreativeUser,
            64 => Self::DesktopStandardUser,
            _ => return Err("no such user type"),
        })
    }
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// Identifies the user.
    pub id: UserId,
    /// The Amove account that the user belongs to.
    pub account_id: AccountId,
    /// The login identifier.
    pub email: EmailAddress,
    /// How the user is called.
    pub name: String,
    /// `None` for a user who signs in by other means only.
    pub password_hash: Option<PasswordHash>,
    /// The Google account that the user signs in with; `None` for one who never did.
    pub google_subject: Option<GoogleSubject>,
    /// What the user is to the system.
    pub user_type: UserType,
    /// May sign in.
    pub active: bool,
    /// Only sessions of this epoch are alive: moving it ends all others at once, everywhere.
    pub session_epoch: u64,
    /// When the sign-up was confirmed.
    pub created: Timestamp,
}

impl User {
    /// The user as one who makes a request.
    pub fn caller(&self) -> Caller {
        Caller {
            user_id: self.id,
            account_id: self.account_id,
            user_type: self.user_type,
        }
    }
}

/// Who makes a request: read from the live session and user, not from the token alone.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The user's Amove account.
    pub account_id: AccountId,
    /// What the user is to the system.
    pub user_type: UserType,
}
