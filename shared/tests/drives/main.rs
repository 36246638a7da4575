//! The four drives over HTTP, against the simulators of their vendors.
#![expect(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod box_com;
mod dropbox;
mod google_drive;
mod onedrive;
mod streams;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use shared::domain::Clock;
use shared::domain::storage::{FolderAddress, FolderPath, ListRequest, ObjectAddress, ObjectKey};
use shared::providers::http::{DriveHttp, Hosts};
use simulators::drives::{Drives, DrivesServer, Simulator, Vendor};

/// The vendors on loopback, at a time that stands still until a test moves it.
struct World {
    drives: Drives,
    server: DrivesServer,
    now: Arc<Mutex<Timestamp>>,
}

impl World {
    async fn start() -> Self {
        let now = Arc::new(Mutex::new("2026-11-24T10:00:00Z".parse().unwrap()));
        let time = Arc::clone(&now);
        let drives = Drives::new(move || *time.lock().unwrap());
        let server = drives.start((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        Self {
            drives,
            server,
            now,
        }
    }

    fn of(&self, vendor: Vendor) -> &Simulator {
        self.drives.of(vendor)
    }

    /// The client of the vendors' APIs.
    fn http(&self) -> Arc<DriveHttp> {
        Arc::new(DriveHttp::new(Hosts::Simulated(self.server.url())))
    }

    /// An access token of somebody who agreed to `scopes`.
    fn token(&self, vendor: Vendor, scopes: &[&str]) -> SecretString {
        self.of(vendor).grant(scopes).access_token.into()
    }

    fn clock(&self) -> Clock {
        let now = Arc::clone(&self.now);
        Clock::from_fn(move || *now.lock().unwrap())
    }

    fn advance(&self, by: SignedDuration) {
        *self.now.lock().unwrap() += by;
    }
}

/// An object, by its key in a bucket.
fn object(bucket: &str, key: &str) -> ObjectAddress {
    ObjectAddress {
        bucket: bucket.to_owned(),
        id: String::new(),
        key: ObjectKey::parse("key", key).unwrap(),
    }
}

/// A folder, by its path in a bucket.
fn folder(bucket: &str, path: &str) -> FolderAddress {
    FolderAddress {
        bucket: bucket.to_owned(),
        id: String::new(),
        path: FolderPath::parse("path", path).unwrap(),
    }
}

/// The first page of a folder.
fn first_page(bucket: &str, path: &str, count: u16) -> ListRequest {
    ListRequest {
        folder: folder(bucket, path),
        cursor: None,
        count,
    }
}
