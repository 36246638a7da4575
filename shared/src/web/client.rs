//! Where a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};

use axum::extract::FromRequestParts;
use http::request::Parts;
use lambda_http::request::RequestContext;

use crate::limits::{Limit, Use};

/// The address at the other end of the connection, where no gateway tells it: an extension of the request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The network that a request comes from, as the gateway or the connection tells it; never as the request
/// itself does. `None` for an event without one, which no stranger can send.
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// One use of each of `limits` by this network. None if it is not known.
    pub fn uses(&self, limits: &[Limit]) -> Vec<Use> {
        let Some(network) = self.network() else {
            return Vec::new();
        };
        limits.iter().map(|limit| limit.of(&network)).collect()
    }

    /// One use of `limit` by this network for `who`. None if the network is not known.
    pub fn use_for(&self, limit: Limit, who: &str) -> Option<Use> {
        let network = self.network()?;
        Some(limit.of(format!("{network} {who}")))
    }

    /// The address, or the first 64 bits of one in IPv6: whoever has one of those has them all.
    pub fn network(&self) -> Option<String> {
        self.0.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                Ipv6Addr::from(network).to_string()
            }
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = match parts.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context
                .http
                .source_ip
                .as_deref()
                .and_then(|address| address.parse().ok()),
            _ => parts.extensions.get::<Peer>().map(|peer| peer.0),
        };
        Ok(Self(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_network_are_one() {
        for (address, network) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            let client = ClientAddress(Some(address.parse().unwrap()));
            assert_eq!(client.network().as_deref(), Some(network));
        }
        assert!(ClientAddress(None).uses(&[Limit::Signup]).is_empty());
    }
}
