//! What an object is, and its bytes.

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use futures_util::{Stream, stream};

use super::api::Api;
use super::bucket_name::BucketName;
use super::errors::Failure;
use crate::domain::storage::{ByteRange, Content, ContentStream, Description, ObjectKey};
use crate::domain::{Error, Result};
use crate::providers::failure::BUSY;
use crate::providers::http::{READ_TIMEOUT, range_text};

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
        size: bytes(head.content_length).unwrap_or(0),
        content_type: head.content_type,
    })
}

/// `GetObject`, of which the head alone is read here.
pub(super) async fn stream(
    api: &Api,
    bucket: &BucketName,
    key: &ObjectKey,
    range: Option<ByteRange>,
) -> Result<Content> {
    if key.is_folder() {
        return Err(Error::not_found());
    }
    let object = api.call("GetObject", Some(bucket), |client| {
        client
            .get_object()
            .bucket(bucket.as_str())
            .key(key.as_str())
            .set_range(range.map(range_text))
            .send()
    });
    match object.await {
        Ok(object) => Ok(Content::Stream(ContentStream {
            name: key.file_name().to_owned(),
            length: bytes(object.content_length),
            // A server that does not know ranges answers the whole.
            part: object.content_range.filter(|_| range.is_some()),
            content_type: object.content_type,
            chunks: Box::pin(chunks(object.body)),
        })),
        Err(failure) if failure.status() == 416 && range.is_some() => {
            Ok(Content::OutOfRange(failure.object_size()))
        }
        Err(failure) => Err(failure.into_error()),
    }
}

fn bytes(length: Option<i64>) -> Option<u64> {
    length?.try_into().ok()
}

/// A body as it comes. The client's timeouts end with the head.
fn chunks(body: ByteStream) -> impl Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold(body, |mut body| async {
        let cut = |cause| Error::unavailable(BUSY).because(cause);
        let next = tokio::time::timeout(READ_TIMEOUT, body.try_next()).await;
        let chunk = next.map_err(|late| cut(late.to_string()))?;
        let chunk = chunk.map_err(|error| cut(error.to_string()))?;
        Ok(chunk.map(|chunk| (chunk, body)))
    })
}
