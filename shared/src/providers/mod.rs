//! Storage providers: each in its own folder, all behind [`CloudStorage`].

mod failure;
pub mod http;

pub mod box_com;
pub mod dropbox;
pub mod google_drive;
pub mod onedrive;
pub mod s3;

use crate::domain::cloud_account::{CloudAccount, CloudProvider, Credentials};
use crate::domain::storage::CloudStorage;
use crate::domain::{Clock, Error, Result};
use crate::net::{Egress, EgressPolicy, ServiceUrl};
use s3::{Connection, Flavour, RegionCache, S3Storage};

/// Opens cloud accounts. Holds what is worth keeping between requests: the guarded HTTP client with
/// its connections, and the regions of buckets.
pub struct Providers {
    egress: Egress,
    regions: RegionCache,
    clock: Clock,
}

impl Providers {
    /// Providers that are reached within `policy`.
    pub fn new(policy: EgressPolicy, clock: Clock) -> Self {
        Self {
            egress: Egress::new(policy),
            regions: RegionCache::default(),
            clock,
        }
    }

    /// Where a service URL may lead.
    pub fn egress_policy(&self) -> &EgressPolicy {
        self.egress.policy()
    }

    /// The drive behind a stored cloud account.
    pub fn open(&self, account: &CloudAccount) -> Result<Box<dyn CloudStorage>> {
        self.connect(
            account.provider,
            &account.credentials,
            account.service_url.as_deref(),
        )
    }

    /// The drive that `credentials` lead to. Nothing is sent yet. Errors: `Invalid` for a service
    /// URL that the egress policy refuses or for a provider that is not served.
    pub fn connect(
        &self,
        provider: CloudProvider,
        credentials: &Credentials,
        service_url: Option<&str>,
    ) -> Result<Box<dyn CloudStorage>> {
        match provider {
            CloudProvider::Aws => self.s3(Flavour::Aws, credentials, service_url),
            CloudProvider::Wasabi => self.s3(Flavour::Wasabi, credentials, service_url),
            CloudProvider::S3Generic => self.s3(Flavour::Generic, credentials, service_url),
            CloudProvider::GoogleCloud => self.s3(Flavour::GoogleCloud, credentials, service_url),
            CloudProvider::Cloudflare => self.s3(Flavour::Cloudflare, credentials, service_url),
            CloudProvider::Azure
            | CloudProvider::Dropbox
            | CloudProvider::Box
            | CloudProvider::OneDrive
            | CloudProvider::GoogleDrive => Err(Error::invalid(
                "cloudType",
                "this provider cannot be connected yet; use 1, 2, 8, 16 or 64",
            )),
        }
    }

    fn s3(
        &self,
        flavour: Flavour,
        credentials: &Credentials,
        service_url: Option<&str>,
    ) -> Result<Box<dyn CloudStorage>> {
        let (access_key, secret_key) = credentials.key_pair()?;
        // Parsed again at every use, since the policy may have become stricter than at insert.
        let service_url = service_url
            .map(|url| ServiceUrl::parse("serviceUrl", url, self.egress_policy()))
            .transpose()?;
        let connection = Connection {
            flavour,
            access_key,
            secret_key,
            service_url,
        };
        Ok(Box::new(S3Storage::new(
            connection,
            &self.egress,
            &self.regions,
            self.clock.clone(),
        )?))
    }
}
