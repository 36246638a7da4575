//! Another AWS than the embedded one: what the service needs is made there if it is missing.

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use secrecy::ExposeSecret;
use shared::secrets;

use crate::{BUCKET, DEMO_BUCKET, MAIL_FROM, Options, Result, SECRET, TABLE};

/// The AWS at an endpoint, ready for the service.
pub(crate) struct Outside {
    url: String,
    config: SdkConfig,
}

impl Outside {
    /// Makes table, secret, sender identity and buckets where they are missing. Credentials and region
    /// are those of the environment or profile; the region defaults to us-east-1.
    pub(crate) async fn prepare(url: &str, options: &Options) -> Result<Self> {
        // Environment, then profile. The default chain would go on to ask the network who we are.
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(ProfileFileRegionProvider::new())
            .or_else("us-east-1");
        let credentials = CredentialsProviderChain::first_try(
            "environment",
            EnvironmentVariableCredentialsProvider::new(),
        )
        .or_else("profile", ProfileFileCredentialsProvider::builder().build());
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region)
            .credentials_provider(credentials);
        let config = loader.endpoint_url(url).load().await;
        create_table(&config).await?;
        create_secret(&config, options).await?;
        let sender = MAIL_FROM
            .rsplit_once('<')
            .map_or(MAIL_FROM, |(_, address)| address.trim_end_matches('>'));
        let ses = aws_sdk_ses::Client::new(&config);
        ses.verify_email_identity()
            .email_address(sender)
            .send()
            .await?;
        for bucket in [BUCKET, DEMO_BUCKET] {
            create_bucket(&config, bucket).await?;
        }
        Ok(Self {
            url: url.to_owned(),
            config,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn config(&self) -> SdkConfig {
        self.config.clone()
    }
}

async fn create_table(config: &SdkConfig) -> Result<()> {
    let client = aws_sdk_dynamodb::Client::new(config);
    let mut request = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest);
    for name in ["pk", "sk", "gsi1pk", "gsi1sk"] {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()?;
        request = request.attribute_definitions(attribute);
    }
    let [hash, range] = key_schema("pk", "sk")?;
    let [index_hash, index_range] = key_schema("gsi1pk", "gsi1sk")?;
    let index = GlobalSecondaryIndex::builder()
        .index_name("gsi1")
        .key_schema(index_hash)
        .key_schema(index_range)
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::All)
                .build(),
        )
        .build()?;
    match request
        .key_schema(hash)
        .key_schema(range)
        .global_secondary_indexes(index)
        .send()
        .await
    {
        Ok(_) => {
            let ttl = TimeToLiveSpecification::builder()
                .attribute_name("ttl")
                .enabled(true)
                .build()?;
            client
                .update_time_to_live()
                .table_name(TABLE)
                .time_to_live_specification(ttl)
                .send()
                .await?;
            Ok(())
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(aws_sdk_dynamodb::operation::create_table::CreateTableError::is_resource_in_use_exception) =>
        {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

fn key_schema(hash: &str, range: &str) -> Result<[KeySchemaElement; 2]> {
    let element = |name, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    Ok([
        element(hash, KeyType::Hash)?,
        element(range, KeyType::Range)?,
    ])
}

async fn create_secret(config: &SdkConfig, options: &Options) -> Result<()> {
    let document = secrets::new_document("local")?;
    let document = crate::embedded::with_apps(document.expose_secret(), options)?;
    let client = aws_sdk_secretsmanager::Client::new(config);
    match client
        .create_secret()
        .name(SECRET)
        .secret_string(document)
        .send()
        .await
    {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(aws_sdk_secretsmanager::operation::create_secret::CreateSecretError::is_resource_exists_exception) =>
        {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

async fn create_bucket(config: &SdkConfig, bucket: &str) -> Result<()> {
    let path_style = aws_sdk_s3::config::Builder::from(config)
        .force_path_style(true)
        .build();
    let client = aws_sdk_s3::Client::from_conf(path_style);
    match client.create_bucket().bucket(bucket).send().await {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(aws_sdk_s3::operation::create_bucket::CreateBucketError::is_bucket_already_owned_by_you) =>
        {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
