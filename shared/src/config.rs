//! Configuration: read once from the environment, checked at start. Secrets are not in it.

use std::env;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use crate::limits::Limits;
use crate::net::EgressPolicy;
use crate::providers::http::Hosts;
use crate::providers::s3::{BucketName, Flavour};

/// A function is killed after 25 s, or a little later; its lease must not end before.
const LEASE_SECONDS_MIN: u32 = 27;

/// What the environment settles.
#[derive(Debug, Clone)]
pub struct Config {
    /// `TABLE_NAME`: the `DynamoDB` table of every record.
    pub table_name: String,
    /// `SECRET_ID`: name or ARN of the Secrets Manager secret that holds every key.
    pub secret_id: String,
    /// `MAIL_FROM`: the verified sender, as `Name <address>` or an address.
    pub mail_from: String,
    /// `MAIL_REPLY_TO`: where answers to our mails go; none if unset.
    pub mail_reply_to: Option<String>,
    /// `MAIL_CONFIGURATION_SET`: the SES configuration set that mail is sent under, which tells of
    /// bounces and complaints; none if unset.
    pub mail_configuration_set: Option<String>,
    /// `SESSION_HOURS`: how long a login lasts, 1 to 24 hours; default 24.
    pub session_lifetime: Duration,
    /// `CONNECTIONS_FREE_MAX`: the free plan's free connections; default 3.
    pub connections_free_max: usize,
    /// `ANSWER_STEP_MS`: answers that must not tell by their time whether an address is known are
    /// held back to a multiple of so many milliseconds; default 500.
    pub answer_step: Duration,
    /// `EGRESS_PORTS` (default 443,8443,9000,9443) and `EGRESS_ALLOW_LOOPBACK` (default false):
    /// where a `serviceUrl` may lead.
    pub egress: EgressPolicy,
    /// `PUBLIC_URL`: where the function `links` is reached, without a trailing slash. Only a
    /// function that makes links needs it.
    pub public_url: Option<String>,
    /// `DEMO_BUCKET`: the platform's own bucket, which holds the demo drives. Only a function that
    /// reaches one needs it.
    pub demo_bucket: Option<BucketName>,
    /// `OAUTH_REDIRECT_URLS`: the redirect URLs that may be given, comma-separated, each compared
    /// byte for byte; any well-formed one if unset.
    pub redirect_urls: Vec<String>,
    /// `GOOGLE_CLIENT_IDS`: the client ids that Google's ID tokens may be for, comma-separated, one for
    /// each platform of the client; nobody signs in with Google if unset.
    pub google_client_ids: Vec<String>,
    /// `GOOGLE_KEYS_PAUSE_SECONDS`: Google's keys are read again because of a key id that they lack no
    /// sooner than so long after the last time; default 300.
    pub google_keys_pause: SignedDuration,
    /// `REFRESH_LEASE_SECONDS`: for so long a process may refresh an account's tokens undisturbed
    /// without a sign of life; default 30. Longer than a function's timeout and a second.
    pub refresh_lease: SignedDuration,
    /// `RATE_LIMITS`: what differs from the default limits, as `NAME=MAX/SECONDS`, comma-separated.
    pub limits: Limits,
    /// `DRIVES_URL`: for local runs, where the drives' hosts are simulated; refused in Lambda unless
    /// `STAGE=local`.
    pub drives: Hosts,
}

