//! Lists of buckets, and where they live.

use std::convert::Infallible;
use std::time::Duration;

use aws_sdk_s3::config::Region;
use aws_sdk_s3::operation::list_buckets::ListBucketsOutput;
use aws_sdk_s3::types::Bucket as Listed;
use tokio::time::timeout;

use super::api::Api;
use super::bucket_name::BucketName;
use super::errors::Failure;
use super::flavour::BucketPages;
use super::limits::concurrently;
use super::listing::timestamp;
use super::regions::region_named;
use crate::domain::storage::Bucket;
use crate::domain::{Error, Result};

/// A page of a list of buckets, where the service has pages.
const PAGE_BUCKETS: u16 = 1_000;
/// A list of buckets is read this far. Services allow an account 10,000 at most, unless asked.
const PAGES_MAX: usize = 32;
/// A list of buckets is read within this time.
const LIST_TIME_MAX: Duration = Duration::from_secs(10);
/// Regions that are not found in this time are not told.
const LOCATE_TIME_MAX: Duration = Duration::from_secs(8);

/// Asks for as little of the list as the service can answer.
pub(super) async fn probe(api: &Api) -> Result<(), Failure> {
    let one = (api.facts().bucket_pages == BucketPages::MaxBuckets).then_some(1);
    api.call("ListBuckets", None, |client| {
        client.list_buckets().set_max_buckets(one).send()
    })
    .await
    .map(drop)
}

/// Every bucket of the account.
pub(super) async fn list(api: &Api, with_region: bool) -> Result<Vec<Bucket>> {
    let mut listed = timeout(LIST_TIME_MAX, pages(api))
        .await
        .unwrap_or_else(|_| Err(endless()))?;
    let mut regions: Vec<_> = listed
        .iter_mut()
        .map(|bucket| bucket.bucket_region.take())
        .collect();
    if with_region {
        locate(api, &listed, &mut regions).await;
    }
    let buckets = listed
        .into_iter()
        .zip(regions)
        .map(|(bucket, region)| Bucket {
            id: String::new(),
            name: bucket.name.unwrap_or_default(),
            region: region.filter(|_| with_region),
            created: bucket.creation_date.and_then(|date| timestamp(&date)),
        });
    Ok(buckets.collect())
}

async fn pages(api: &Api) -> Result<Vec<Listed>> {
    let mut buckets: Vec<Listed> = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let mut page = page(api, cursor.as_deref())
            .await
            .map_err(Failure::into_error)?;
        let count = page.buckets().len();
        buckets.append(page.buckets.get_or_insert_default());
        cursor = match api.facts().bucket_pages {
            BucketPages::One => None,
            BucketPages::MaxBuckets => page.continuation_token.filter(|token| !token.is_empty()),
            BucketPages::StartAfter if count < PAGE_BUCKETS.into() => None,
            // It goes into a header, so it must not be just anything.
            BucketPages::StartAfter => buckets
                .last()
                .and_then(|bucket| name(api, bucket))
                .map(|name| name.as_str().to_owned()),
        };
        if cursor.is_none() {
            return Ok(buckets);
        }
    }
    Err(endless())
}

fn endless() -> Error {
    Error::unavailable("The storage provider's list of buckets is too long or too slow.")
}

fn name(api: &Api, bucket: &Listed) -> Option<BucketName> {
    BucketName::parse("storageName", bucket.name.as_deref()?, api.flavour()).ok()
}

async fn page(api: &Api, cursor: Option<&str>) -> Result<ListBucketsOutput, Failure> {
    let pages = api.facts().bucket_pages;
    let cursor = cursor.map(str::to_owned);
    let count = (pages == BucketPages::MaxBuckets).then_some(PAGE_BUCKETS.into());
    api.call("ListBuckets", None, |client| {
        let (token, name) = match pages {
            BucketPages::StartAfter => (None, cursor.clone()),
            BucketPages::One | BucketPages::MaxBuckets => (cursor.clone(), None),
        };
        let request = client
            .list_buckets()
            .set_max_buckets(count)
            .set_continuation_token(token);
        request
            .customize()
            .mutate_request(move |request| {
                if let Some(name) = &name {
                    request.headers_mut().insert("cf-start-after", name.clone());
                }
            })
            .send()
    })
    .await
}

/// Fills in the regions that the list did not tell. One that cannot be found stays unknown: it is
/// no reason to hide the rest.
async fn locate(api: &Api, buckets: &[Listed], regions: &mut [Option<String>]) {
    if let Some(region) = api.facts().every_region {
        regions.fill(Some(region.to_owned()));
        return;
    }
    let mut unknown = Vec::new();
    let named = buckets.iter().enumerate();
    for (index, name) in named.filter_map(|(index, bucket)| Some((index, name(api, bucket)?))) {
        match regions[index].as_deref().and_then(region_named) {
            Some(region) => api.remember(&name, &region),
            None => unknown.push((index, name)),
        }
    }
    let tasks = unknown.into_iter().map(|(index, name)| {
        let api = api.clone();
        async move { Ok::<_, Infallible>((index, api.told_region(&name).await.ok().flatten())) }
    });
    let search = concurrently(tasks, |(index, region): (usize, Option<Region>)| {
        regions[index] = region.map(|region| region.to_string());
    });
    timeout(LOCATE_TIME_MAX, search).await.ok();
}
