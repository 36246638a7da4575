//! SES and Secrets Manager behind one URL, told apart by their protocols: Secrets Manager's JSON
//! requests name their operation in `X-Amz-Target`, SES's form-encoded ones in `Action`.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::feedback::Feedback;
use super::mailbox::Mailbox;
use super::secrets_manager::Secret;
use super::{secrets_manager, ses};
use crate::server::Server;

/// A mail at SES's limit, form-encoded, where a byte may take three; and some for the rest.
const BODY_BYTES_MAX: usize = 3 * ses::MESSAGE_BYTES_MAX + 64 * 1024;

/// A running stand-in for SES (`SendEmail` of API version 2010-12-01) and Secrets Manager
/// (`GetSecretValue`); dropping it stops the server.
///
/// Requests must be signed and scoped to the right service; the signature is not recomputed. Every
/// sender counts as verified, every configuration set exists, and no quota applies.
pub struct ControlPlane {
    switches: Arc<Switches>,
    server: Server,
}

/// What the tests set and the protocols read.
pub(super) struct Switches {
    pub(super) mailbox: Mailbox,
    pub(super) feedback: Feedback,
    secrets: Mutex<HashMap<String, Secret>>,
    pub(super) secret_reads: AtomicUsize,
    pub(super) secret_failures: AtomicUsize,
    pub(super) mail_fails: AtomicBool,
    unverified: Mutex<HashSet<String>>,
}

impl ControlPlane {
    /// Serves on `listen`; mail goes to `mailbox`.
    pub async fn start(mailbox: Mailbox, listen: SocketAddr) -> io::Result<Self> {
        let switches = Arc::new(Switches {
            mailbox,
            feedback: Feedback::default(),
            secrets: Mutex::default(),
            secret_reads: AtomicUsize::new(0),
            secret_failures: AtomicUsize::new(0),
            mail_fails: AtomicBool::new(false),
            unverified: Mutex::default(),
        });
        let router = Router::new()
            .route("/", post(answer))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::clone(&switches));
        let server = Server::start(listen, router).await?;
        Ok(Self { switches, server })
    }

    /// The endpoint URL for both SDK clients, without a trailing slash.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What SES tells of mail that was sent under a configuration set.
    pub fn feedback(&self) -> Feedback {
        self.switches.feedback.clone()
    }

    /// Makes a secret, or gives it a new version that is current at once.
    pub fn set_secret(&self, name: &str, value: String) {
        self.switches
            .secrets()
            .insert(name.to_owned(), Secret::new(value));
    }

    /// A secret's current value.
    pub fn secret(&self, name: &str) -> Option<String> {
        let secrets = self.switches.secrets();
        secrets.get(name).map(|secret| secret.value().to_owned())
    }

    /// How many signed `GetSecretValue` requests have come, whatever the answer. A client's
    /// automatic retry is a request too.
    pub fn secret_reads(&self) -> usize {
        self.switches.secret_reads.load(Ordering::SeqCst)
    }

    /// While on, SES answers every signed request with 503 `ServiceUnavailable` and takes no mail.
    pub fn fail_mail(&self, fail: bool) {
        self.switches.mail_fails.store(fail, Ordering::SeqCst);
    }

    /// From now on, SES answers mail to `address` with 400 `MessageRejected`, as it does in its sandbox for an
    /// address that is not verified.
    pub fn refuse_mail_to(&self, address: &str) {
        self.switches.unverified().insert(address.to_owned());
    }

    /// Makes the next `times` signed `GetSecretValue` requests fail with 500
    /// `InternalServiceError`; 0 ends it. SDK clients retry that, by default twice.
    pub fn fail_secrets(&self, times: usize) {
        self.switches.secret_failures.store(times, Ordering::SeqCst);
    }

    /// Stops the server when the requests under way are answered.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

impl Switches {
    pub(super) fn secrets(&self) -> MutexGuard<'_, HashMap<String, Secret>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn unverified(&self) -> MutexGuard<'_, HashSet<String>> {
        self.unverified
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(
    State(switches): State<Arc<Switches>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    match content_type {
        "application/x-www-form-urlencoded" => ses::answer(&switches, &headers, &body),
        "application/x-amz-json-1.1" => secrets_manager::answer(&switches, &headers, &body),
        // What the services' front end says of a request in no protocol it knows.
        _ => (StatusCode::NOT_FOUND, "<UnknownOperationException/>\n").into_response(),
    }
}
