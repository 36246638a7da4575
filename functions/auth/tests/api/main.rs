//! The companion authentication API, and what every request must pass.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod request_token;

mod login;

mod logout;

mod limits;

mod forgot_password;

mod reset_password;

mod faults;

mod sessions;

mod rotation;

mod requests;

mod forgery;

mod lambda;

use jiff::SignedDuration;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// How every refused one-shot token is answered.
const BURNED: &str = "499 TOKEN requestToken: unknown, expired or already used";
