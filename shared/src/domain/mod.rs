//! Vocabulary and rules. No HTTP, no AWS, no vendor.

pub mod clock;
pub mod error;
pub mod ids;
pub mod text;

pub mod email;
pub mod google_person;
pub mod password;
pub mod user;

pub mod cloud_account;
pub mod connections;
pub mod content_disposition;
pub mod demo_drive;
pub mod link;
pub mod mailed_code;
pub mod oauth_tokens;
pub mod preview;
pub mod recipients;
pub mod redirect_url;
pub mod shared_cloud_drive;
pub mod storage;

pub mod log_setting;

pub use clock::Clock;
pub use error::{Error, ErrorKind, Result};
