//! Amazon S3 and the services that speak its protocol.
//!
//! `flavour.rs` holds what sets them apart; everything else is the same for all.

mod api;
mod bucket_name;
mod buckets;
mod deletion;
mod endpoint;
mod errors;
mod flavour;
mod limits;
mod listing;
mod platform;
mod reading;
mod regions;
mod signing;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use secrecy::{ExposeSecret, SecretString};

pub use bucket_name::BucketName;
pub use flavour::Flavour;
pub use regions::RegionCache;

use api::Api;
use endpoint::Endpoint;
use errors::Failure;

use crate::domain::storage::{
    Bucket, Capabilities, CloudStorage, Content, ContentType, Description, Download,
    DownloadOptions, FolderAddress, FolderName, Folders, ListRequest, ObjectAddress, Offer, Page,
    URL_HOURS_MAX, UploadOptions, UploadTarget,
};
use crate::domain::{Clock, Error, Result};
use crate::net::{Egress, ServiceUrl};

/// What requests call a bucket, except the one that lists it.
const BUCKET_FIELD: &str = "storageName";
/// What that calls it.
const LISTED_BUCKET_FIELD: &str = "bucketName";

/// A URL made at a click is used at once.
const CLICK_LIFETIME: Duration = Duration::from_mins(15);

/// How every S3-compatible service differs from other providers.
pub const CAPABILITIES: Capabilities = Capabilities {
    folders: Folders::Prefixes,
    ids: false,
    duplicate_names: false,
    case_sensitive: true,
    makes_parents: true,
    download_hours_max: URL_HOURS_MAX,
    upload_hours_max: URL_HOURS_MAX,
    redirects_downloads: true,
    binds_content_type: true,
    upload_bytes_max: None,
};

/// How to reach one account.
pub struct Connection {
    /// The service.
    pub flavour: Flavour,
    /// The access key's id: visible ASCII.
    pub access_key: SecretString,
    /// The access key's secret.
    pub secret_key: SecretString,
    /// Where the service is; required for [`Flavour::Generic`] and [`Flavour::Cloudflare`].
    pub service_url: Option<ServiceUrl>,
}

/// A drive on an S3-compatible service.
#[derive(Clone)]
pub struct S3Storage {
    api: Api,
    clock: Clock,
}

impl S3Storage {
    /// Opens an account without sending anything. `regions` is the process's; URLs count their
    /// lifetime from `clock`, requests are dated by the machine's own.
    pub fn new(
        connection: Connection,
        egress: &Egress,
        regions: &RegionCache,
        clock: Clock,
    ) -> Result<Self> {
        let Connection {
            flavour,
            access_key,
            secret_key,
            service_url,
        } = connection;
        let key_id = access_key.expose_secret();
        // It is written into a header.
        if key_id.is_empty() || !key_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid(
                "accessKey",
                "must be ASCII without spaces, and not empty",
            ));
        }
        if secret_key.expose_secret().is_empty() {
            return Err(Error::invalid("secretKey", "must not be empty"));
        }
        let endpoint = Endpoint::new(flavour, service_url.as_ref())?;
        let known = regions.scope(endpoint.name(), key_id);
        let api = Api::new(endpoint, &access_key, &secret_key, egress, known);
        Ok(Self { api, clock })
    }

    fn bucket(&self, name: &str) -> Result<BucketName> {
        BucketName::parse(BUCKET_FIELD, name, self.api.flavour())
    }
}

#[async_trait]
impl CloudStorage for S3Storage {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    async fn check_credentials(&self) -> Result<()> {
        match buckets::probe(&self.api).await {
            // A key may be limited to some buckets. At the vendors, an unknown one or a wrong
            // secret is refused with another code before anybody asks what the key may do; other
            // servers say the same of both (Garage does), so there it proves nothing.
            Err(failure)
                if self.api.is_vendors_own()
                    && failure.status() == 403
                    && failure.code() == "AccessDenied" =>
            {
                Ok(())
            }
            result => result.map_err(Failure::into_error),
        }
    }

    async fn list_buckets(&self, with_region: bool) -> Result<Vec<Bucket>> {
        buckets::list(&self.api, with_region).await
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        let flavour = self.api.flavour();
        let bucket = BucketName::parse(LISTED_BUCKET_FIELD, &request.folder.bucket, flavour)?;
        listing::page(&self.api, &bucket, request).await
    }

    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()> {
        let bucket = self.bucket(&parent.bucket)?;
        let marker = parent.path.join(name)?;
        // Without the condition, a marker that somebody gave content would lose it.
        let absent = self.api.facts().puts_if_absent && self.api.is_vendors_own();
        let put = self.api.call("PutObject", Some(&bucket), |client| {
            let put = client
                .put_object()
                .bucket(bucket.as_str())
                .key(marker.as_str());
            put.set_if_none_match(absent.then(|| "*".to_owned()))
                .body(ByteStream::from_static(b""))
                .send()
        });
        match put.await {
            Err(failure) if absent && failure.status() == 412 => Ok(()),
            result => result.map(drop).map_err(Failure::into_error),
        }
    }

    async fn delete_object(&self, object: &ObjectAddress) -> Result<()> {
        let bucket = self.bucket(&object.bucket)?;
        let key = object.key.as_str();
        if object.key.is_folder() {
            return deletion::folder(&self.api, &bucket, key).await;
        }
        deletion::key(&self.api, &bucket, key)
            .await
            .map_err(Failure::into_error)
    }

    async fn describe(&self, object: &ObjectAddress) -> Result<Description> {
        let bucket = self.bucket(&object.bucket)?;
        reading::describe(&self.api, &bucket, &object.key).await
    }

    async fn download_url(
        &self,
        object: &ObjectAddress,
        options: &DownloadOptions,
    ) -> Result<Offer> {
        self.sign_download(object, options).await.map(Offer::Signed)
    }

    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer> {
        self.sign_upload(object, options).await.map(Offer::Signed)
    }

    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content> {
        if request.through_us {
            let bucket = self.bucket(&object.bucket)?;
            return reading::stream(&self.api, &bucket, &object.key, request.range).await;
        }
        let options = DownloadOptions {
            lifetime: CLICK_LIFETIME,
            attachment: request.attachment,
        };
        let signed = self.sign_download(object, &options).await?;
        Ok(Content::Redirect(signed.url))
    }

    async fn upload_target(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        _size: Option<u64>,
    ) -> Result<UploadTarget> {
        let options = UploadOptions {
            lifetime: CLICK_LIFETIME,
            content_type: content_type.clone(),
        };
        let signed = self.sign_upload(object, &options).await?;
        Ok(UploadTarget::Redirect(signed.url))
    }
}
