//! The servers that stand in for AWS, kept in one directory.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use secrecy::ExposeSecret;
use serde_json::Value;
use shared::aws::AwsService;
use shared::secrets;
use simulators::aws::control::ControlPlane;
use simulators::aws::dynamodb::DynamoDb;
use simulators::aws::feedback::Feedback;
use simulators::aws::mailbox::Mailbox;
use simulators::aws::s3::S3;
use simulators::drives::Drives;

use crate::{BUCKET, DEMO_BUCKET, Options, Result, SECRET, TABLE, bind, seed};

/// What the embedded S3 server lets in. They guard nothing but this machine's loopback.
pub(crate) const S3_ACCESS_KEY: &str = "LOCALACCESSKEY000001";
/// The secret half.
pub(crate) const S3_SECRET_KEY: &str = "local-secret-key-of-the-embedded-s3";
/// Both halves of what the service itself shows.
const ROLE: &str = "local";

/// The embedded servers.
pub(crate) struct Embedded {
    dynamodb: DynamoDb,
    control: ControlPlane,
    s3: S3,
    platform_s3: S3,
    pub(crate) mailbox: Mailbox,
    /// Held for as long as the servers use the directory.
    _lock: File,
}

impl Embedded {
    /// Starts them where an earlier run left off, or empty.
    pub(crate) async fn start(options: &Options) -> Result<Self> {
        let directory = &options.directory;
        fs::create_dir_all(directory).map_err(|error| in_directory(directory, &error))?;
        let lock = lock(directory)?;
        let s3_address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.s3_port));
        if options.fresh {
            // Nothing is forgotten for a start that cannot succeed.
            drop(bind(options.s3_port, "S3_PORT").await?);
            empty(directory).map_err(|error| in_directory(directory, &error))?;
        }

        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let s3 = S3::start(
            &directory.join("s3"),
            s3_address,
            S3_ACCESS_KEY,
            S3_SECRET_KEY,
        )
        .await
        .map_err(|error| format!("{s3_address}: {error}; S3_PORT sets another port"))?;
        if !directory.join("s3").join(BUCKET).exists() {
            s3.create_bucket(BUCKET)?;
            seed::fill(&sdk_config(s3.url(), S3_ACCESS_KEY, S3_SECRET_KEY), BUCKET).await?;
        }
        // Another server: who connects the first one must not see the platform's bucket.
        let platform_root = directory.join("platform-s3");
        let platform_s3 = S3::start(&platform_root, any_port, ROLE, ROLE).await?;
        platform_s3.create_bucket(DEMO_BUCKET)?;
        let dynamodb = DynamoDb::persistent(&directory.join("dynamodb.sqlite"), any_port).await?;
        dynamodb.create_table(TABLE)?;
        let mailbox = Mailbox::persistent(&directory.join("mail.jsonl"))?;
        let control = ControlPlane::start(mailbox.clone(), any_port).await?;
        let keys = keys(&directory.join("keys.json"))?;
        control.set_secret(SECRET, with_apps(&keys, options)?);
        Ok(Self {
            dynamodb,
            control,
            s3,
            platform_s3,
            mailbox,
            _lock: lock,
        })
    }

    pub(crate) fn s3_url(&self) -> String {
        self.s3.url()
    }

    pub(crate) fn feedback(&self) -> Feedback {
        self.control.feedback()
    }

    pub(crate) fn config(&self, service: AwsService) -> SdkConfig {
        let url = match service {
            AwsService::DynamoDb => self.dynamodb.url(),
            AwsService::SecretsManager | AwsService::Ses => self.control.url(),
            AwsService::S3 => self.platform_s3.url(),
        };
        sdk_config(url, ROLE, ROLE)
    }

    pub(crate) async fn stop(self) {
        tokio::join!(
            self.dynamodb.stop(),
            self.control.stop(),
            self.s3.stop(),
            self.platform_s3.stop()
        );
    }
}

/// The keys with the apps that the simulated vendors know, unless the file names apps itself or the
/// vendors are others.
pub(crate) fn with_apps(document: &str, options: &Options) -> Result<String> {
    let mut document: Value = serde_json::from_str(document)?;
    if document.get("oauth").is_none() && options.drives_url.is_none() {
        document["oauth"] = Drives::apps();
    }
    Ok(document.to_string())
}

/// The keys of an earlier run, so that its records open and its sessions last, or fresh ones.
fn keys(file: &Path) -> Result<String> {
    match fs::read_to_string(file) {
        Ok(document) => Ok(document),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let document = secrets::new_document("local")?.expose_secret().to_owned();
            fs::write(file, &document).map_err(|error| in_directory(file, &error))?;
            Ok(document)
        }
        Err(error) => Err(in_directory(file, &error).into()),
    }
}

fn in_directory(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn sdk_config(url: String, access_key: &str, secret_key: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, secret_key, None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build()
}

/// The name of the file by which a runner holds its directory.
const LOCK: &str = "lock";

/// Two runners on one directory would lose each other's data.
fn lock(directory: &Path) -> Result<File> {
    let path = directory.join(LOCK);
    let file = File::create(&path).map_err(|error| in_directory(&path, &error))?;
    file.try_lock().map_err(|error| {
        format!(
            "{}: {error}; another runner is using it, LOCAL_DIR sets another directory",
            directory.display()
        )
    })?;
    Ok(file)
}

/// Removes what earlier runs kept.
fn empty(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
