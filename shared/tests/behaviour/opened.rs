//! Every implementation of [`CloudStorage`], each with a server of its own that is empty.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use jiff::{SignedDuration, Timestamp};
use shared::domain::cloud_account::DemoPrefix;
use shared::domain::ids::AccountId;
use shared::domain::storage::{Capabilities, CloudStorage};
use shared::domain::{Clock, demo_drive};
use shared::net::{Egress, EgressPolicy, ServiceUrl};
use shared::providers::box_com::{self, BoxStorage};
use shared::providers::demo::{self, DemoBucket};
use shared::providers::dropbox::{self, DropboxStorage};
use shared::providers::google_drive::{self, GoogleDriveStorage};
use shared::providers::http::{DriveHttp, Hosts};
use shared::providers::onedrive::{self, OneDriveStorage};
use shared::providers::s3::{self, BucketName, Connection, Flavour, RegionCache, S3Storage};
use simulators::aws::s3::S3;
use simulators::drives::{Drives, DrivesServer, Vendor};
use tempfile::TempDir;

/// An implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    S3,
    Demo,
    Dropbox,
    Box,
    OneDrive,
    GoogleDrive,
}

impl Provider {
    pub(crate) const ALL: [Self; 6] = [
        Self::S3,
        Self::Demo,
        Self::Dropbox,
        Self::Box,
        Self::OneDrive,
        Self::GoogleDrive,
    ];

    /// What people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::S3 => "S3 family",
            Self::Demo => "The demo drive",
            Self::Dropbox => Vendor::Dropbox.title(),
            Self::Box => Vendor::Box.title(),
            Self::OneDrive => Vendor::OneDrive.title(),
            Self::GoogleDrive => Vendor::GoogleDrive.title(),
        }
    }

    /// What it declares.
    pub(crate) fn capabilities(self) -> &'static Capabilities {
        match self {
            Self::S3 => &s3::CAPABILITIES,
            Self::Demo => &demo::CAPABILITIES,
            Self::Dropbox => &dropbox::CAPABILITIES,
            Self::Box => &box_com::CAPABILITIES,
            Self::OneDrive => &onedrive::CAPABILITIES,
            Self::GoogleDrive => &google_drive::CAPABILITIES,
        }
    }

    /// An empty drive.
    pub(crate) async fn open(self) -> Opened {
        let server = match self {
            Self::S3 => Server::s3(None).await,
            Self::Demo => Server::s3(Some(DemoPrefix::of(AccountId::new(Timestamp::now())))).await,
            Self::Dropbox => Server::drive(Vendor::Dropbox).await,
            Self::Box => Server::drive(Vendor::Box).await,
            Self::OneDrive => Server::drive(Vendor::OneDrive).await,
            Self::GoogleDrive => Server::drive(Vendor::GoogleDrive).await,
        };
        let (drive, secret) = server.open();
        Opened {
            provider: self,
            drive,
            secrets: Mutex::new(vec![secret]),
            server,
        }
    }
}

/// A drive of one provider that was empty when the case began.
pub(crate) struct Opened {
    pub(crate) provider: Provider,
    pub(crate) drive: Box<dyn CloudStorage>,
    secrets: Mutex<Vec<String>>,
    server: Server,
}

impl Opened {
    /// How the provider differs from others: what alone decides which promises hold.
    pub(crate) fn capabilities(&self) -> &'static Capabilities {
        self.provider.capabilities()
    }

    /// The bucket that cases work in.
    pub(crate) fn bucket(&self) -> &'static str {
        match self.server {
            Server::S3 { part: None, .. } => BUCKET,
            Server::S3 { .. } => demo_drive::BUCKET,
            Server::Drive { .. } => "",
        }
    }

    /// The drive as another process opens it, later perhaps.
    pub(crate) fn open_again(&self) -> Box<dyn CloudStorage> {
        let (drive, secret) = self.server.open();
        self.secrets.lock().unwrap().push(secret);
        drive
    }

    /// The drive, with credentials that nobody issued.
    pub(crate) fn open_without_access(&self) -> Box<dyn CloudStorage> {
        self.server.open_with("nobody-issued-this")
    }

    /// What must not be seen outside.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.secrets.lock().unwrap().clone()
    }

    /// What time it is, where the provider is.
    pub(crate) fn now(&self) -> Timestamp {
        match &self.server {
            Server::S3 { .. } => Timestamp::now(),
            Server::Drive { now, .. } => *now.lock().unwrap(),
        }
    }

    /// What `make` makes, when it is as old as `age`. [`Opened::drive`] may have no access any more.
    pub(crate) async fn aged<T>(
        &self,
        age: SignedDuration,
        make: impl AsyncFnOnce(&dyn CloudStorage) -> T,
    ) -> T {
        match &self.server {
            // The server goes by the machine's clock: what is to be old is dated back.
            Server::S3 { behind, .. } => {
                *behind.lock().unwrap() = age;
                let result = make(&*self.drive).await;
                *behind.lock().unwrap() = SignedDuration::ZERO;
                result
            }
            Server::Drive { now, .. } => {
                let result = make(&*self.drive).await;
                *now.lock().unwrap() += age;
                result
            }
        }
    }
}

