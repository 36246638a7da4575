//! Google's OAuth: <https://developers.google.com/identity/protocols/oauth2/web-server>.

use jiff::SignedDuration;

use crate::providers::oauth::{Address, Vendor, standard_verdict};

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
    // Google's /revoke ends every grant that the person gave the app, so that another connection of
    // theirs would die with this one.
    revocation: None,
};

const SCOPES: &[&str] = &["https://www.googleapis.com/auth/drive"];
