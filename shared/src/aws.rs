//! How a function reaches AWS: with what its environment holds.
//!
//! Lambda puts region and credentials there. The SDK's default chain would be able to look for them
//! in files and on the network as well; leaving it out makes every function smaller and no start
//! waits for it.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::config::{ConfigError, Source};

/// The AWS services that the functions call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwsService {
    /// Records.
    DynamoDb,
    /// Keys.
    SecretsManager,
    /// Mail.
    Ses,
    /// The platform's own bucket. Users' buckets are reached with their keys, never with this.
    S3,
}

impl AwsService {
    /// The variable that leads this service elsewhere (AWS SDKs and Tools Reference Guide,
    /// "Service-specific endpoints").
    fn endpoint_variable(self) -> &'static str {
        match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::SecretsManager => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            Self::Ses => "AWS_ENDPOINT_URL_SES",
            Self::S3 => "AWS_ENDPOINT_URL_S3",
        }
    }
}

/// The configuration of every service's client, out of the standard variables `AWS_REGION`,
/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and `AWS_ENDPOINT_URL`.
pub(crate) fn from_environment<F: Fn(&str) -> Option<String>>(
    source: &Source<F>,
) -> Result<impl Fn(AwsService) -> SdkConfig + use<F>, ConfigError> {
    let credentials = Credentials::new(
        source.required("AWS_ACCESS_KEY_ID")?,
        source.required("AWS_SECRET_ACCESS_KEY")?,
        source.optional("AWS_SESSION_TOKEN"),
        // Lambda replaces the environment with the credentials in it before they expire.
        None,
        "environment",
    );
    let base = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(source.required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    let everywhere = source.optional("AWS_ENDPOINT_URL");
    let endpoints = [
        AwsService::DynamoDb,
        AwsService::SecretsManager,
        AwsService::Ses,
        AwsService::S3,
    ]
    .map(|service| {
        (
            service,
            source
                .optional(service.endpoint_variable())
                .or_else(|| everywhere.clone()),
        )
    });
    Ok(move |service| {
        let mut config = base.to_builder();
        config.set_endpoint_url(
            endpoints
                .iter()
                .find(|(known, _)| *known == service)
                .and_then(|(_, url)| url.clone()),
        );
        config.build()
    })
}
