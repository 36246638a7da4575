//! Box's OAuth: developer.box.com, guides "Authentication > OAuth 2.0" and "Tokens".

use jiff::SignedDuration;

use crate::providers::oauth::{Address, Revocation, Vendor, standard_verdict};

/// A code lives 30 seconds. A refresh token lives 60 days and dies when it is used.
pub(crate) const VENDOR: Vendor = Vendor {
    authorize: Address {
        host: "account.box.com",
        path: "/api/oauth2/authorize",
    },
    token: Address {
        host: "api.box.com",
        path: "/oauth2/token",
    },
    scopes: &["root_readwrite"],
    // The answer does not tell.
    required_scopes: &[],
    authorize_parameters: &[],
    pkce: false,
    repeats_redirect: false,
    single_use_refresh: true,
    keep_alive_after: Some(SignedDuration::from_hours(30 * 24)),
    verdict: standard_verdict,
    revocation: Some(Revocation::Form(Address {
        host: "api.box.com",
        path: "/oauth2/revoke",
    })),
};
