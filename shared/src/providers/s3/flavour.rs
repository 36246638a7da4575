//! What sets the S3-compatible services apart.

/// An S3-compatible service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Amazon S3.
    Aws,
    /// Wasabi.
    Wasabi,
    /// Any other server that speaks the protocol.
    Generic,
    /// Google Cloud Storage's XML API with HMAC keys.
    GoogleCloud,
    /// Cloudflare R2.
    Cloudflare,
    /// Amazon S3 in this service's own region, under its own role.
    Platform,
}

/// The facts of one flavour.
#[derive(Debug)]
pub(super) struct Facts {
    /// Where requests go when the account has no service URL.
    pub home: Home,
    /// The hosts whose answers keep to the vendor's documentation, beside those of [`Home`].
    pub own_host: fn(&str) -> bool,
    /// The region in signatures until a better one is known.
    pub region: &'static str,
    /// How to find the region that signatures for a bucket must carry, in this order, until a step
    /// tells. Empty: any region will do.
    pub find_to_sign: &'static [Locate],
    /// How to find the region that users know as the bucket's, where the list did not tell.
    pub find_to_tell: &'static [Locate],
    /// The region that a location constraint stands for.
    pub region_of_location: fn(&str) -> Option<String>,
    /// What all buckets answer as their region.
    pub every_region: Option<&'static str>,
    /// How a long list of buckets is divided.
    pub bucket_pages: BucketPages,
    /// `PutObject` keeps to `If-None-Match: *`.
    pub puts_if_absent: bool,
    /// Bucket names may hold underscores, and be longer where they have dots.
    pub domain_buckets: bool,
}

/// Where a flavour lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// One host for each region, of the SDK's own rules; a bucket is a host name where it can be.
    Amazon,
    /// One host for each region.
    Wasabi,
    /// One address.
    Fixed(&'static str),
    /// Only the user knows.
    Given,
}

/// A way to ask where a bucket lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locate {
    /// The header `x-amz-bucket-region` of `HeadBucket`, which refusals have as well. If there is
    /// none in a success, the region of this request is right.
    Head,
    /// `GetBucketLocation`.
    Location,
}

/// How a long list of buckets is divided into pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BucketPages {
    /// The service answers one list.
    One,
    /// `max-buckets` and `continuation-token`. The former also makes the service tell regions.
    MaxBuckets,
    /// Pages of 1,000; the header `cf-start-after` carries the last name of the page before.
    StartAfter,
}

impl Flavour {
    pub(super) fn facts(self) -> &'static Facts {
        match self {
            Self::Aws => &AWS,
            Self::Wasabi => &WASABI,
            Self::Generic => &GENERIC,
            Self::GoogleCloud => &GOOGLE_CLOUD,
            Self::Cloudflare => &CLOUDFLARE,
            Self::Platform => &PLATFORM,
        }
    }
}

// https://docs.aws.amazon.com/general/latest/gr/s3.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
const AWS: Facts = Facts {
    home: Home::Amazon,
    own_host: |_| false,
    region: "us-east-1",
    find_to_sign: &[Locate::Head],
    find_to_tell: &[Locate::Head],
    region_of_location: |location| Some(amazon_region(location)),
    every_region: None,
    bucket_pages: BucketPages::MaxBuckets,
    puts_if_absent: true,
    domain_buckets: false,
};

/// The bucket is where the service is: nothing is to be found.
const PLATFORM: Facts = Facts {
    find_to_sign: &[],
    find_to_tell: &[],
    ..AWS
};

// https://docs.wasabi.com/docs/what-are-the-service-urls-for-wasabis-different-storage-regions
// Every endpoint answers `?location` of every bucket, whatever it answers to other requests.
const WASABI: Facts = Facts {
    home: Home::Wasabi,
    own_host: |_| false,
    region: "us-east-1",
    find_to_sign: &[Locate::Location, Locate::Head],
    find_to_tell: &[Locate::Location],
    region_of_location: |location| Some(amazon_region(location)),
    every_region: None,
    bucket_pages: BucketPages::One,
    puts_if_absent: false,
    domain_buckets: false,
};

const GENERIC: Facts = Facts {
    home: Home::Given,
    own_host: |_| false,
    region: "us-east-1",
    // Most servers take any region or this one; some are configured with their own.
    find_to_sign: &[Locate::Head, Locate::Location],
    find_to_tell: &[Locate::Location],
    // An empty one is what a server says that has no regions.
    region_of_location: |location| (!location.is_empty()).then(|| amazon_region(location)),
    every_region: None,
    bucket_pages: BucketPages::One,
    puts_if_absent: false,
    domain_buckets: false,
};

// https://docs.cloud.google.com/storage/docs/aws-simple-migration
// https://docs.cloud.google.com/storage/docs/authentication/signatures: any region will do.
// https://docs.cloud.google.com/storage/docs/buckets#naming
const GOOGLE_CLOUD: Facts = Facts {
    home: Home::Fixed("https://storage.googleapis.com"),
    own_host: |host| host == "storage.googleapis.com",
    region: "auto",
    find_to_sign: &[],
    find_to_tell: &[Locate::Location],
    // Capitals here, small letters everywhere else at Google.
    region_of_location: |location| Some(location.to_ascii_lowercase()),
    every_region: None,
    bucket_pages: BucketPages::One,
    puts_if_absent: false,
    domain_buckets: true,
};

// https://developers.cloudflare.com/r2/api/s3/api/
// https://developers.cloudflare.com/r2/api/s3/extensions/
const CLOUDFLARE: Facts = Facts {
    home: Home::Given,
    own_host: |host| host.ends_with(".r2.cloudflarestorage.com"),
    region: "auto",
    find_to_sign: &[],
    find_to_tell: &[],
    region_of_location: |_| None,
    every_region: Some("auto"),
    bucket_pages: BucketPages::StartAfter,
    puts_if_absent: true,
    domain_buckets: false,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
fn amazon_region(location: &str) -> String {
    let region = match location {
        "" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    };
    region.to_owned()
}
