//! Dropbox's OAuth: <https://dropbox.tech/developers/using-oauth-2-0-with-offline-access> and the
//! official SDK's `oauth2.rs`.

use crate::providers::oauth::{Address, Revocation, Vendor, standard_verdict};

/// Refresh tokens do not expire and are not rotated.
pub(crate) const VENDOR: Vendor = Vendor {
    authorize: Address {
        host: "www.dropbox.com",
        path: "/oauth2/authorize",
    },
    token: Address {
        host: "api.dropboxapi.com",
        path: "/oauth2/token",
    },
    scopes: SCOPES,
    required_scopes: SCOPES,
    authorize_parameters: &[("token_access_type", "offline")],
    pkce: true,
    repeats_redirect: true,
    single_use_refresh: false,
    keep_alive_after: None,
    verdict: standard_verdict,
    // Ends the refresh token with the access token (`auth.stone`, token/revoke).
    revocation: Some(Revocation::Bearer(Address {
        host: "api.dropboxapi.com",
        path: "/2/auth/token/revoke",
    })),
};

const SCOPES: &[&str] = &[
    "account_info.read",
    "files.metadata.read",
    "files.content.read",
    "files.content.write",
];
