//! Sign-up, told in requests and mails.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod signup;

mod taken_address;

mod rivals;

mod confirm_signup;

mod resend_confirmation_email;

mod mail;

mod marked;

mod stored;

mod google_tokens;

mod google_keys;

mod google_signup;

mod google_signin;

mod limits;

mod faults;

mod lambda;

use jiff::SignedDuration;
use testkit::TestApp;

/// How long an address is left alone after a mail.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// How long a code is valid after the last mail that carried it.
const DAY: SignedDuration = SignedDuration::from_hours(24);

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// How many attempts to sign up are stored.
fn attempts(app: &TestApp) -> usize {
    let mut pending = app.records_of("PENDING#");
    pending.retain(|item| item["sk"]["S"].as_str().unwrap().starts_with("ATTEMPT#"));
    pending.len()
}
