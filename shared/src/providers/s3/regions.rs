//! Regions: what names one, and which buckets are known to live where.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::config::Region;
use tokio::time::Instant;

use super::bucket_name::BucketName;

/// So many buckets are remembered in a process.
const ENTRIES_MAX: usize = 4_096;
/// A bucket that was deleted and made again elsewhere is found within this time. Requests notice
/// sooner, by the refusal; a signed URL has nobody to notice it.
const ENTRY_AGE_MAX: Duration = Duration::from_mins(15);

/// A region's name is part of host names and signatures, so an answer may not make one up freely.
pub(super) fn region_named(text: &str) -> Option<Region> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !text.starts_with('-')
        && !text.ends_with('-');
    fits.then(|| Region::new(text.to_owned()))
}

/// The region of one of Amazon's own regional hosts (`s3.<region>.amazonaws.com`, the older
/// `s3-<region>…`, dual-stack, China), with or without a bucket in front. `None` for any other
/// host, among them the accelerate, FIPS and VPC endpoints, which must be used as they are given.
pub(super) fn region_of_amazon_host(host: &str) -> Option<Region> {
    let name = host
        .strip_suffix(".amazonaws.com")
        .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    if is_s3(name) {
        return region_named("us-east-1");
    }
    let (rest, last) = name.rsplit_once('.').unwrap_or(("", name));
    let (service, region) = match last.strip_prefix("s3-") {
        Some(region) => ("s3", region),
        None => (rest.strip_suffix(".dualstack").unwrap_or(rest), last),
    };
    let regional = region.bytes().filter(|byte| *byte == b'-').count() >= 2
        && region.ends_with(|end: char| end.is_ascii_digit());
    (regional && is_s3(service)).then(|| region_named(region))?
}

/// The region of one of Wasabi's own hosts, with or without a bucket in front.
pub(super) fn region_of_wasabi_host(host: &str) -> Option<Region> {
    let name = host.strip_suffix(".wasabisys.com")?;
    if is_s3(name) {
        return region_named("us-east-1");
    }
    let (service, region) = name.rsplit_once('.')?;
    is_s3(service).then(|| region_named(region))?
}

fn is_s3(name: &str) -> bool {
    name.rsplit('.').next() == Some("s3")
}

/// Remembers, for the life of the process, where buckets live. Clones share what they know.
#[derive(Clone, Default)]
pub struct RegionCache(Arc<Shared>);

#[derive(Default)]
struct Shared {
    hasher: RandomState,
    entries: Mutex<HashMap<(u64, String), Known>>,
}

struct Known {
    region: Region,
    since: Instant,
}

impl RegionCache {
    /// A cache that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The part of the cache for one endpoint as one access key sees it, so that no account learns
    /// from what another's server said.
    pub(super) fn scope(&self, endpoint: &str, access_key: &str) -> Scope {
        let account = self.0.hasher.hash_one((endpoint, access_key));
        Scope {
            cache: self.clone(),
            account,
        }
    }
}

/// What one account knows.
#[derive(Clone)]
pub(super) struct Scope {
    cache: RegionCache,
    account: u64,
}

impl Scope {
    /// Where `bucket` lives; `None` asks for the account itself.
    pub(super) fn get(&self, bucket: Option<&BucketName>) -> Option<Region> {
        let entries = self
            .cache
            .0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = entries.get(&self.key(bucket))?;
        (known.since.elapsed() < ENTRY_AGE_MAX).then(|| known.region.clone())
    }

    /// Remembers where `bucket` lives.
    pub(super) fn set(&self, bucket: Option<&BucketName>, region: &Region) {
        let mut entries = self
            .cache
            .0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, known| known.since.elapsed() < ENTRY_AGE_MAX);
        }
        if entries.len() >= ENTRIES_MAX {
            // Learning a region again costs one request; keeping an order of use costs every one.
            entries.clear();
        }
        entries.insert(
            self.key(bucket),
            Known {
                region: region.clone(),
                since: Instant::now(),
            },
        );
    }

    fn key(&self, bucket: Option<&BucketName>) -> (u64, String) {
        (
            self.account,
            bucket
                .map(|name| name.as_str().to_owned())
                .unwrap_or_default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::s3::Flavour;

    #[test]
    fn the_vendors_own_hosts_tell_their_region() {
        for (host, region) in [
            ("s3.amazonaws.com", Some("us-east-1")),
            ("s3.eu-central-1.amazonaws.com", Some("eu-central-1")),
            ("s3-us-west-2.amazonaws.com", Some("us-west-2")),
            (
                "s3.dualstack.ap-southeast-3.amazonaws.com",
                Some("ap-southeast-3"),
            ),
            ("s3.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("s3.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("photos.of.me.s3.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("photos.s3-eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3-accelerate.amazonaws.com", None),
            ("s3-external-1.amazonaws.com", None),
            ("s3-fips.us-east-1.amazonaws.com", None),
            ("vpce-0a1b.s3.us-east-1.vpce.amazonaws.com", None),
            ("ec2.eu-west-1.amazonaws.com", None),
            ("s3.eu-west-1.amazonaws.com.example.com", None),
        ] {
            let found = region_of_amazon_host(host);
            assert_eq!(found.as_ref().map(AsRef::as_ref), region, "{host}");
        }
        for (host, region) in [
            ("s3.wasabisys.com", Some("us-east-1")),
            ("s3.eu-central-2.wasabisys.com", Some("eu-central-2")),
            ("photos.s3.eu-central-2.wasabisys.com", Some("eu-central-2")),
            ("iam.wasabisys.com", None),
            ("s3.wasabisys.com.example.com", None),
        ] {
            let found = region_of_wasabi_host(host);
            assert_eq!(found.as_ref().map(AsRef::as_ref), region, "{host}");
        }
    }

    #[test]
    fn a_region_cannot_carry_a_host_or_a_path() {
        for bad in [
            "",
            "-a",
            "a-",
            "a.b",
            "a/b",
            "a b",
            "a@b",
            "ü",
            &"a".repeat(65),
        ] {
            assert_eq!(region_named(bad), None, "{bad:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_cache_forgets_in_time_and_keeps_accounts_apart() {
        let cache = RegionCache::new();
        let photos = BucketName::parse("storageName", "photos", Flavour::Aws).unwrap();
        let region = region_named("eu-west-1").unwrap();
        let mine = cache.scope("aws", "AKIA1");
        mine.set(Some(&photos), &region);

        assert_eq!(cache.scope("aws", "AKIA1").get(Some(&photos)), Some(region));
        assert_eq!(mine.get(None), None);
        assert_eq!(cache.scope("aws", "AKIA2").get(Some(&photos)), None);
        assert_eq!(
            cache.scope("https://other", "AKIA1").get(Some(&photos)),
            None
        );

        tokio::time::advance(ENTRY_AGE_MAX).await;
        assert_eq!(mine.get(Some(&photos)), None);
    }

    #[test]
    fn the_cache_is_bounded() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let _entered = runtime.enter();
        let cache = RegionCache::new();
        let scope = cache.scope("aws", "AKIA1");
        let region = region_named("eu-west-1").unwrap();
        for number in 0..3 * ENTRIES_MAX {
            let name = BucketName::parse("storageName", &format!("bucket-{number}"), Flavour::Aws);
            scope.set(Some(&name.unwrap()), &region);
        }
        assert!(cache.0.entries.lock().unwrap().len() <= ENTRIES_MAX);
    }
}
