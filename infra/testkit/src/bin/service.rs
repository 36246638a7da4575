//! The service as a process of its own: every family's routes over HTTP, configured by the
//! environment as a function is. It prints where it listens.
#![expect(clippy::print_stdout, reason = "it tells where it listens")]

use std::error::Error;
use std::net::Ipv4Addr;

use shared::app::App;
use shared::web::serve;
use testkit::routes;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = App::from_environment()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, serve(routes(), app)).await?;
    Ok(())
}
