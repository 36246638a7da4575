//! Demo drives: parts of the platform's own bucket, reached with the function's own role.
//!
//! What comes in is moved below the drive's prefix before the S3 code sees it, and what comes out is
//! moved back up. No request can say another prefix, so none leaves the drive.

mod address;

use std::time::Duration;

use async_trait::async_trait;
use aws_types::SdkConfig;
use bytes::Bytes;
use jiff::Timestamp;

use address::Place;

use super::s3::{self, BucketName, S3Storage};
use crate::domain::cloud_account::DemoPrefix;
use crate::domain::demo_drive::BUCKET;
use crate::domain::storage::{
    Bucket, Capabilities, CloudStorage, Content, ContentType, Description, Download,
    DownloadOptions, FolderAddress, FolderName, LinkUse, ListRequest, ObjectAddress, Offer, Page,
    RELAY_BYTES_MAX, UploadOptions, UploadTarget,
};
use crate::domain::{Clock, Result};

/// A URL made at a click is used at once. It holds the role's session token, which is good for
/// hours, but only for what the signature says.
const CLICK_LIFETIME: Duration = Duration::from_mins(5);

/// How a demo drive differs from a bucket of the user's own: its URLs are links of ours, since a
/// signature ends with the role's session, and uploads go through us, so that nobody fills the platform's
/// bucket with large files.
pub const CAPABILITIES: Capabilities = Capabilities {
    download_hours_max: 0,
    upload_hours_max: 0,
    upload_bytes_max: Some(RELAY_BYTES_MAX),
    ..s3::CAPABILITIES
};

/// The platform's bucket. Cloning is cheap.
#[derive(Clone)]
pub struct DemoBucket {
    s3: S3Storage,
    region: Option<String>,
    name: BucketName,
}

impl DemoBucket {
    /// The bucket `name` as the role that `role` holds reaches it. Nothing is sent yet.
    pub fn new(role: &SdkConfig, name: BucketName, clock: Clock) -> Self {
        Self {
            s3: S3Storage::of_platform(role, clock),
            region: role.region().map(ToString::to_string),
            name,
        }
    }

    /// The drive below `prefix`, made at `created`.
    pub fn drive(&self, prefix: &DemoPrefix, created: Timestamp) -> DemoStorage {
        DemoStorage {
            s3: self.s3.clone(),
            place: Place::new(&self.name, prefix),
            region: self.region.clone(),
            created,
        }
    }
}

/// A demo drive.
pub struct DemoStorage {
    s3: S3Storage,
    place: Place,
    region: Option<String>,
    created: Timestamp,
}

#[async_trait]
impl CloudStorage for DemoStorage {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    async fn check_credentials(&self) -> Result<()> {
        // The role may list below prefixes, and nothing else of the account.
        let one = ListRequest {
            folder: self.place.root()?,
            cursor: None,
            count: 1,
        };
        self.s3.list_objects(&one).await.map(drop)
    }

    async fn list_buckets(&self, with_region: bool) -> Result<Vec<Bucket>> {
        self.check_credentials().await?;
        Ok(vec![Bucket {
            id: String::new(),
            name: BUCKET.to_owned(),
            region: self.region.clone().filter(|_| with_region),
            created: Some(self.created),
        }])
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        let inner = ListRequest {
            folder: self.place.folder(&request.folder)?,
            ..request.clone()
        };
        let page = self.s3.list_objects(&inner).await?;
        Ok(Page {
            entries: self.place.entries(page.entries),
            next: page.next,
        })
    }

    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()> {
        let parent = self.place.parent(parent, name)?;
        self.s3.create_folder(&parent, name).await
    }

    async fn delete_object(&self, object: &ObjectAddress) -> Result<()> {
        self.s3.delete_object(&self.place.object(object)?).await
    }

    async fn describe(&self, object: &ObjectAddress) -> Result<Description> {
        self.s3.describe(&self.place.object(object)?).await
    }

    async fn download_url(&self, object: &ObjectAddress, _: &DownloadOptions) -> Result<Offer> {
        self.place.object(object)?;
        Ok(Offer::Link(LinkUse::download()))
    }

    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer> {
        self.place.object(object)?;
        let content_type = options.content_type.as_str().to_owned();
        Ok(Offer::Link(LinkUse {
            method: "PUT",
            headers: vec![("Content-Type".to_owned(), content_type)],
        }))
    }

    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content> {
        let object = self.place.object(object)?;
        if request.through_us {
            return self.s3.download(&object, request).await;
        }
        let options = DownloadOptions {
            lifetime: CLICK_LIFETIME,
            attachment: request.attachment,
        };
        // A link of ours answers itself that there is nothing behind it.
        self.s3.describe(&object).await?;
        let signed = self.s3.sign_download(&object, &options).await?;
        Ok(Content::Redirect(signed.url))
    }

    async fn upload_target(
        &self,
        object: &ObjectAddress,
        _content_type: &ContentType,
        _size: Option<u64>,
    ) -> Result<UploadTarget> {
        self.place.object(object)?;
        Ok(UploadTarget::Relay {
            bytes_max: RELAY_BYTES_MAX,
        })
    }

    async fn upload(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        body: Bytes,
    ) -> Result<()> {
        let object = self.place.object(object)?;
        self.s3.put(&object, content_type, &body).await
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
    use aws_types::region::Region;

    use super::*;
    use crate::domain::ids::AccountId;
    use crate::domain::storage::ObjectKey;
    use crate::providers::s3::Flavour;

    /// The service itself is not reached in tests, but URLs are signed for it, without asking it.
    #[tokio::test]
    async fn a_url_leads_to_the_functions_own_region_in_its_own_session() {
        let credentials = Credentials::new("ASIAROLE", "secret", Some("session".into()), None, "");
        let role = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let name = BucketName::parse("DEMO_BUCKET", "platform", Flavour::Platform).unwrap();
        let bucket = DemoBucket::new(&role, name, Clock::system());
        let prefix = DemoPrefix::of(AccountId::new(Timestamp::UNIX_EPOCH));
        let drive = bucket.drive(&prefix, Timestamp::UNIX_EPOCH);
        let object = ObjectAddress {
            bucket: BUCKET.to_owned(),
            id: String::new(),
            key: ObjectKey::parse("key", "a.txt").unwrap(),
        };
        let options = DownloadOptions {
            lifetime: CLICK_LIFETIME,
            attachment: false,
        };
        let object = drive.place.object(&object).unwrap();
        let url = drive.s3.sign_download(&object, &options).await.unwrap().url;
        let host = "https://platform.s3.eu-central-1.amazonaws.com";
        assert!(url.starts_with(&format!("{host}/{}a.txt?", prefix.as_str())));
        for part in [
            "X-Amz-Expires=300&",
            "X-Amz-Security-Token=session",
            "X-Amz-SignedHeaders=host&",
            "%2Feu-central-1%2Fs3%2Faws4_request&",
        ] {
            assert!(url.contains(part), "{part}: {url}");
        }
    }
}
