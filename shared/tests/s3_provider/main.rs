//! The S3 provider over HTTP: against an S3 that checks signatures, and against a server that
//! answers what services were seen to answer.
#![expect(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod recorded;

mod buckets;

mod deletion;
mod failures;
mod isolation;
mod listing;
mod reading;
mod regions;
mod round_trip;

use std::net::SocketAddr;
use std::time::Duration;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use jiff::{SignedDuration, Timestamp};
use shared::domain::storage::{
    CloudStorage, ContentType, DownloadOptions, EntryKind, FolderAddress, FolderPath, ListRequest,
    ObjectAddress, ObjectKey, Page, UploadOptions, path_of_key,
};
use shared::domain::{Clock, Result};
use shared::net::{Egress, EgressPolicy, ServiceUrl};
use shared::providers::s3::{Connection, Flavour, RegionCache, S3Storage};
use simulators::aws::s3::S3;
use tempfile::TempDir;

const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const BUCKET: &str = "photos";
const HOUR: Duration = Duration::from_hours(1);

fn any_port() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn policy() -> EgressPolicy {
    EgressPolicy {
        ports: vec![443],
        allow_loopback: true,
    }
}

/// What a test may want otherwise.
struct Setup {
    flavour: Flavour,
    secret_key: &'static str,
    regions: RegionCache,
    clock: Clock,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            flavour: Flavour::Generic,
            secret_key: SECRET_KEY,
            regions: RegionCache::new(),
            clock: Clock::system(),
        }
    }
}

impl Setup {
    fn flavour(flavour: Flavour) -> Self {
        Self {
            flavour,
            ..Self::default()
        }
    }

    fn open(&self, url: &str) -> S3Storage {
        let connection = Connection {
            flavour: self.flavour,
            access_key: ACCESS_KEY.into(),
            secret_key: self.secret_key.into(),
            service_url: Some(ServiceUrl::parse("serviceUrl", url, &policy()).unwrap()),
        };
        S3Storage::new(
            connection,
            &Egress::new(policy()),
            &self.regions,
            self.clock.clone(),
        )
        .unwrap()
    }
}

fn open(url: &str) -> S3Storage {
    Setup::default().open(url)
}

/// A clock that is behind, or ahead, by so much.
fn clock_off_by(offset: SignedDuration) -> Clock {
    Clock::from_fn(move || Timestamp::now() + offset)
}

/// An S3 with one bucket.
async fn s3() -> (S3, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = S3::start(folder.path(), any_port(), ACCESS_KEY, SECRET_KEY)
        .await
        .unwrap();
    server.create_bucket(BUCKET).unwrap();
    (server, folder)
}

/// Stores objects of one byte.
async fn put(drive: &S3Storage, keys: impl IntoIterator<Item = impl AsRef<str>>) {
    let http = reqwest::Client::new();
    for key in keys {
        let address = object(&path_of_key(key.as_ref()));
        let url = drive
            .upload_url(&address, &upload("text/plain"))
            .await
            .unwrap()
            .signed()
            .unwrap()
            .url;
        let answer = http
            .put(url)
            .header("content-type", "text/plain")
            .body("1")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{}", key.as_ref());
    }
}

/// Every key of the bucket, in order.
async fn keys(server: &S3) -> Vec<String> {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test"))
        .http_client(Egress::new(policy()).http_client())
        .endpoint_url(server.url())
        .force_path_style(true)
        .build();
    let listed = aws_sdk_s3::Client::from_conf(config)
        .list_objects_v2()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.is_truncated, Some(false));
    listed
        .contents()
        .iter()
        .map(|object| object.key().unwrap().to_owned())
        .collect()
}

fn object(key: &str) -> ObjectAddress {
    object_in(BUCKET, key)
}

fn object_in(bucket: &str, key: &str) -> ObjectAddress {
    ObjectAddress {
        bucket: bucket.to_owned(),
        id: String::new(),
        key: ObjectKey::parse("key", key).unwrap(),
    }
}

fn folder(path: &str) -> FolderAddress {
    FolderAddress {
        bucket: BUCKET.to_owned(),
        id: String::new(),
        path: FolderPath::parse("path", path).unwrap(),
    }
}

fn first_page(path: &str) -> ListRequest {
    ListRequest {
        folder: folder(path),
        cursor: None,
        count: 1_000,
    }
}

fn download(attachment: bool) -> DownloadOptions {
    DownloadOptions {
        lifetime: HOUR,
        attachment,
    }
}

fn upload(content_type: &str) -> UploadOptions {
    UploadOptions {
        lifetime: HOUR,
        content_type: ContentType::parse("contentType", content_type).unwrap(),
    }
}

/// Every page's entries, and how many pages there were.
async fn list_all<F>(mut page: impl FnMut(Option<String>) -> F) -> (Vec<(String, EntryKind)>, usize)
where
    F: Future<Output = Result<Page>>,
{
    let (mut entries, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = page(cursor).await.unwrap();
        pages += 1;
        entries.extend(
            page.entries
                .into_iter()
                .map(|entry| (entry.path, entry.kind)),
        );
        cursor = page.next;
        if cursor.is_none() {
            return (entries, pages);
        }
    }
}