const BUCKET: &str = "photos";
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Where the drive is kept.
enum Server {
    S3 {
        server: S3,
        behind: Arc<Mutex<SignedDuration>>,
        /// What of the platform's bucket is the drive, if it is the platform's.
        part: Option<DemoPrefix>,
        _root: TempDir,
    },
    Drive {
        vendor: Vendor,
        drives: Drives,
        server: DrivesServer,
        now: Arc<Mutex<Timestamp>>,
    },
}

impl Server {
    async fn s3(part: Option<DemoPrefix>) -> Self {
        let root = tempfile::tempdir().unwrap();
        let listen = (Ipv4Addr::LOCALHOST, 0).into();
        let server = S3::start(root.path(), listen, ACCESS_KEY, SECRET_KEY)
            .await
            .unwrap();
        server.create_bucket(BUCKET).unwrap();
        Self::S3 {
            server,
            behind: Arc::default(),
            part,
            _root: root,
        }
    }

    async fn drive(vendor: Vendor) -> Self {
        let now = Arc::new(Mutex::new("2026-11-24T10:00:00Z".parse().unwrap()));
        let time = Arc::clone(&now);
        let drives = Drives::new(move || *time.lock().unwrap());
        let server = drives.start((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        Self::Drive {
            vendor,
            drives,
            server,
            now,
        }
    }

    /// The drive, and the secret that opens it.
    fn open(&self) -> (Box<dyn CloudStorage>, String) {
        let secret = match self {
            Self::S3 { .. } => SECRET_KEY.to_owned(),
            Self::Drive { vendor, drives, .. } => {
                drives.of(*vendor).grant(scopes(*vendor)).access_token
            }
        };
        (self.open_with(&secret), secret)
    }

    fn open_with(&self, secret: &str) -> Box<dyn CloudStorage> {
        match self {
            Self::S3 {
                server,
                behind,
                part,
                ..
            } => {
                let behind = Arc::clone(behind);
                let clock = Clock::from_fn(move || Timestamp::now() - *behind.lock().unwrap());
                if let Some(prefix) = part {
                    let name = BucketName::parse("DEMO_BUCKET", BUCKET, Flavour::Platform);
                    let bucket = DemoBucket::new(&role(server, secret), name.unwrap(), clock);
                    return Box::new(bucket.drive(prefix, Timestamp::UNIX_EPOCH));
                }
                let policy = EgressPolicy {
                    ports: vec![443],
                    allow_loopback: true,
                };
                let url = ServiceUrl::parse("serviceUrl", &server.url(), &policy).unwrap();
                let connection = Connection {
                    flavour: Flavour::Generic,
                    access_key: ACCESS_KEY.into(),
                    secret_key: secret.into(),
                    service_url: Some(url),
                };
                let (egress, regions) = (Egress::new(policy), RegionCache::new());
                Box::new(S3Storage::new(connection, &egress, &regions, clock).unwrap())
            }
            Self::Drive {
                vendor,
                server,
                now,
                ..
            } => {
                let http = Arc::new(DriveHttp::new(Hosts::Simulated(server.url())));
                let now = Arc::clone(now);
                let clock = Clock::from_fn(move || *now.lock().unwrap());
                let token = secret.into();
                match vendor {
                    Vendor::Dropbox => Box::new(DropboxStorage::new(http, token, clock)),
                    Vendor::Box => Box::new(BoxStorage::new(http, token, clock)),
                    Vendor::OneDrive => Box::new(OneDriveStorage::new(http, token, clock)),
                    Vendor::GoogleDrive => Box::new(GoogleDriveStorage::new(http, token, clock)),
                }
            }
        }
    }
}

/// What a function's environment gives it to reach the platform's S3.
fn role(server: &S3, secret: &str) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, secret, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(server.url())
        .build()
}

/// What somebody agrees to who connects a drive.
fn scopes(vendor: Vendor) -> &'static [&'static str] {
    match vendor {
        Vendor::Dropbox => &[
            "account_info.read",
            "files.metadata.read",
            "files.content.read",
            "files.content.write",
        ],
        Vendor::Box => &["root_readwrite"],
        Vendor::OneDrive => &["Files.ReadWrite.All", "offline_access"],
        Vendor::GoogleDrive => &["https://www.googleapis.com/auth/drive"],
    }
}
