//! Google's OAuth: <https://developers.google.com/identity/protocols/oauth2/web-server>.

use jiff::SignedDuration;

use crate::providers::oauth::{Address, Revocation, Vendor, standard_verdict};

/// A refresh token is given on consent only, is not rotated, and dies after six months of no use.
pub(crate) const VENDOR: Vendor = Vendor {
    authorize: Address {
        host: "accounts.google.com",
        path: "/o/oauth2/v2/auth",
    },
    token: Address {
        host: "oauth2.googleapis.com",
        path: "/token",
    },
    scopes: SCOPES,
    // A person may untick it.
    required_scopes: SCOPES,
    authorize_parameters: &[("access_type", "offline"), ("prompt", "consent")],
    pkce: true,
    repeats_redirect: true,
    single_use_refresh: false,
    keep_alive_after: Some(SignedDuration::from_hours(90 * 24)),
    verdict: standard_verdict,
    revocation: Some(Revocation::Form {
        address: Address {
            host: "oauth2.googleapis.com",
            path: "/revoke",
        },
        with_client: false,
    }),
};

const SCOPES: &[&str] = &["https://www.googleapis.com/auth/drive"];
