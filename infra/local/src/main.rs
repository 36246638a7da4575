//! The whole API on this machine: every function's routes in one process, on production paths,
//! against embedded servers. No Docker, no account, no network.
#![expect(clippy::print_stdout, reason = "it talks to the person who started it")]

mod embedded;
mod feedback;
mod outside;
mod pages;
mod people;
mod seed;
mod walkthrough;

use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aws_config::SdkConfig;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use clap::Parser;
use jiff::Timestamp;
use shared::app::App;
use shared::aws::AwsService;
use shared::config::{Config, ConfigError};
use shared::domain::Clock;
use shared::web::client::Peer;
use shared::web::serve;
use simulators::drives::Drives;
use simulators::google_identity::CLIENT_ID;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use embedded::Embedded;
use outside::Outside;

/// A function that fails tells the person why, in one line.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// The table of the local service.
const TABLE: &str = "desktop-api";
/// The secret of the local service.
const SECRET: &str = "desktop-api-keys";
/// Who mails come from.
const MAIL_FROM: &str = "Desktop <no-reply@desktop.example>";
/// What mail is sent under, so that the embedded SES tells of bounces and complaints.
const MAIL_CONFIGURATION_SET: &str = "local";
/// Where the hosts of the drives' vendors are.
const DRIVES_PATH: &str = "/_local/drives";
/// The seeded bucket.
const BUCKET: &str = "demo";
/// The platform's own bucket, which holds the demo drives.
const DEMO_BUCKET: &str = "desktop-api-demo-drives";

/// Runs the whole desktop API on this machine.
#[derive(Parser)]
#[command(name = "local", version)]
struct Options {
    /// The API's port on 127.0.0.1.
    #[arg(long, env = "PORT", default_value_t = 9000)]
    port: u16,
    /// The embedded S3 server's port on 127.0.0.1.
    #[arg(long, env = "S3_PORT", default_value_t = 9001)]
    s3_port: u16,
    /// Where records, files and mails are kept.
    #[arg(long, env = "LOCAL_DIR", default_value_os_t = default_directory())]
    directory: PathBuf,
    /// Start empty: forget everything that an earlier run kept.
    #[arg(long)]
    fresh: bool,
    /// Where the drives' vendors are; empty for the real ones, simulated here if not set.
    #[arg(long, env = "DRIVES_URL")]
    drives_url: Option<String>,
    /// Limit the callers on this machine too, who are otherwise let through however often they call: what is
    /// limited for a person or a mailbox is limited all the same.
    #[arg(long, env = "LIMIT_LOOPBACK")]
    limit_loopback: bool,
    /// Use the AWS at this URL (another emulator, or AWS itself) instead of the embedded servers.
    #[arg(long, env = "AWS_ENDPOINT_URL", hide_env_values = true)]
    aws_endpoint_url: Option<String>,
}

fn default_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local")
}

/// What stands in for AWS.
enum Aws {
    Embedded(Box<Embedded>),
    Outside(Box<Outside>),
}

impl Aws {
    fn config(&self, service: AwsService) -> SdkConfig {
        match self {
            Self::Embedded(embedded) => embedded.config(service),
            Self::Outside(outside) => outside.config(),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    show_warnings();
    let listener = bind(options.port, "PORT").await?;
    let aws = match &options.aws_endpoint_url {
        None => Aws::Embedded(Box::new(Embedded::start(options).await?)),
        Some(url) => Aws::Outside(Box::new(Outside::prepare(url, options).await?)),
    };
    let services = [
        AwsService::DynamoDb,
        AwsService::SecretsManager,
        AwsService::Ses,
        AwsService::S3,
    ];
    let configs = services.map(|service| (service, aws.config(service)));
    let api = format!("http://{}", listener.local_addr()?);
    let simulated = format!("{api}{DRIVES_PATH}");
    let drives_url = options.drives_url.as_deref().unwrap_or(&simulated);
    let app = App::over(
        configuration(&api, drives_url, &aws)?,
        move |service| {
            let config = configs.iter().find(|(known, _)| *known == service);
            config.map_or_else(
                || unreachable!("every service has its configuration"),
                |(_, config)| config.clone(),
            )
        },
        Clock::system(),
    );
    if let Aws::Embedded(embedded) = &aws {
        tokio::spawn(feedback::hand_on(app.clone(), embedded.feedback()));
    }
    let drives = Drives::new(Timestamp::now);
    let router = serve(routes(), app.clone())
        .merge(pages::router(app, &aws))
        .nest(DRIVES_PATH, drives.router(&simulated))
        .nest("/_local/simulators", drives.control())
        .nest("/_local/google", drives.google_identity().control())
        .layer(middleware::from_fn_with_state(
            options.limit_loopback,
            tell_the_peer,
        ));

    println!("{}", walkthrough::text(&api, &aws));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(interrupted()?)
        .await?;

    // Whoever read our output may be gone.
    let _ = writeln!(std::io::stdout(), "\nStopping.");
    if let Aws::Embedded(embedded) = aws {
        embedded.stop().await;
    }
    Ok(())
}

/// Tells the service where a request comes from, as the gateway does.
async fn tell_the_peer(
    State(limit_loopback): State<bool>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    if limit_loopback || !peer.ip().is_loopback() {
        request.extensions_mut().insert(Peer(peer.ip()));
    }
    next.run(request).await
}

/// Every function's routes.
fn routes() -> Router<App> {
    signup::routes()
        .merge(auth::routes())
        .merge(cloud_accounts::routes())
        .merge(storage::routes())
        .merge(log_settings::routes())
        .merge(oauth::routes())
        .merge(links::routes())
}

/// The environment, with defaults that suit this machine.
fn configuration(api: &str, drives_url: &str, aws: &Aws) -> Result<Config, ConfigError> {
    let embedded = matches!(aws, Aws::Embedded(_));
    let google_is_here = drives_url.starts_with(api);
    Config::from_source(|name| {
        #[expect(
            clippy::disallowed_methods,
            reason = "the environment overrides the local defaults"
        )]
        let set = std::env::var(name).ok();
        set.or_else(|| {
            let default = match name {
                "TABLE_NAME" => TABLE,
                "SECRET_ID" => SECRET,
                "MAIL_FROM" => MAIL_FROM,
                "MAIL_CONFIGURATION_SET" if embedded => MAIL_CONFIGURATION_SET,
                "EGRESS_ALLOW_LOOPBACK" => "true",
                "PUBLIC_URL" => api,
                "DEMO_BUCKET" => DEMO_BUCKET,
                "DRIVES_URL" => drives_url,
                "GOOGLE_CLIENT_IDS" if google_is_here => CLIENT_ID,
                // Here keys change when somebody says so, and are wanted at once.
                "GOOGLE_KEYS_PAUSE_SECONDS" if google_is_here => "0",
                _ => return None,
            };
            Some(default.to_owned())
        })
    })
}

/// Requests are logged as in production; the embedded servers keep quiet.
fn show_warnings() {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::prelude::*;

    let targets = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("shared", LevelFilter::INFO)
        .with_target("mail_feedback", LevelFilter::INFO)
        .with_target("dynoxide", LevelFilter::ERROR);
    tracing_subscriber::registry()
        .with(
            tracing_subscriber::fmt::layer()
                .compact()
                .with_target(false),
        )
        .with(targets)
        .init();
}

/// Listens on loopback; `variable` is what sets another port.
async fn bind(port: u16, variable: &str) -> Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("{address}: {error}; {variable} sets another port").into())
}

/// Ends when the person presses Ctrl-C or the process is told to stop.
fn interrupted() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
