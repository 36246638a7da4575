//! Google as an identity provider: the keys that it publishes, and the ID tokens that it signs for
//! whoever signs in on its page, which is not here.
//!
//! Written from <https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload>,
//! <https://developers.google.com/identity/gsi/web/guides/verify-google-id-token> and RFC 7515, 7517
//! and 7519.

mod control;
mod keys;

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use keys::SigningKey;

/// The id of the one client that is registered.
pub const CLIENT_ID: &str = "407408718192-desktop.apps.googleusercontent.com";

/// How long a token is valid, in seconds.
const LIFETIME: i64 = 3_600;
/// What Google sends with its keys.
const CACHE_CONTROL: &str = "public, max-age=19800, must-revalidate, no-transform";
/// More than anybody should read of an answer.
const HUGE_BYTES: usize = 1024 * 1024;

/// The keys of every simulator's start, the signing one first: making one takes a while.
static FIRST_KEYS: LazyLock<[SigningKey; 2]> =
    LazyLock::new(|| [SigningKey::generate(), SigningKey::generate()]);

/// Google's identity service. Clones share it.
#[derive(Clone)]
pub struct GoogleIdentity {
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    state: Arc<Mutex<Published>>,
}

struct Published {
    /// The signing key, and the one before; those of the start if `None`.
    keys: Option<[SigningKey; 2]>,
    cache_control: String,
    fetches: usize,
    fault: Option<KeyFault>,
    faults_left: usize,
}

impl Default for Published {
    fn default() -> Self {
        Self {
            keys: None,
            cache_control: CACHE_CONTROL.to_owned(),
            fetches: 0,
            fault: None,
            faults_left: 0,
        }
    }
}

impl Published {
    fn keys(&self) -> &[SigningKey; 2] {
        self.keys.as_ref().unwrap_or_else(|| &FIRST_KEYS)
    }
}

/// What goes wrong when the keys are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum KeyFault {
    /// This status is answered.
    Status {
        /// 4xx or 5xx.
        status: u16,
    },
    /// The keys are answered after so long.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// A megabyte is answered.
    Huge,
    /// A page is answered, with status 200.
    NotJson,
    /// A set without keys is answered.
    NoKeys,
}

impl GoogleIdentity {
    /// A service that lives by `clock`.
    pub fn new(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
            state: Arc::default(),
        }
    }

    /// The hosts as first segments of the path, as for the drives.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/www.googleapis.com/oauth2/v3/certs", get(certs))
            .with_state(self.clone())
    }

    /// Tokens, rotation, state and switches as JSON; see `control`.
    pub fn control(&self) -> Router {
        control::router(self.clone())
    }

    /// A genuine ID token whose claims are [`Self::claims`] of the same `overrides`.
    pub fn id_token(&self, overrides: &Value) -> String {
        let key = self.signing_key();
        key.sign(&key.header(), &self.claims(overrides))
    }

    /// The claims of a token for `jane.doe@gmail.com`, or for the address that `overrides` names, with
    /// each claim in the object `overrides` set, or removed where it is null.
    pub fn claims(&self, overrides: &Value) -> Value {
        let email = overrides["email"].as_str().unwrap_or("jane.doe@gmail.com");
        let now = (self.clock)().as_second();
        let mut claims = json!({
            "iss": "https://accounts.google.com",
            "azp": CLIENT_ID,
            "aud": CLIENT_ID,
            "sub": subject(email),
            "email": email,
            "email_verified": true,
            "name": "Jane Doe",
            "given_name": "Jane",
            "family_name": "Doe",
            "picture": "https://lh3.googleusercontent.com/a/jane=s96-c",
            "iat": now,
            "exp": now + LIFETIME,
            "jti": uuid::Uuid::new_v4().simple().to_string(),
        });
        for (name, value) in overrides.as_object().into_iter().flatten() {
            match (value, claims.as_object_mut()) {
                (Value::Null, Some(claims)) => {
                    claims.remove(name);
                }
                _ => claims[name.as_str()] = value.clone(),
            }
        }
        claims
    }

    /// The key that signs now.
    pub fn signing_key(&self) -> SigningKey {
        self.published().keys()[0].clone()
    }

    /// Signs with a fresh key from now on. The one before it stays published until the next rotation.
    pub fn rotate(&self) {
        let fresh = SigningKey::generate();
        let mut published = self.published();
        let before = published.keys()[0].clone();
        published.keys = Some([fresh, before]);
    }

    /// How often the keys were asked for.
    pub fn key_fetches(&self) -> usize {
        self.published().fetches
    }

    /// Sends this `Cache-Control` with the keys; none if it is empty.
    pub fn set_cache_control(&self, value: &str) {
        value.clone_into(&mut self.published().cache_control);
    }

    /// Lets the next `times` requests for the keys meet `fault`.
    pub fn fail(&self, fault: KeyFault, times: usize) {
        let mut published = self.published();
        published.fault = Some(fault);
        published.faults_left = times;
    }

    /// Forgets rotations, switches and counts.
    pub fn reset(&self) {
        *self.published() = Published::default();
    }

    fn published(&self) -> MutexGuard<'_, Published> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request for the keys; answers the fault that it meets.
    fn count_fetch(&self) -> Option<KeyFault> {
        let mut published = self.published();
        published.fetches += 1;
        published.faults_left = published.faults_left.checked_sub(1)?;
        published.fault.clone()
    }
}

/// 21 digits, the same for the same address: what Google calls its users.
fn subject(email: &str) -> String {
    let hash = digest(&SHA256, email.as_bytes());
    let digits = hash.as_ref()[..20]
        .iter()
        .map(|byte| char::from(b'0' + byte % 10));
    std::iter::once('1').chain(digits).collect()
}

/// `GET https://www.googleapis.com/oauth2/v3/certs`
async fn certs(State(google): State<GoogleIdentity>) -> Response {
    let (mut keys, mut body) = (true, None);
    match google.count_fetch() {
        None => {}
        Some(KeyFault::Status { status }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            return status.into_response();
        }
        Some(KeyFault::Slow { ms }) => tokio::time::sleep(Duration::from_millis(ms)).await,
        Some(KeyFault::Huge) => body = Some(" ".repeat(HUGE_BYTES)),
        Some(KeyFault::NotJson) => body = Some("<!doctype html><title>Sorry</title>".to_owned()),
        Some(KeyFault::NoKeys) => keys = false,
    }
    let published = google.published();
    let body = body.unwrap_or_else(|| {
        let keys: Vec<_> = published
            .keys()
            .iter()
            .filter(|_| keys)
            .map(SigningKey::jwk)
            .collect();
        json!({"keys": keys}).to_string()
    });
    let content_type = (
        header::CONTENT_TYPE,
        "application/json; charset=UTF-8".to_owned(),
    );
    if published.cache_control.is_empty() {
        return ([content_type], body).into_response();
    }
    let cache_control = (header::CACHE_CONTROL, published.cache_control.clone());
    ([content_type, cache_control], body).into_response()
}
