//! The outbound network: no request leaves for an address that a user may influence except through
//! [`Egress`].
//!
//! A user names the endpoint of a storage account, and this service dials it with its own network
//! position: loopback, where the Lambda runtime hands out other users' requests, and everything
//! private around it would answer. Three rules keep a request public, and each one alone stops what
//! the others cannot see:
//!
//! - [`ServiceUrl`] decides which URL may be given: https, a public DNS name, a permitted port.
//! - The HTTP client puts every request it is about to send to the same rules, since an endpoint
//!   rule or a record written by hand may have changed the host after it was accepted.
//! - Its resolver asks once, judges *every* answer and lets the connection use only those answers,
//!   so that a name cannot change its meaning between the check and the connection. It is never
//!   asked for an IP literal, which is why the second rule refuses them.
//!
//! The client follows no redirect and reads no proxy from the environment.

mod address;
mod client;
mod refused;
mod resolver;
mod service_url;
#[cfg(test)]
mod vectors;

use std::net::IpAddr;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::Intercept;

pub use address::is_public;
pub use refused::Refused;
pub use service_url::ServiceUrl;

use client::{GuardedClient, RequestGuard};
use resolver::{GuardedResolver, Lookup};

/// What may be dialled beyond the fixed rules.
#[derive(Clone, Debug)]
pub struct EgressPolicy {
    /// The ports that a public host may be dialled on.
    pub ports: Vec<u16>,
    /// Whether `127.0.0.1`, `[::1]` and `localhost` may be dialled, on any port and without TLS.
    /// Private networks stay closed. Only for a run on one's own machine.
    pub allow_loopback: bool,
}

impl Default for EgressPolicy {
    /// HTTPS, its usual alternative and the two ports that self-hosted object stores use.
    fn default() -> Self {
        Self {
            ports: vec![443, 8443, 9000, 9443],
            allow_loopback: false,
        }
    }
}

/// The way out: an HTTP client that reaches public addresses only.
///
/// Clones share the client and its connections.
#[derive(Clone, Debug)]
pub struct Egress {
    policy: Arc<EgressPolicy>,
    client: SharedHttpClient,
}

impl Egress {
    /// The way out under `policy`, with the names of the system's resolver.
    ///
    /// TLS and its root certificates are set up at the first request, not here.
    pub fn new(policy: EgressPolicy) -> Self {
        Self::build(policy, Lookup::System)
    }

    /// The same, with `resolver` answering for the names. Its answers are judged like any others.
    pub fn with_resolver(
        policy: EgressPolicy,
        resolver: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        Self::build(policy, Lookup::Given(Arc::new(resolver)))
    }

    fn build(policy: EgressPolicy, lookup: Lookup) -> Self {
        let policy = Arc::new(policy);
        let resolver = GuardedResolver::new(Arc::clone(&policy), lookup);
        let client = SharedHttpClient::new(GuardedClient::new(Arc::clone(&policy), resolver));
        Self { policy, client }
    }

    /// The HTTP client, for everything that dials an address which a user may influence.
    pub fn http_client(&self) -> SharedHttpClient {
        self.client.clone()
    }

    /// Refuses a forbidden request inside an AWS client, so that one which was given another HTTP
    /// client by mistake still cannot dial an IP literal.
    pub fn interceptor(&self) -> impl Intercept + use<> {
        RequestGuard::new(Arc::clone(&self.policy))
    }

    /// What may be dialled.
    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }
}
