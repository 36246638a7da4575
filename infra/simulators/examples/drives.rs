//! Serves the four drives' simulators alone: `cargo run -p simulators --example drives -- PORT`.
#![expect(clippy::print_stdout, reason = "it tells where it listens")]

use std::net::{Ipv4Addr, SocketAddr};

use jiff::Timestamp;
use simulators::drives::Drives;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).unwrap_or_default().parse()?;
    let drives = Drives::new(Timestamp::now);
    let server = drives
        .start(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await?;
    println!("{}", server.url());
    std::future::pending().await
}
