//! The platform's own storage, which alone is reached with the function's role.

use aws_types::SdkConfig;
use bytes::Bytes;

use super::S3Storage;
use super::api::Api;
use super::errors::Failure;
use crate::domain::storage::{ContentType, ObjectAddress};
use crate::domain::{Clock, Result};

impl S3Storage {
    /// Opens the storage of the role that `role` holds, without sending anything. Never for a user's
    /// account: the role's buckets are not theirs.
    pub(in crate::providers) fn of_platform(role: &SdkConfig, clock: Clock) -> Self {
        Self {
            api: Api::of_platform(role),
            clock,
        }
    }

    /// Stores `body` over whatever has the key.
    pub(in crate::providers) async fn put(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        body: &Bytes,
    ) -> Result<()> {
        let bucket = self.bucket(&object.bucket)?;
        let put = self.api.call("PutObject", Some(&bucket), |client| {
            client
                .put_object()
                .bucket(bucket.as_str())
                .key(object.key.as_str())
                .content_type(content_type.as_str())
                .body(body.clone().into())
                .send()
        });
        put.await.map(drop).map_err(Failure::into_error)
    }
}
