//! What tests speak with: the whole service over embedded servers, and the people who use it.
//!
//! [`TestApp`] serves every family's routes, with the layers of production, against real
//! `DynamoDB`, S3, SES and Secrets Manager servers on loopback. Requests go through the router, effects are
//! read from the servers, and time stands still until a test moves it.
#![expect(
    clippy::missing_panics_doc,
    reason = "a panic is how a helper of tests fails the test"
)]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod app;
mod at_once;
mod clock;
mod demo_drives;
mod drives;
mod faults;
mod google;
mod keys;
mod malformed;
mod process;
mod records;
mod registration;
mod response;
mod user;

pub mod canary;
pub mod lambda;
pub mod logs;

pub use app::{
    BUCKET, DEMO_BUCKET, MAIL_CONFIGURATION_SET, PUBLIC_URL, ROLE_ACCESS_KEY, ROLE_SECRET_KEY,
    ROLE_SESSION_TOKEN, S3_ACCESS_KEY, S3_SECRET_KEY, TestApp, routes,
};
pub use clock::TestClock;
pub use drives::{Consent, REDIRECT_URL};
pub use faults::Faults;
pub use keys::KeyDocument;
pub use malformed::malformed;
pub use process::Process;
pub use response::Response;
pub use user::{PASSWORD, User};
