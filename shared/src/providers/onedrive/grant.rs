//! Microsoft's OAuth: entra-docs `identity-platform/v2-oauth2-auth-code-flow.md` and
//! `refresh-tokens.md`.

use jiff::SignedDuration;

use crate::providers::oauth::{Address, Vendor, Verdict, standard_verdict};

/// Personal, work and school accounts alike. A refresh token lives 90 days from its last use; each
/// use gives another one, and the old one stays good.
pub(crate) const VENDOR: Vendor = Vendor {
    authorize: Address {
        host: "login.microsoftonline.com",
        path: "/common/oauth2/v2.0/authorize",
    },
    token: Address {
        host: "login.microsoftonline.com",
        path: "/common/oauth2/v2.0/token",
    },
    scopes: &["Files.ReadWrite.All", "offline_access"],
    // Microsoft leaves offline_access out of the answer.
    required_scopes: &["Files.ReadWrite.All"],
    authorize_parameters: &[("response_mode", "query"), ("prompt", "select_account")],
    pkce: true,
    repeats_redirect: true,
    single_use_refresh: false,
    keep_alive_after: Some(SignedDuration::from_hours(45 * 24)),
    verdict,
    // There is none for one grant.
    revocation: None,
};

/// `identity-platform/reference-error-codes.md`: by the code of the protocol, since the numbers
/// behind it may change.
fn verdict(code: &str) -> Verdict {
    match code {
        "interaction_required" | "consent_required" | "login_required" => Verdict::Permanent,
        code => standard_verdict(code),
    }
}
