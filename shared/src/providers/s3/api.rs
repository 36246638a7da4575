//! Requests to one account: the client, its limits, and finding the right region.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation,
    ResponseChecksumValidation, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::BucketLocationConstraint;
use aws_sdk_s3::{Client, Config};
use aws_types::SdkConfig;
use secrecy::{ExposeSecret, SecretString};

use super::bucket_name::BucketName;
use super::endpoint::Endpoint;
use super::errors::Failure;
use super::flavour::{Facts, Flavour, Locate};
use super::limits::{AnswerLimit, RetryAfter};
use super::regions::{RegionCache, Scope, region_named};
use crate::net::Egress;

/// A connection is made within this time.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(2);
/// One attempt at a request takes at most this long.
const ATTEMPT_TIME_MAX: Duration = Duration::from_secs(8);
/// A request with its repetition takes at most this long: callers wait 20 s in all.
const OPERATION_TIME_MAX: Duration = Duration::from_secs(12);
/// A request is made at most so many times.
const ATTEMPTS_MAX: u32 = 2;

/// One account's S3 API. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Api(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    known: Scope,
    config: Builder,
    /// The client of the endpoint's own region, which most requests need.
    client: Client,
}

impl Api {
    /// The API at `endpoint` for one pair of keys.
    pub(super) fn new(
        endpoint: Endpoint,
        access_key: &SecretString,
        secret_key: &SecretString,
        egress: &Egress,
        known: Scope,
    ) -> Self {
        // A bare builder: one made from the process's configuration would sign for users with the
        // role of this service, and one without credentials would send requests unsigned.
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(Credentials::new(
                access_key.expose_secret(),
                secret_key.expose_secret(),
                None,
                None,
                "cloud account",
            ))
            .http_client(egress.http_client())
            .interceptor(egress.interceptor());
        Self::over(endpoint, limited(config), known)
    }

    /// The API of the platform's own storage, with the role, the region and the address that `role`
    /// holds. Never for a user's account.
    pub(super) fn of_platform(role: &SdkConfig) -> Self {
        // Emulators have one host for all buckets.
        let config = Builder::from(role).force_path_style(role.endpoint_url().is_some());
        let region = role.region().cloned();
        let region =
            region.unwrap_or_else(|| Region::from_static(Flavour::Platform.facts().region));
        let known = RegionCache::new().scope("platform", "");
        Self::over(Endpoint::of_platform(region), limited(config), known)
    }

    fn over(endpoint: Endpoint, config: Builder, known: Scope) -> Self {
        let client = Client::from_conf(endpoint.direct(config.clone(), &endpoint.region).build());
        Self(Arc::new(Inner {
            endpoint,
            known,
            config,
            client,
        }))
    }

    /// What answers.
    pub(super) fn flavour(&self) -> Flavour {
        self.0.endpoint.flavour
    }