/// A variable is missing or makes no sense. The text names it and never repeats its value.
#[derive(Debug)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads what `source` answers for each variable's name.
    pub fn from_source(source: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::read(&Source(source))
    }

    pub(crate) fn read<F: Fn(&str) -> Option<String>>(
        source: &Source<F>,
    ) -> Result<Self, ConfigError> {
        let allow_loopback = source.parsed("EGRESS_ALLOW_LOOPBACK", false)?;
        let in_lambda = source.optional("AWS_LAMBDA_FUNCTION_NAME").is_some();
        let drives_url = source.base_url("DRIVES_URL")?;
        if in_lambda && source.optional("STAGE").as_deref() != Some("local") {
            // On Lambda, loopback is the Runtime API: the requests of other users. And what is sent
            // to simulators are people's tokens.
            let local_only = [
                ("EGRESS_ALLOW_LOOPBACK", allow_loopback),
                ("DRIVES_URL", drives_url.is_some()),
            ];
            if let Some((name, _)) = local_only.into_iter().find(|(_, set)| *set) {
                return Err(ConfigError(format!("{name} is for STAGE=local only")));
            }
        }
        let lease_seconds: u32 = source.parsed("REFRESH_LEASE_SECONDS", 30)?;
        if lease_seconds < if in_lambda { LEASE_SECONDS_MIN } else { 1 } {
            return Err(ConfigError("REFRESH_LEASE_SECONDS is too short".to_owned()));
        }
        let session_hours = source.parsed("SESSION_HOURS", 24_u64)?;
        if !(1..=24).contains(&session_hours) {
            return Err(ConfigError("SESSION_HOURS must be 1 to 24".to_owned()));
        }
        Ok(Self {
            table_name: source.required("TABLE_NAME")?,
            secret_id: source.required("SECRET_ID")?,
            mail_from: source.required("MAIL_FROM")?,
            mail_reply_to: source.optional("MAIL_REPLY_TO"),
            mail_configuration_set: source.optional("MAIL_CONFIGURATION_SET"),
            session_lifetime: Duration::from_secs(session_hours * 3_600),
            connections_free_max: source.parsed("CONNECTIONS_FREE_MAX", 3)?,
            answer_step: Duration::from_millis(source.parsed("ANSWER_STEP_MS", 500)?),
            egress: EgressPolicy {
                ports: source.ports()?,
                allow_loopback,
            },
            public_url: source.base_url("PUBLIC_URL")?,
            demo_bucket: source.bucket("DEMO_BUCKET")?,
            redirect_urls: source.list("OAUTH_REDIRECT_URLS"),
            google_client_ids: source.list("GOOGLE_CLIENT_IDS"),
            google_keys_pause: SignedDuration::from_secs(
                source
                    .parsed::<u32>("GOOGLE_KEYS_PAUSE_SECONDS", 300)?
                    .into(),
            ),
            refresh_lease: SignedDuration::from_secs(lease_seconds.into()),
            limits: Limits::parse(&source.optional("RATE_LIMITS").unwrap_or_default())
                .ok_or_else(|| ConfigError("RATE_LIMITS makes no sense".to_owned()))?,
            drives: drives_url.map_or(Hosts::Public, Hosts::Simulated),
        })
    }
}

/// Where variables are looked up.
pub(crate) struct Source<F>(F);

impl Source<fn(&str) -> Option<String>> {
    /// The environment of this process.
    pub(crate) fn environment() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where configuration is read"
        )]
        Self(|name| env::var(name).ok())
    }
}

