//! Deleting a folder: there is none, only the keys under a prefix.

use std::time::Duration;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use tokio::time::timeout;

use super::api::Api;
use super::bucket_name::BucketName;
use super::errors::Failure;
use super::limits::concurrently;
use super::listing;
use crate::domain::{Error, Result};

/// A deletion goes on for at most this long: callers wait 20 s in all.
const FOLDER_TIME_MAX: Duration = Duration::from_secs(15);
/// One request lists, and one deletes, so many keys at most.
const BATCH_KEYS: i32 = 1_000;

/// Deletes one key. One that is not there counts as deleted, also by the services that refuse it.
pub(super) async fn key(api: &Api, bucket: &BucketName, key: &str) -> Result<(), Failure> {
    let deleted = api.call("DeleteObject", Some(bucket), |client| {
        client
            .delete_object()
            .bucket(bucket.as_str())
            .key(key)
            .send()
    });
    match deleted.await {
        Err(failure) if failure.code() != "NoSuchKey" => Err(failure),
        _ => Ok(()),
    }
}

/// Deletes everything under `prefix`, the marker of the folder itself last: as long as something
/// is left, so is the folder, and the same request goes on with it.
pub(super) async fn folder(api: &Api, bucket: &BucketName, prefix: &str) -> Result<()> {
    timeout(FOLDER_TIME_MAX, everything_under(api, bucket, prefix))
        .await
        .unwrap_or_else(|_| {
            Err(Error::unavailable(
                "The folder is large and partly deleted; repeat the request to go on.",
            ))
        })
}

async fn everything_under(api: &Api, bucket: &BucketName, prefix: &str) -> Result<()> {
    let mut cursor = None;
    loop {
        let page = listing::keys(api, bucket, prefix, None, cursor.as_deref(), BATCH_KEYS).await?;
        let keys = page
            .files
            .into_iter()
            .map(|file| file.key)
            .filter(|key| key != prefix)
            .collect();
        batch(api, bucket, keys)
            .await
            .map_err(Failure::into_error)?;
        cursor = page.next;
        if cursor.is_none() {
            return key(api, bucket, prefix).await.map_err(Failure::into_error);
        }
    }
}

async fn batch(api: &Api, bucket: &BucketName, keys: Vec<String>) -> Result<(), Failure> {
    let (together, mut alone): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| fits_xml(key));
    match all_at_once(api, bucket, &together).await {
        // A server without it, or one that wants another checksum with it, or fewer keys. If it is
        // something else, it is said again for the single key.
        Err(failure) if failure.is_unsupported() => alone.extend(together),
        result => result?,
    }
    let deletions = alone.into_iter().map(|name| {
        let (api, bucket) = (api.clone(), bucket.clone());
        async move { key(&api, &bucket, &name).await }
    });
    concurrently(deletions, |()| ()).await
}

async fn all_at_once(api: &Api, bucket: &BucketName, keys: &[String]) -> Result<(), Failure> {
    if keys.is_empty() {
        return Ok(());
    }
    let identifiers = keys
        .iter()
        .map(|key| ObjectIdentifier::builder().key(key).build());
    let objects = identifiers.collect::<Result<Vec<_>, _>>();
    let delete = objects.and_then(|objects| {
        Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
    });
    let delete = delete.map_err(|error| Failure::unbuilt("DeleteObjects", &error))?;
    let output = api.call("DeleteObjects", Some(bucket), |client| {
        client
            .delete_objects()
            .bucket(bucket.as_str())
            .delete(delete.clone())
            .send()
    });
    let output = output.await?;
    let mut refused = output
        .errors()
        .iter()
        .map(|error| error.code().unwrap_or_default());
    match refused.find(|code| *code != "NoSuchKey") {
        Some(code) => Err(Failure::of_key(code)),
        None => Ok(()),
    }
}

/// The key arrives as it is in a body of XML: no control characters, which XML 1.0 does not have
/// (<https://www.w3.org/TR/xml/#charsets>), and no white space at an end, which a parser may trim.
fn fits_xml(key: &str) -> bool {
    let fits = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    key.chars().all(fits) && key.trim() == key
}
