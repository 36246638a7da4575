//! What an object is.

use super::api::Api;
use super::bucket_name::BucketName;
use super::errors::Failure;
use crate::domain::storage::{Description, ObjectKey};
use crate::domain::{Error, Result};

/// `HeadObject`. The marker of a folder is not a file.
pub(super) async fn describe(
    api: &Api,
    bucket: &BucketName,
    key: &ObjectKey,
) -> Result<Description> {
    if key.is_folder() {
        return Err(Error::not_found());
    }
    let head = api.call("HeadObject", Some(bucket), |client| {
        client
            .head_object()
            .bucket(bucket.as_str())
            .key(key.as_str())
            .send()
    });
    let head = head.await.map_err(Failure::into_error)?;
    Ok(Description {
        name: key.file_name().to_owned(),
        size: head
            .content_length
            .and_then(|size| size.try_into().ok())
            .unwrap_or(0),
        content_type: head.content_type,
    })
}
