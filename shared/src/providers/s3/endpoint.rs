//! Where an account's requests go.

use aws_sdk_s3::config::{Builder, Region};

use super::flavour::{Flavour, Home};
use super::regions::{region_of_amazon_host, region_of_wasabi_host};
use crate::domain::{Error, Result};
use crate::net::ServiceUrl;

/// An address, and the region in which to begin.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// What answers there.
    pub flavour: Flavour,
    /// The region of an account's first request.
    pub region: Region,
    /// The vendor itself answers, not some server at an address that the user gave.
    pub vendors_own: bool,
    address: Address,
}

#[derive(Debug, Clone)]
enum Address {
    Amazon,
    Wasabi,
    Fixed(String),
}

impl Endpoint {
    /// The endpoint for a service URL (required where the flavour has no home).
    ///
    /// The URL of one of the vendor's own regional hosts stands for the vendor, beginning in that
    /// region: an account sees its buckets of other regions there too.
    pub(super) fn new(flavour: Flavour, url: Option<&ServiceUrl>) -> Result<Self> {
        let facts = flavour.facts();
        let region = Region::from_static(facts.region);
        let Some(url) = url else {
            let address = match facts.home {
                Home::Amazon => Address::Amazon,
                Home::Wasabi => Address::Wasabi,
                Home::Fixed(address) => Address::Fixed(address.to_owned()),
                Home::Given => {
                    return Err(Error::invalid(
                        "serviceUrl",
                        "is required for this provider",
                    ));
                }
            };
            return Ok(Self {
                flavour,
                region,
                vendors_own: true,
                address,
            });
        };
        // With a port in it, or without https, it is nobody's public host.
        let host = url.as_str().strip_prefix("https://").unwrap_or_default();
        let regional = match facts.home {
            Home::Amazon => region_of_amazon_host(host).map(|region| (Address::Amazon, region)),
            Home::Wasabi => region_of_wasabi_host(host).map(|region| (Address::Wasabi, region)),
            Home::Fixed(_) | Home::Given => None,
        };
        if let Some((address, region)) = regional {
            return Ok(Self {
                flavour,
                region,
                vendors_own: true,
                address,
            });
        }
        let vendors_own = (facts.own_host)(host);
        Ok(Self {
            flavour,
            region,
            vendors_own,
            address: Address::Fixed(url.as_str().to_owned()),
        })
    }

    /// The platform's own storage in `region`; its address is the client's own configuration's.
    pub(super) fn of_platform(region: Region) -> Self {
        Self {
            flavour: Flavour::Platform,
            region,
            vendors_own: true,
            address: Address::Amazon,
        }
    }

    /// Directs a client to this endpoint in `region`.
    pub(super) fn direct(&self, client: Builder, region: &Region) -> Builder {
        let client = client.region(region.clone());
        match &self.address {
            Address::Amazon => client,
            Address::Wasabi => client
                .endpoint_url(format!("https://s3.{region}.wasabisys.com"))
                .force_path_style(true),
            // With the bucket in the host name, a bucket would choose the host to dial, and a
            // server needs a wildcard certificate.
            Address::Fixed(url) => client.endpoint_url(url).force_path_style(true),
        }
    }

    /// Tells endpoints apart.
    pub(super) fn name(&self) -> &str {
        match &self.address {
            Address::Amazon => "amazon",
            Address::Wasabi => "wasabi",
            Address::Fixed(url) => url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::EgressPolicy;

    fn endpoint(flavour: Flavour, url: Option<&str>) -> Result<Endpoint> {
        let policy = EgressPolicy {
            ports: vec![443, 9000],
            allow_loopback: true,
        };
        let url = url.map(|url| ServiceUrl::parse("serviceUrl", url, &policy).unwrap());
        Endpoint::new(flavour, url.as_ref())
    }

    #[test]
    fn every_flavour_finds_its_endpoint() {
        let r2 = "https://0123456789abcdef.r2.cloudflarestorage.com";
        for (flavour, url, name, region, vendors_own) in [
            (Flavour::Aws, None, "amazon", "us-east-1", true),
            (
                Flavour::Aws,
                Some("https://s3.eu-west-3.amazonaws.com"),
                "amazon",
                "eu-west-3",
                true,
            ),
            (
                Flavour::Aws,
                Some("https://s3-eu-west-1.amazonaws.com/"),
                "amazon",
                "eu-west-1",
                true,
            ),
            (
                Flavour::Aws,
                Some("https://s3.example.com"),
                "https://s3.example.com",
                "us-east-1",
                false,
            ),
            (
                Flavour::Aws,
                Some("https://s3.eu-west-3.amazonaws.com:9000"),
                "https://s3.eu-west-3.amazonaws.com:9000",
                "us-east-1",
                false,
            ),
            (Flavour::Wasabi, None, "wasabi", "us-east-1", true),
            (
                Flavour::Wasabi,
                Some("https://s3.eu-central-2.wasabisys.com"),
                "wasabi",
                "eu-central-2",
                true,
            ),
            (
                Flavour::GoogleCloud,
                None,
                "https://storage.googleapis.com",
                "auto",
                true,
            ),
            (
                Flavour::GoogleCloud,
                Some("https://storage.googleapis.com"),
                "https://storage.googleapis.com",
                "auto",
                true,
            ),
            (Flavour::Cloudflare, Some(r2), r2, "auto", true),
            (
                Flavour::Cloudflare,
                Some("http://127.0.0.1:80"),
                "http://127.0.0.1",
                "auto",
                false,
            ),
            (
                Flavour::Generic,
                Some("https://minio.example.com:9000"),
                "https://minio.example.com:9000",
                "us-east-1",
                false,
            ),
        ] {
            let endpoint = endpoint(flavour, url).unwrap();
            assert_eq!(
                (
                    endpoint.name(),
                    endpoint.region.as_ref(),
                    endpoint.vendors_own
                ),
                (name, region, vendors_own),
                "{flavour:?} {url:?}"
            );
        }
    }

    #[test]
    fn servers_without_a_home_need_an_address() {
        for flavour in [Flavour::Generic, Flavour::Cloudflare] {
            let error = endpoint(flavour, None).unwrap_err();
            assert_eq!(error.public(), "serviceUrl: is required for this provider");
        }
    }
}
