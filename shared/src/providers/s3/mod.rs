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
    Bucket, Capabilities, CloudStorage, Content, ContentType, Download, DownloadOptions,
    FolderAddress, FolderName, Folders, ListRequest, ObjectAddress, Offer, Page, SignedUrl,
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

    async fn sign_download(
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

    async fn sign_upload(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::storage::{ContentType, ObjectKey};
    use crate::net::EgressPolicy;

    fn open(flavour: Flavour, url: Option<&str>) -> S3Storage {
        let policy = EgressPolicy::default();
        let connection = Connection {
            flavour,
            access_key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            service_url: url.map(|url| ServiceUrl::parse("serviceUrl", url, &policy).unwrap()),
        };
        let clock = Clock::from_fn(|| "2026-11-23T10:00:00.9Z".parse().unwrap());
        S3Storage::new(connection, &Egress::new(policy), &RegionCache::new(), clock).unwrap()
    }

    /// The vendors' own addresses are not reached in tests, but URLs are signed for them.
    #[tokio::test]
    async fn urls_lead_to_the_vendors_own_hosts() {
        let r2 = "https://0123456789abcdef.r2.cloudflarestorage.com";
        let wasabi = "https://s3.wasabisys.com";
        for (flavour, url, bucket, region, start) in [
            (
                Flavour::Aws,
                None,
                "photos",
                "eu-west-1",
                "https://photos.s3.eu-west-1.amazonaws.com/",
            ),
            (
                Flavour::Aws,
                None,
                "my.photos",
                "eu-west-1",
                "https://s3.eu-west-1.amazonaws.com/my.photos/",
            ),
            (
                Flavour::Aws,
                None,
                "photos",
                "cn-north-1",
                "https://photos.s3.cn-north-1.amazonaws.com.cn/",
            ),
            (
                Flavour::Wasabi,
                Some(wasabi),
                "photos",
                "eu-west-2",
                "https://s3.eu-west-2.wasabisys.com/photos/",
            ),
            (
                Flavour::GoogleCloud,
                None,
                "photos",
                "auto",
                "https://storage.googleapis.com/photos/",
            ),
            (
                Flavour::Cloudflare,
                Some(r2),
                "photos",
                "auto",
                "https://0123456789abcdef.r2.cloudflarestorage.com/photos/",
            ),
        ] {
            let drive = open(flavour, url);
            let name = drive.bucket(bucket).unwrap();
            drive
                .api
                .remember(&name, &regions::region_named(region).unwrap());
            let object = ObjectAddress {
                bucket: bucket.to_owned(),
                id: String::new(),
                key: ObjectKey::parse("key", "a/b c+d%é.txt").unwrap(),
            };
            let lifetime = Duration::from_hours(168);
            let content_type = ContentType::parse("contentType", "text/plain").unwrap();
            let options = UploadOptions {
                lifetime,
                content_type,
            };
            let signed = drive.sign_upload(&object, &options).await.unwrap();

            assert_eq!(signed.expires.to_string(), "2026-11-30T10:00:00Z");
            let query = signed
                .url
                .strip_prefix(&format!("{start}a/b%20c%2Bd%25%C3%A9.txt?"));
            let query = query.unwrap_or_else(|| panic!("{}", signed.url));
            for part in [
                "X-Amz-Algorithm=AWS4-HMAC-SHA256",
                "X-Amz-Date=20261123T100000Z",
                "X-Amz-Expires=604800",
                "X-Amz-SignedHeaders=content-type%3Bhost",
                &format!(
                    "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261123%2F{region}%2Fs3%2Faws4_request"
                ),
            ] {
                assert!(query.split('&').any(|pair| pair == part), "{part}: {query}");
            }
            assert!(!query.contains("checksum"), "{query}");
        }
    }
}
