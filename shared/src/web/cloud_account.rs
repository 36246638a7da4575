//! How a cloud account is answered.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::domain::cloud_account::{CloudAccount, CloudProvider};
use crate::domain::ids::{AccountId, CloudAccountId, UserId};

const MASK: &str = "********";

/// A cloud account as clients read it. It has no room for a secret.
#[derive(Debug, Serialize)]
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
    credentials_data: Option<&'static str>,
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
            credentials_data: mask(&account.credentials.credentials_data),
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
