//! The drives that people connect by consent: Dropbox, Box, OneDrive and Google Drive, each with its
//! identity service, its API and its content hosts.
//!
//! One server holds them all. What is at `https://HOST/PATH` in the world is at `ROOT/HOST/PATH`
//! here, so that a request to the wrong one of a vendor's hosts is refused as it would be.
//!
//! What the vendors have in common is in this folder: `grants` is an OAuth 2.0 authorization server,
//! `tree` holds the files, `switches` makes things fail, `consent` is the page that asks, `control`
//! serves state and switches as JSON. What they do not have in common is in a folder for each.

mod clock;
mod consent;
mod control;
pub mod grants;
mod handed_out;
mod switches;
pub mod tree;

mod box_com;
mod dropbox;
mod google_drive;
mod onedrive;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::Router;
use axum::middleware;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub use clock::Clock;
pub use switches::{Fault, Scope};

use crate::google_identity::GoogleIdentity;
use crate::server::Server;
use grants::{Consent, Grants, Issued, Policy};
use handed_out::HandedOut;
use switches::Switches;
use tree::Tree;

/// A vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// Dropbox.
    Dropbox,
    /// Box.
    Box,
    /// Microsoft identity platform and Graph.
    OneDrive,
    /// Google identity and Drive.
    GoogleDrive,
}

impl Vendor {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Dropbox, Self::Box, Self::OneDrive, Self::GoogleDrive];

    /// What it is called in the paths of [`Drives::control`].
    pub fn slug(self) -> &'static str {
        match self {
            Self::Dropbox => "dropbox",
            Self::Box => "box",
            Self::OneDrive => "onedrive",
            Self::GoogleDrive => "googledrive",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Dropbox => "Dropbox",
            Self::Box => "Box",
            Self::OneDrive => "OneDrive",
            Self::GoogleDrive => "Google Drive",
        }
    }

    /// The id of the one app that is registered with the vendor.
    pub fn client_id(self) -> String {
        format!("{}-client", self.slug())
    }

    /// That app's secret.
    pub fn client_secret(self) -> String {
        format!("{}-canary-client-secret", self.slug())
    }
}

/// The four vendors, and Google's identity service, which shares a host with one of them.
#[derive(Clone)]
pub struct Drives {
    simulators: [Simulator; 4],
    google_identity: GoogleIdentity,
}

impl Drives {
    /// Empty drives that live by `clock`.
    pub fn new(clock: impl Fn() -> Timestamp + Clone + Send + Sync + 'static) -> Self {
        let simulator = |vendor| Simulator::new(vendor, Clock::new(clock.clone()));
        Self {
            simulators: Vendor::ALL.map(simulator),
            google_identity: GoogleIdentity::new(clock.clone()),
        }
    }

    /// One vendor.
    pub fn of(&self, vendor: Vendor) -> &Simulator {
        self.simulators
            .iter()
            .find(|simulator| simulator.vendor() == vendor)
            .unwrap_or(&self.simulators[0])
    }

    /// Google's identity service.
    pub fn google_identity(&self) -> &GoogleIdentity {
        &self.google_identity
    }

    /// The vendors' apps, as the platform's secret names them: `{SLUG: {clientId, clientSecret}}`.
    pub fn apps() -> Value {
        let apps = Vendor::ALL.map(|vendor| {
            let app =
                json!({"clientId": vendor.client_id(), "clientSecret": vendor.client_secret()});
            (vendor.slug().to_owned(), app)
        });
        Value::Object(apps.into_iter().collect())
    }

    /// What the world reaches under `root`, the URL (without a trailing slash) that this router will
    /// be served at: the hosts as first segments.
    pub fn router(&self, root: &str) -> Router {
        self.simulators
            .iter()
            .fold(self.google_identity.router(), |router, simulator| {
                simulator.set_root(root);
                let routes = match simulator.vendor() {
                    Vendor::Dropbox => dropbox::routes(),
                    Vendor::Box => box_com::routes(),
                    Vendor::OneDrive => onedrive::routes(),
                    Vendor::GoogleDrive => google_drive::routes(),
                };
                let routes = routes
                    .layer(middleware::from_fn_with_state(
                        simulator.clone(),
                        switches::apply,
                    ))
                    .with_state(simulator.clone());
                router.merge(routes)
            })
    }

