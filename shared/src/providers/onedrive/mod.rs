//! OneDrive.

pub(super) mod grant;

use std::sync::Arc;

use secrecy::SecretString;

use super::http::DriveHttp;
use crate::domain::Clock;

/// A drive on OneDrive.
pub struct OneDriveStorage {
    http: Arc<DriveHttp>,
    access_token: SecretString,
    clock: Clock,
}

impl OneDriveStorage {
    /// Opens the drive that `access_token` is good for, without sending anything.
    pub fn new(http: Arc<DriveHttp>, access_token: SecretString, clock: Clock) -> Self {
        Self {
            http,
            access_token,
            clock,
        }
    }
}