impl<F: Fn(&str) -> Option<String>> Source<F> {
    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &str) -> Result<String, ConfigError> {
        self.optional(name)
            .ok_or_else(|| ConfigError(format!("{name} is not set")))
    }

    fn parsed<T: FromStr>(&self, name: &str, default: T) -> Result<T, ConfigError> {
        match self.optional(name) {
            None => Ok(default),
            Some(value) => value
                .parse()
                .map_err(|_| ConfigError(format!("{name} makes no sense"))),
        }
    }

    /// What is between commas; empty if the variable is not set.
    fn list(&self, name: &str) -> Vec<String> {
        self.optional(name)
            .map(|list| {
                list.split(',')
                    .map(str::trim)
                    .filter(|entry| !entry.is_empty())
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default()
    }

    /// An absolute URL, without a trailing slash.
    fn base_url(&self, name: &str) -> Result<Option<String>, ConfigError> {
        let Some(text) = self.optional(name) else {
            return Ok(None);
        };
        let url = Url::parse(&text).ok();
        match url.filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host()) {
            Some(_) => Ok(Some(text.trim_end_matches('/').to_owned())),
            None => Err(ConfigError(format!("{name} makes no sense"))),
        }
    }

    fn bucket(&self, name: &str) -> Result<Option<BucketName>, ConfigError> {
        self.optional(name)
            .map(|bucket| BucketName::parse(name, &bucket, Flavour::Platform))
            .transpose()
            .map_err(|_| ConfigError(format!("{name} makes no sense")))
    }

    fn ports(&self) -> Result<Vec<u16>, ConfigError> {
        let Some(list) = self.optional("EGRESS_PORTS") else {
            return Ok(EgressPolicy::default().ports);
        };
        // Every provider's own endpoints are on 443.
        std::iter::once("443")
            .chain(list.split(','))
            .map(|port| {
                port.trim()
                    .parse()
                    .map_err(|_| ConfigError("EGRESS_PORTS makes no sense".to_owned()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(extra: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let required = [
            ("TABLE_NAME", "t"),
            ("SECRET_ID", "s"),
            ("MAIL_FROM", "a@b.com"),
        ];
        let all: Vec<_> = extra.iter().chain(&required).copied().collect();
        Config::from_source(move |name| {
            all.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let config = config(&[]).unwrap();
        assert_eq!(config.session_lifetime, Duration::from_hours(24));
        assert_eq!(config.connections_free_max, 3);
        assert!(!config.egress.allow_loopback);
    }

    #[test]
    fn a_missing_or_senseless_variable_is_named() {
        assert_eq!(
            config(&[("TABLE_NAME", "")]).unwrap_err().to_string(),
            "TABLE_NAME is not set"
        );
        for name in [
            "SESSION_HOURS",
            "CONNECTIONS_FREE_MAX",
            "ANSWER_STEP_MS",
            "EGRESS_PORTS",
            "EGRESS_ALLOW_LOOPBACK",
            "PUBLIC_URL",
            "DEMO_BUCKET",
            "REFRESH_LEASE_SECONDS",
            "RATE_LIMITS",
            "GOOGLE_KEYS_PAUSE_SECONDS",
            "DRIVES_URL",
        ] {
            let error = config(&[(name, "-x")]).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("-x"), "{error}");
        }
        assert!(config(&[("SESSION_HOURS", "25")]).is_err());
    }

    #[test]
    fn a_list_is_what_is_between_commas() {
        let config = config(&[("GOOGLE_CLIENT_IDS", "a.example, b.example")]).unwrap();
        assert_eq!(config.google_client_ids, ["a.example", "b.example"]);
    }

    #[test]
    fn a_lease_outlives_the_function_that_holds_it() {
        let lambda = ("AWS_LAMBDA_FUNCTION_NAME", "storage");
        for (seconds, here, deployed) in [
            ("0", false, false),
            ("1", true, false),
            ("26", true, false),
            ("27", true, true),
        ] {
            let lease = ("REFRESH_LEASE_SECONDS", seconds);
            assert_eq!(config(&[lease]).is_ok(), here, "{seconds}");
            assert_eq!(config(&[lease, lambda]).is_ok(), deployed, "{seconds}");
        }
    }

    #[test]
    fn a_deployed_function_never_dials_loopback() {
        let lambda = ("AWS_LAMBDA_FUNCTION_NAME", "storage");
        for local in [
            ("EGRESS_ALLOW_LOOPBACK", "true"),
            ("DRIVES_URL", "http://127.0.0.1:9000/drives"),
        ] {
            assert!(config(&[local, lambda]).is_err());
            assert!(config(&[local, lambda, ("STAGE", "prod")]).is_err());
            assert!(config(&[local, lambda, ("STAGE", "local")]).is_ok());
            assert!(config(&[local]).is_ok());
        }
    }
}
