//! What a request may use: configuration, keys, records, mail, providers, time.

use std::sync::{Arc, OnceLock};

use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use std::time::Duration;

use crate::aws::{self, AwsService};
use crate::config::{Config, ConfigError, Source};
use crate::database::Database;
use crate::domain::{Clock, Error, Result};
use crate::google_identity::GoogleIdentity;
use crate::limits;
use crate::mail::Mailer;
use crate::providers::Providers;
use crate::providers::demo::DemoBucket;
use crate::providers::refresh::Refresher;
use crate::secrets::Secrets;
use crate::tokens::Tokens;

/// The parts of the service, built once per process. Cloning shares them. A client is built when a
/// request first needs it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    config: Config,
    clock: Clock,
    aws: Box<dyn Fn(AwsService) -> SdkConfig + Send + Sync>,
    secrets: OnceLock<Secrets>,
    database: OnceLock<Database>,
    mailer: OnceLock<Mailer>,
    providers: OnceLock<Providers>,
    demo_bucket: OnceLock<DemoBucket>,
    memory: limits::Memory,
    google_identity: OnceLock<GoogleIdentity>,
}

impl App {
    /// The service as the environment configures it.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let source = Source::environment();
        Ok(Self::over(
            Config::read(&source)?,
            aws::from_environment(&source)?,
            Clock::system(),
        ))
    }

    /// The service with `clock`, over the AWS that `aws` leads to (credentials, region, endpoint).
    pub fn over(
        config: Config,
        aws: impl Fn(AwsService) -> SdkConfig + Send + Sync + 'static,
        clock: Clock,
    ) -> Self {
        Self(Arc::new(Parts {
            config,
            clock,
            aws: Box::new(aws),
            secrets: OnceLock::new(),
            database: OnceLock::new(),
            mailer: OnceLock::new(),
            providers: OnceLock::new(),
            demo_bucket: OnceLock::new(),
            memory: limits::Memory::default(),
            google_identity: OnceLock::new(),
        }))
    }

    fn aws(&self, service: AwsService) -> SdkConfig {
        (self.0.aws)(service)
            .to_builder()
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard())
            .build()
    }

    /// Configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Keys.
    pub fn secrets(&self) -> &Secrets {
        self.0.secrets.get_or_init(|| {
            let client = aws_sdk_secretsmanager::Client::new(&self.aws(AwsService::SecretsManager));
            Secrets::new(
                client,
                self.0.config.secret_id.clone(),
                self.0.clock.clone(),
            )
        })
    }

    /// Tokens.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens::new(self.secrets(), self.clock())
    }

    /// Records.
    pub fn database(&self) -> &Database {
        self.0.database.get_or_init(|| {
            let client = aws_sdk_dynamodb::Client::new(&self.aws(AwsService::DynamoDb));
            Database::new(
                client,
                self.0.config.table_name.clone(),
                self.0.clock.clone(),
            )
        })
    }

    /// Mail.
    pub fn mailer(&self) -> &Mailer {
        self.0.mailer.get_or_init(|| {
            Mailer::new(
                aws_sdk_ses::Client::new(&self.aws(AwsService::Ses)),
                &self.0.config,
            )
        })
    }

    /// Storage providers.
    pub fn providers(&self) -> &Providers {
        self.0.providers.get_or_init(|| {
            let config = &self.0.config;
            Providers::new(
                config.egress.clone(),
                config.drives.clone(),
                self.0.clock.clone(),
            )
        })
    }

    /// The platform's own bucket. Errors: `Internal` if the function has none.
    pub fn demo_bucket(&self) -> Result<&DemoBucket> {
        let name = self.config().demo_bucket.as_ref();
        let name = name.ok_or_else(|| Error::internal("DEMO_BUCKET is not set"))?;
        Ok(self.0.demo_bucket.get_or_init(|| {
            let role = self.aws(AwsService::S3);
            DemoBucket::new(&role, name.clone(), self.0.clock.clone())
        }))
    }

    /// What this instance counts by itself.
    pub fn memory(&self) -> &limits::Memory {
        &self.0.memory
    }

    /// Google's word for who somebody is.
    pub fn google_identity(&self) -> &GoogleIdentity {
        self.0
            .google_identity
            .get_or_init(|| GoogleIdentity::new(&self.0.config, self.0.clock.clone()))
    }

    /// What renews expiring credentials.
    pub fn refresher(&self) -> Refresher<'_> {
        Refresher {
            database: self.database(),
            secrets: self.secrets(),
            providers: self.providers(),
            clock: self.clock(),
            lease: self.config().refresh_lease,
        }
    }
}

/// The SDK has a connect timeout only. A request has 20 s in all, so a call that hangs is given up
/// early enough to be made again; the SDK makes three attempts.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build()
}
