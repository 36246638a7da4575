//! Connected cloud accounts.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::ids::{AccountId, CloudAccountId, UserId};
use super::oauth_tokens::OAuthTokens;
use super::user::Caller;
use super::{Error, Result};

/// Who hosts a cloud account's files. The numbers are the contract's bit flags; those that this
/// hosted API does not serve have no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum CloudProvider {
    /// Amazon S3.
    Aws,
    /// Wasabi.
    Wasabi,
    /// Azure Blob Storage.
    Azure,
    /// Any S3-compatible server.
    S3Generic,
    /// Google Cloud Storage with HMAC keys.
    GoogleCloud,
    /// Cloudflare R2.
    Cloudflare,
    /// Dropbox.
    Dropbox,
    /// Box.
    Box,
    /// Microsoft OneDrive.
    OneDrive,
    /// Google Drive.
    GoogleDrive,
}

impl CloudProvider {
    const ALL: [Self; 10] = [
        Self::Aws,
        Self::Wasabi,
        Self::Azure,
        Self::S3Generic,
        Self::GoogleCloud,
        Self::Cloudflare,
        Self::Dropbox,
        Self::Box,
        Self::OneDrive,
        Self::GoogleDrive,
    ];

    /// Reads a provider from the request's `field`.
    pub fn parse(field: &str, number: u32) -> Result<Self> {
        Self::try_from(number).map_err(|_| {
            Error::invalid(
                field,
                "must be one of 1, 2, 4, 8, 16, 64, 128, 256, 512, 1024",
            )
        })
    }

    /// The drive that people connect by consent and that is called `name` in configuration.
    pub fn of_drive(name: &str) -> Option<Self> {
        match name {
            "dropbox" => Some(Self::Dropbox),
            "box" => Some(Self::Box),
            "onedrive" => Some(Self::OneDrive),
            "googledrive" => Some(Self::GoogleDrive),
            _ => None,
        }
    }

    /// How the user's permission is kept: as keys, or as OAuth tokens.
    pub fn credentials_kind(self) -> CredentialsKind {
        match self {
            Self::Aws
            | Self::Wasabi
            | Self::Azure
            | Self::S3Generic
            | Self::GoogleCloud
            | Self::Cloudflare => CredentialsKind::Keys,
            Self::Dropbox | Self::Box | Self::OneDrive | Self::GoogleDrive => {
                CredentialsKind::OAuthTokens
            }
        }
    }

    /// The provider has no address of its own, so the user must give one.
    pub fn needs_service_url(self) -> bool {
        matches!(self, Self::S3Generic | Self::Cloudflare)
    }
}

impl From<CloudProvider> for u32 {
    fn from(provider: CloudProvider) -> Self {
        match provider {
            CloudProvider::Aws => 1,
            CloudProvider::Wasabi => 2,
            CloudProvider::Azure => 4,
            CloudProvider::S3Generic => 8,
            CloudProvider::GoogleCloud => 16,
            CloudProvider::Cloudflare => 64,
            CloudProvider::Dropbox => 128,
            CloudProvider::Box => 256,
            CloudProvider::OneDrive => 512,
            CloudProvider::GoogleDrive => 1024,
        }
    }
}

impl TryFrom<u32> for CloudProvider {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        Self::ALL
            .into_iter()
            .find(|provider| u32::from(*provider) == number)
            .ok_or("no such provider")
    }
}

/// How a user's permission is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialsKind {
    /// Access key and secret key, which do not expire.
    Keys,
    /// OAuth tokens, which are refreshed.
    OAuthTokens,
}

/// What the user gave us to reach the provider with. Never printed.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The public half of a key pair; Azure: the storage account's name.
    pub access_key: Option<SecretString>,
    /// The secret half.
    pub secret_key: Option<SecretString>,
    /// OAuth tokens as JSON text.
    pub credentials_data: Option<SecretString>,
}

impl Credentials {
    /// Nothing but tokens.
    pub fn of_tokens(tokens: &OAuthTokens) -> Result<Self> {
        Ok(Self {
            credentials_data: Some(tokens.to_stored()?),
            ..Self::default()
        })
    }