    /// State and switches: `/<slug>`, `GET`, `POST` and `DELETE` JSON.
    pub fn control(&self) -> Router {
        control::router(self.clone())
    }

    /// Serves both on `listen`: the hosts at the root, the control under `/control`.
    pub async fn start(&self, listen: SocketAddr) -> io::Result<DrivesServer> {
        let drives = self.clone();
        let server = Server::start_at(listen, |root| {
            drives.router(root).nest("/control", drives.control())
        })
        .await?;
        Ok(DrivesServer(server))
    }
}

/// The drives' server; dropping it stops it.
pub struct DrivesServer(Server);

impl DrivesServer {
    /// The root under which the hosts are, without a trailing slash.
    pub fn url(&self) -> String {
        self.0.url()
    }
}

/// One vendor's service: what it knows, and what is to go wrong. Clones share it.
#[derive(Clone)]
pub struct Simulator(Arc<Parts>);

struct Parts {
    vendor: Vendor,
    clock: Clock,
    root: OnceLock<String>,
    switches: Switches,
    grants: Mutex<Grants>,
    tree: Mutex<Tree>,
    handed_out: Mutex<HandedOut>,
    /// Another life for access tokens than the vendor's own.
    access_lifetime: Mutex<Option<SignedDuration>>,
}

impl Simulator {
    fn new(vendor: Vendor, clock: Clock) -> Self {
        Self(Arc::new(Parts {
            vendor,
            root: OnceLock::new(),
            switches: Switches::default(),
            grants: Mutex::default(),
            tree: Mutex::new(Tree::new(clock.now())),
            handed_out: Mutex::default(),
            access_lifetime: Mutex::default(),
            clock,
        }))
    }

    /// Whose service it is.
    pub fn vendor(&self) -> Vendor {
        self.0.vendor
    }

    /// Its time.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What goes wrong.
    pub fn switches(&self) -> &Switches {
        &self.0.switches
    }

    /// Its OAuth server.
    pub fn grants(&self) -> MutexGuard<'_, Grants> {
        lock(&self.0.grants)
    }

    /// Its files.
    pub fn tree(&self) -> MutexGuard<'_, Tree> {
        lock(&self.0.tree)
    }

    /// Cursors, sessions and URLs that are out there.
    pub(crate) fn handed_out(&self) -> MutexGuard<'_, HandedOut> {
        lock(&self.0.handed_out)
    }

    /// Tokens of somebody who agreed to `scopes`, without the way through the browser.
    pub fn grant(&self, scopes: &[&str]) -> Issued {
        let (policy, now) = (self.policy(), self.clock().now());
        let consent = Consent {
            redirect_uri: String::new(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            challenge: None,
            offline: true,
        };
        let mut grants = self.grants();
        let code = grants.issue_code(&policy, now, consent);
        match grants.redeem(&policy, now, &code, None, None) {
            Ok(issued) => issued,
            Err(error) => unreachable!("a fresh code is good: {error:?}"),
        }
    }

    /// The refresh token would be taken now.
    pub fn is_live(&self, refresh_token: &str) -> bool {
        let (policy, now) = (self.policy(), self.clock().now());
        self.grants().is_live(&policy, now, refresh_token)
    }

    /// How its OAuth server behaves.
    pub(crate) fn policy(&self) -> Policy {
        let mut policy = Policy::of(self.vendor());
        if let Some(lifetime) = *lock(&self.0.access_lifetime) {
            policy.access_lifetime = lifetime;
        }
        policy
    }

    /// Lets the access tokens of from now on live so long; `None` for as long as the vendor's do.
    pub fn set_access_lifetime(&self, lifetime: Option<SignedDuration>) {
        *lock(&self.0.access_lifetime) = lifetime;
    }

    /// Forgets everything, as after a start.
    pub fn reset(&self) {
        self.switches().reset();
        self.set_access_lifetime(None);
        self.clock().reset();
        *self.grants() = Grants::default();
        *self.tree() = Tree::new(self.clock().now());
        *self.handed_out() = HandedOut::default();
    }

    fn set_root(&self, root: &str) {
        self.0.root.set(root.to_owned()).ok();
    }

    /// The URL of `path` (which begins with a slash) on one of the vendor's hosts, as answers name it.
    pub(crate) fn url(&self, host: &str, path: &str) -> String {
        let root = self.0.root.get().map_or("", String::as_str);
        format!("{root}/{host}{path}")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
