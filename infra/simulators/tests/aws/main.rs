//! The AWS stand-ins, used as the product uses them: through the real SDK clients.

#![expect(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod dynamodb;
mod feedback;
mod mail;
mod mailbox;
mod s3;
mod s3_keys;
mod s3_listings;
mod s3_writes;
mod secrets;

use std::net::{Ipv4Addr, SocketAddr};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;

const ACCESS_KEY: &str = "AKIDLOCAL";
const SECRET_KEY: &str = "local-secret";

/// Any free port of 127.0.0.1.
fn free_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// Configuration for clients of a stand-in, signing with [`ACCESS_KEY`].
async fn sdk(url: String) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys(ACCESS_KEY, SECRET_KEY, None))
        .endpoint_url(url)
        .load()
        .await
}
