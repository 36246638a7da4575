//! How a cloud account is answered.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::domain::cloud_account::{CloudAccount, CloudProvider, CredentialsKind};
use crate::domain::ids::{AccountId, CloudAccountId, UserId};
use crate::domain::{Error, Result};

const MASK: &str = "********";

/// A cloud account as clients read it. It has no room for a secret but the live access token.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own in the contract"
)]
pub struct CloudAccountAnswer {
    id: CloudAccountId,
    account_id: AccountId,
    user_id: UserId,
    cloud_type: CloudProvider,
    name: String,
    access_key: Option<String>,
    secret_key: Option<&'static str>,
    credentials_data: Option<String>,
    service_url: Option<String>,
    active: bool,
    shared: bool,
    internal_storage: bool,
    storage_tier: Option<String>,
    deleted: bool,
    create_date: Timestamp,
}

impl CloudAccountAnswer {
    /// The account with its credentials masked.
    pub fn masked(account: &CloudAccount) -> Self {
        let mask = |secret: &Option<SecretString>| secret.as_ref().map(|_| MASK);
        Self {
            id: account.id,
            account_id: account.account_id,
            user_id: account.user_id,
            cloud_type: account.provider,
            name: account.name.clone(),
            access_key: account.credentials.access_key.as_ref().map(masked_key),
            secret_key: mask(&account.credentials.secret_key),
            credentials_data: mask(&account.credentials.credentials_data).map(str::to_owned),
            service_url: account.service_url.clone(),
            active: account.active,
            shared: account.shared,
            internal_storage: account.internal_storage,
            // No provider that is connected by keys tells one.
            storage_tier: None,
            // Deleted accounts are never answered.
            deleted: false,
            create_date: account.created,
        }
    }

    /// The account with its keys masked and, where it holds OAuth tokens, the live access token and
    /// its expiry: JSON in `credentialsData`. The refresh token is never answered.
    pub fn with_access(account: &CloudAccount) -> Result<Self> {
        let mut answer = Self::masked(account);
        let is_grant = account.provider.credentials_kind() == CredentialsKind::OAuthTokens;
        if is_grant {
            let tokens = account.tokens()?;
            let access = Access {
                access_token: tokens.access_token.expose_secret(),
                expires_at: tokens.expires,
            };
            let json = serde_json::to_string(&access);
            let json = json.map_err(|error| {
                Error::internal("an access token could not be written").because(error)
            })?;
            answer.credentials_data = Some(json);
        }
        Ok(answer)
    }
}

/// The part of a connection's tokens that who sees the account may have.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Access<'a> {
    access_token: &'a str,
    expires_at: Timestamp,
}

/// `****` and the last four characters. A key so short that four would be most of it shows none.
fn masked_key(key: &SecretString) -> String {
    let key = key.expose_secret();
    let shown = key
        .char_indices()
        .rev()
        .nth(3)
        .filter(|(start, _)| *start >= 4)
        .map_or("", |(start, _)| &key[start..]);
    format!("****{shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_its_last_four_characters() {
        for (key, masked) in [
            ("AKIAIOSFODNN7EXAMPLE", "****MPLE"),
            ("abcd", "****"),
            ("abcdefgé", "****efgé"),
            ("a", "****"),
        ] {
            assert_eq!(masked_key(&key.to_owned().into()), masked);
        }
    }
}