    /// The facts of what answers.
    pub(super) fn facts(&self) -> &'static Facts {
        self.flavour().facts()
    }

    /// The vendor itself answers.
    pub(super) fn is_vendors_own(&self) -> bool {
        self.0.endpoint.vendors_own
    }

    /// Sends a request about `bucket`, or about the account. If it went to the wrong region, it is
    /// sent once more to the right one, which is remembered.
    pub(super) async fn call<T, E, F, Answer>(
        &self,
        operation: &'static str,
        bucket: Option<&BucketName>,
        send: F,
    ) -> Result<T, Failure>
    where
        F: Fn(Client) -> Answer,
        Answer: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let region = self
            .0
            .known
            .get(bucket)
            .unwrap_or_else(|| self.0.endpoint.region.clone());
        let failure = match send(self.client(&region)).await {
            Ok(answer) => return Ok(answer),
            Err(error) => Failure::new(operation, &error),
        };
        if !failure.is_wrong_region() {
            return Err(failure);
        }
        let right = match (failure.region(), bucket) {
            (Some(region), _) => Some(region.clone()),
            (None, Some(bucket)) => self.find(bucket, self.facts().find_to_sign).await?,
            (None, None) => None,
        };
        let Some(right) = right.filter(|right| *right != region) else {
            return Err(failure);
        };
        let outcome = send(self.client(&right))
            .await
            .map_err(|error| Failure::new(operation, &error));
        if !outcome.as_ref().is_err_and(Failure::is_wrong_region) {
            self.0.known.set(bucket, &right);
        }
        outcome
    }

    /// A client for signing URLs of `bucket`: the region must be right, since nobody can learn it
    /// from the refusal that the URL's user would get.
    pub(super) async fn signing_client(&self, bucket: &BucketName) -> Result<Client, Failure> {
        if let Some(region) = self.0.known.get(Some(bucket)) {
            return Ok(self.client(&region));
        }
        let steps = self.facts().find_to_sign;
        if steps.is_empty() {
            return Ok(self.0.client.clone());
        }
        let found = self.find(bucket, steps).await?;
        let region = found.unwrap_or_else(|| self.0.endpoint.region.clone());
        self.0.known.set(Some(bucket), &region);
        Ok(self.client(&region))
    }

    /// Remembers where a bucket lives.
    pub(super) fn remember(&self, bucket: &BucketName, region: &Region) {
        self.0.known.set(Some(bucket), region);
    }

    /// Asks for the region that users know as the bucket's. `None`: the service does not tell.
    pub(super) async fn told_region(&self, bucket: &BucketName) -> Result<Option<Region>, Failure> {
        self.find(bucket, self.facts().find_to_tell).await
    }

    async fn find(&self, bucket: &BucketName, steps: &[Locate]) -> Result<Option<Region>, Failure> {
        for step in steps {
            let region = match step {
                Locate::Head => self.region_from_head(bucket).await,
                Locate::Location => self.region_from_location(bucket).await,
            };
            match region {
                Ok(Some(region)) => return Ok(Some(region)),
                // Refused, but not without telling.
                Err(failure) if failure.region().is_some() => return Ok(failure.region().cloned()),
                Err(failure) if failure.is_unanswered() => return Err(failure),
                Err(failure) if matches!(failure.status(), 404 | 429 | 500 | 502..) => {
                    return Err(failure);
                }
                // Not told, not allowed or not implemented: another step may be.
                Ok(None) | Err(_) => {}
            }
        }
        Ok(None)
    }

    async fn region_from_head(&self, bucket: &BucketName) -> Result<Option<Region>, Failure> {
        let head = self
            .0
            .client
            .head_bucket()
            .bucket(bucket.as_str())
            .send()
            .await;
        let head = head.map_err(|error| Failure::new("HeadBucket", &error))?;
        let told = head.bucket_region().and_then(region_named);
        Ok(told.or_else(|| Some(self.0.endpoint.region.clone())))
    }

    async fn region_from_location(&self, bucket: &BucketName) -> Result<Option<Region>, Failure> {
        let location = self
            .0
            .client
            .get_bucket_location()
            .bucket(bucket.as_str())
            .send()
            .await;
        let location = location.map_err(|error| Failure::new("GetBucketLocation", &error))?;
        let constraint = location
            .location_constraint()
            .map_or("", BucketLocationConstraint::as_str);
        Ok((self.facts().region_of_location)(constraint)
            .as_deref()
            .and_then(region_named))
    }

    fn client(&self, region: &Region) -> Client {
        if *region == self.0.endpoint.region {
            return self.0.client.clone();
        }
        Client::from_conf(
            self.0
                .endpoint
                .direct(self.0.config.clone(), region)
                .build(),
        )
    }
}

/// What holds for every account: what a server may do to this process, and what is asked of it.
fn limited(config: Builder) -> Builder {
    config
        .interceptor(AnswerLimit)
        // Not every server knows the checksums that the SDK would add and expect.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIME_MAX)
                .operation_attempt_timeout(ATTEMPT_TIME_MAX)
                .operation_timeout(OPERATION_TIME_MAX)
                .build(),
        )
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
        .retry_classifier(RetryAfter)
        // Otherwise all accounts of the process draw on one allowance of retries, and one user's
        // broken server takes them from everybody.
        .retry_partition(
            RetryPartition::custom("account")
                .token_bucket(TokenBucket::default())
                .build(),
        )
        // Answers are small and have a timeout.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}
