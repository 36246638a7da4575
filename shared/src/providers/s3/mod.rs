//! Amazon S3 and the services that speak its protocol.
//!
//! [`flavour`] holds what sets them apart; everything else is the same for all.

mod api;
mod bucket_name;
mod buckets;
mod deletion;
mod endpoint;
mod errors;
mod flavour;
mod limits;
mod listing;
mod regions;

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

pub use bucket_name::BucketName;
pub use flavour::Flavour;
pub use regions::RegionCache;

use api::Api;
use endpoint::Endpoint;
use errors::Failure;

use crate::domain::content_disposition;
use crate::domain::storage::{
    Bucket, CloudStorage, DownloadOptions, FolderAddress, FolderName, ListRequest, ObjectAddress,
    Page, SignedUrl, UploadOptions,
};
use crate::domain::{Clock, Error, Result};
use crate::net::{Egress, ServiceUrl};

/// What the request calls a bucket.
const BUCKET_FIELD: &str = "storageName";

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
    /// The region in which to begin, if the flavour's usual one is wrong.
    pub region: Option<String>,
}

/// A drive on an S3-compatible service.
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
            region,
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
        let endpoint = Endpoint::new(flavour, service_url.as_ref(), region.as_deref())?;
        let known = regions.scope(endpoint.name(), key_id);
        let api = Api::new(endpoint, &access_key, &secret_key, egress, known);
        Ok(Self { api, clock })
    }

    fn bucket(&self, name: &str) -> Result<BucketName> {
        BucketName::parse(BUCKET_FIELD, name, self.api.flavour())
    }

    /// When a URL made now begins, in whole seconds as signatures have them, and ends.
    fn validity(&self, lifetime: Duration) -> Result<(PresigningConfig, Timestamp)> {
        let beyond =
            |error| Error::internal("a URL's life reaches beyond the calendar").because(error);
        let start = Timestamp::from_second(self.clock.now().as_second()).map_err(beyond)?;
        let expires = start.checked_add(lifetime).map_err(beyond)?;
        let signed_from = SystemTime::try_from(start).map_err(beyond)?;
        let config = PresigningConfig::builder()
            .start_time(signed_from)
            .expires_in(lifetime)
            .build();
        let config = config
            .map_err(|error| Error::internal("a URL's life cannot be signed").because(error))?;
        Ok((config, expires))
    }
}

#[async_trait]
impl CloudStorage for S3Storage {
    async fn check_credentials(&self) -> Result<()> {
        match buckets::probe(&self.api).await {
            // A key may be limited to some buckets. An unknown one, or a wrong secret, is refused
            // with another code before anybody asks what the key may do.
            Err(failure) if failure.status() == 403 && failure.code() == "AccessDenied" => Ok(()),
            result => result.map_err(Failure::into_error),
        }
    }

    async fn list_buckets(&self, with_region: bool) -> Result<Vec<Bucket>> {
        buckets::list(&self.api, with_region).await
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        listing::page(&self.api, &self.bucket(&request.folder.bucket)?, request).await
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

    async fn download_url(
        &self,
        object: &ObjectAddress,
        options: &DownloadOptions,
    ) -> Result<SignedUrl> {
        let bucket = self.bucket(&object.bucket)?;
        let (validity, expires) = self.validity(options.lifetime)?;
        let disposition = options
            .attachment
            .then(|| content_disposition::attachment(object.key.file_name()));
        let client = self
            .api
            .signing_client(&bucket)
            .await
            .map_err(Failure::into_error)?;
        let signed = client
            .get_object()
            .bucket(bucket.as_str())
            .key(object.key.as_str())
            .set_response_content_disposition(disposition)
            .presigned(validity)
            .await
            .map_err(|error| Failure::new("GetObject", &error).into_error())?;
        Ok(SignedUrl {
            url: signed.uri().to_owned(),
            method: "GET",
            headers: Vec::new(),
            expires,
        })
    }

    async fn upload_url(
        &self,
        object: &ObjectAddress,
        options: &UploadOptions,
    ) -> Result<SignedUrl> {
        let bucket = self.bucket(&object.bucket)?;
        let (validity, expires) = self.validity(options.lifetime)?;
        let content_type = options.content_type.as_str();
        let client = self
            .api
            .signing_client(&bucket)
            .await
            .map_err(Failure::into_error)?;
        let signed = client
            .put_object()
            .bucket(bucket.as_str())
            .key(object.key.as_str())
            .content_type(content_type)
            .presigned(validity)
            .await
            .map_err(|error| Failure::new("PutObject", &error).into_error())?;
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Ok(SignedUrl {
            url: signed.uri().to_owned(),
            method: "PUT",
            headers,
            expires,
        })
    }
}
