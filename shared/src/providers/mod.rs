//! Storage providers: each in its own folder, all behind [`CloudStorage`].

mod failure;
pub mod http;
pub mod oauth;
pub mod refresh;

pub mod box_com;
pub mod demo;
pub mod dropbox;
pub mod google_drive;
pub mod onedrive;
pub mod s3;

use std::sync::Arc;

use jiff::SignedDuration;
use secrecy::SecretString;

use crate::domain::cloud_account::{CloudAccount, CloudProvider, Credentials};
use crate::domain::storage::CloudStorage;
use crate::domain::{Clock, Error, Result};
use crate::net::{Egress, EgressPolicy, ServiceUrl};
use crate::secrets::OAuthApp;
use box_com::BoxStorage;
use dropbox::DropboxStorage;
use google_drive::GoogleDriveStorage;
use http::{DriveHttp, Hosts};
use oauth::{OAuthClient, Vendor};
use onedrive::OneDriveStorage;
use refresh::Flights;
use s3::{Connection, Flavour, RegionCache, S3Storage};

/// Opens cloud accounts. Holds what is worth keeping between requests: the guarded HTTP client with
/// its connections, and the regions of buckets.
pub struct Providers {
    egress: Egress,
    regions: RegionCache,
    http: Arc<DriveHttp>,
    flights: Flights,
    clock: Clock,
}

impl Providers {
    /// Providers of which those at addresses that people give are reached within `policy`, and the
    /// drives at `hosts`.
    pub fn new(policy: EgressPolicy, hosts: Hosts, clock: Clock) -> Self {
        Self {
            egress: Egress::new(policy),
            regions: RegionCache::default(),
            http: Arc::new(DriveHttp::new(hosts)),
            flights: Flights::default(),
            clock,
        }
    }

    /// Where a service URL may lead.
    pub fn egress_policy(&self) -> &EgressPolicy {
        self.egress.policy()
    }

    /// The platform's `app` at a drive's vendor. Errors: `Invalid` for a provider that is connected by
    /// keys.
    pub fn oauth<'a>(
        &'a self,
        provider: CloudProvider,
        app: &'a OAuthApp,
    ) -> Result<OAuthClient<'a>> {
        let vendor =
            vendor(provider).ok_or_else(|| Error::invalid("cloudType", "is connected by keys"))?;
        Ok(OAuthClient::new(&self.http, vendor, app))
    }

    /// A grant of `provider` that has been idle for so long is used, lest the vendor let it die;
    /// `None` where none dies of that.
    pub fn keep_alive_after(&self, provider: CloudProvider) -> Option<SignedDuration> {
        vendor(provider)?.keep_alive_after
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
            CloudProvider::Azure => Err(Error::invalid(
                "cloudType",
                "this provider cannot be connected yet; use 1, 2, 8, 16, 64, 128, 256, 512 or 1024",
            )),
            CloudProvider::Dropbox => self.drive(credentials, DropboxStorage::new),
            CloudProvider::Box => self.drive(credentials, BoxStorage::new),
            CloudProvider::OneDrive => self.drive(credentials, OneDriveStorage::new),
            CloudProvider::GoogleDrive => self.drive(credentials, GoogleDriveStorage::new),
        }
    }

    fn drive<D: CloudStorage + 'static>(
        &self,
        credentials: &Credentials,
        open: impl FnOnce(Arc<DriveHttp>, SecretString, Clock) -> D,
    ) -> Result<Box<dyn CloudStorage>> {
        let tokens = credentials.tokens()?;
        let http = Arc::clone(&self.http);
        Ok(Box::new(open(
            http,
            tokens.access_token,
            self.clock.clone(),
        )))
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

/// Whose consent a drive is connected by.
fn vendor(provider: CloudProvider) -> Option<&'static Vendor> {
    match provider {
        CloudProvider::Dropbox => Some(&dropbox::grant::VENDOR),
        CloudProvider::Box => Some(&box_com::grant::VENDOR),
        CloudProvider::OneDrive => Some(&onedrive::grant::VENDOR),
        CloudProvider::GoogleDrive => Some(&google_drive::grant::VENDOR),
        CloudProvider::Aws
        | CloudProvider::Wasabi
        | CloudProvider::Azure
        | CloudProvider::S3Generic
        | CloudProvider::GoogleCloud
        | CloudProvider::Cloudflare => None,
    }
}
