//! URLs that carry their own permission.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use jiff::Timestamp;

use super::S3Storage;
use super::errors::Failure;
use crate::domain::storage::{DownloadOptions, ObjectAddress, SignedUrl, UploadOptions};
use crate::domain::{Error, Result, content_disposition};

impl S3Storage {
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

    pub(in crate::providers) async fn sign_download(
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

    pub(in crate::providers) async fn sign_upload(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Clock;
    use crate::domain::storage::{ContentType, ObjectKey};
    use crate::net::{Egress, EgressPolicy, ServiceUrl};
    use crate::providers::s3::{Connection, Flavour, RegionCache, regions};

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