    /// The tokens.
    pub fn tokens(&self) -> Result<OAuthTokens> {
        let stored = self.credentials_data.as_ref();
        let stored = stored.ok_or_else(|| Error::internal("a record lacks its tokens"))?;
        OAuthTokens::from_stored(stored)
    }

    /// Both halves of the key pair.
    pub fn key_pair(&self) -> Result<(SecretString, SecretString)> {
        self.access_key
            .clone()
            .zip(self.secret_key.clone())
            .ok_or_else(|| Error::internal("a record lacks its keys"))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

/// A connected cloud account that is not deleted.
#[derive(Debug, Clone)]
pub struct CloudAccount {
    /// Identifies the cloud account.
    pub id: CloudAccountId,
    /// The Amove account that it belongs to.
    pub account_id: AccountId,
    /// The user who connected it.
    pub user_id: UserId,
    /// Who hosts the files.
    pub provider: CloudProvider,
    /// How the user calls it.
    pub name: String,
    /// How to reach the provider.
    pub credentials: Credentials,
    /// The provider's address, where the user gave one.
    pub service_url: Option<String>,
    /// The credentials work as far as we know.
    pub active: bool,
    /// If they do not: why, in words for the user.
    pub inactive_reason: Option<String>,
    /// Others of the same Amove account may use it.
    pub shared: bool,
    /// As sent at insert; it grants nothing.
    pub internal_storage: bool,
    /// The files are the platform's own, below this prefix. Only the platform makes such an account,
    /// and it has no credentials.
    pub demo_prefix: Option<DemoPrefix>,
    /// When it was connected.
    pub created: Timestamp,
}

impl CloudAccount {
    /// The tokens of a drive that was connected by consent.
    pub fn tokens(&self) -> Result<OAuthTokens> {
        self.credentials.tokens()
    }
}

/// A demo drive's part of the platform's bucket: what all its keys begin with. Never empty, and none
/// begins with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DemoPrefix(String);

impl DemoPrefix {
    /// The part of an Amove account: its id and a slash.
    pub fn of(account: AccountId) -> Self {
        Self(format!("{account}/"))
    }

    /// The prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<DemoPrefix> for String {
    fn from(prefix: DemoPrefix) -> Self {
        prefix.0
    }
}

impl TryFrom<String> for DemoPrefix {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let account = text.strip_suffix('/').and_then(|id| id.parse().ok());
        account.map(Self::of).ok_or("no account's prefix")
    }
}

/// Whose a cloud account is.
#[derive(Debug, Clone, Copy)]
pub struct Ownership {
    /// The Amove account that it belongs to.
    pub account_id: AccountId,
    /// The user who connected it.
    pub user_id: UserId,
    /// Others of the same Amove account may use it.
    pub shared: bool,
}

impl Ownership {
    /// Whether `caller` may see and use the cloud account: the owner, and, if it is shared, those
    /// user types of the same Amove account that see shared ones.
    pub fn visible_to(&self, caller: &Caller) -> bool {
        self.account_id == caller.account_id
            && (self.user_id == caller.user_id || (self.shared && caller.user_type.sees_shared()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_served_flags_are_providers() {
        for flag in 0..=16_384_u32 {
            let served = [1, 2, 4, 8, 16, 64, 128, 256, 512, 1024].contains(&flag);
            assert_eq!(
                CloudProvider::parse("cloudType", flag).is_ok(),
                served,
                "{flag}"
            );
        }
    }

    #[test]
    fn only_an_accounts_own_prefix_is_read_back() {
        let own = DemoPrefix::of(AccountId::new(Timestamp::UNIX_EPOCH));
        assert_eq!(DemoPrefix::try_from(String::from(own.clone())), Ok(own));
        for bad in ["", "/", "a/", "00000000-0000-7000-8000-000000000000"] {
            assert!(DemoPrefix::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_provider_keeps_its_number() {
        for provider in CloudProvider::ALL {
            assert_eq!(CloudProvider::try_from(u32::from(provider)), Ok(provider));
        }
    }
}
