//! The keys: one Secrets Manager document, cached, refreshed every five minutes and when a key id
//! turns up that the cached document does not know (at most once a minute).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::domain::cloud_account::CloudProvider;
use crate::domain::{Clock, Error, Result};

/// A cached document is used for so long.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// An unknown key id makes the document be read again, but no sooner than this after the last time.
const UNKNOWN_KEY_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// While the secret store fails, requests do not wait for it more often than this.
const FAILURE_PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// The platform's keys.
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    secret_id: String,
    clock: Clock,
    /// Held while reading, so that a cold cache causes one read, whatever the number of requests.
    cached: Mutex<Option<Cached>>,
}

struct Cached {
    /// When the keys were read.
    read: Timestamp,
    /// When that was last tried.
    tried: Timestamp,
    keys: Arc<Keys>,
}

impl Secrets {
    /// Reads `secret_id` through `client` when first asked.
    pub fn new(client: aws_sdk_secretsmanager::Client, secret_id: String, clock: Clock) -> Self {
        Self {
            client,
            secret_id,
            clock,
            cached: Mutex::new(None),
        }
    }

    /// The current keys.
    pub async fn keys(&self) -> Result<Arc<Keys>> {
        self.keys_younger_than(FRESH).await
    }

    /// The current keys, read again if `knows` says that the cached ones lack what is needed: a key
    /// that was rotated in a moment ago on another instance.
    pub async fn keys_that(&self, knows: impl Fn(&Keys) -> bool) -> Result<Arc<Keys>> {
        let keys = self.keys().await?;
        if knows(&keys) {
            Ok(keys)
        } else {
            self.keys_younger_than(UNKNOWN_KEY_PAUSE).await
        }
    }

    async fn keys_younger_than(&self, age: SignedDuration) -> Result<Arc<Keys>> {
        let mut cached = self.cached.lock().await;
        let now = self.clock.now();
        if let Some(cached) = cached.as_ref()
            && (now.duration_since(cached.read) < age
                || now.duration_since(cached.tried) < FAILURE_PAUSE)
        {
            return Ok(Arc::clone(&cached.keys));
        }
        match (self.read().await, cached.as_mut()) {
            (Ok(keys), _) => {
                let keys = Arc::new(keys);
                *cached = Some(Cached {
                    read: now,
                    tried: now,
                    keys: Arc::clone(&keys),
                });
                Ok(keys)
            }
            // An outage of the secret store must not end what still works with the keys we hold.
            (Err(error), Some(cached)) => {
                cached.tried = now;
                tracing::warn!(
                    cause = error.causes(),
                    "keys could not be refreshed; the cached ones serve on"
                );
                Ok(Arc::clone(&cached.keys))
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn read(&self) -> Result<Keys> {
        let answer = self
            .client
            .get_secret_value()
            .secret_id(&self.secret_id)
            .send()
            .await
            .map_err(|error| {
                Error::unavailable("The service is starting. Try again.")
                    .because(error.into_service_error())
            })?;
        let document = answer
            .secret_string()
            .ok_or_else(|| Error::internal("the secret holds no text"))?;
        Keys::parse(document)
    }
}

/// Every key of the platform, by purpose.
pub struct Keys {
    /// Sign sessions (ES256).
    pub sessions: Ring<SessionKey>,
    /// Roots from which the keys of one-shot tokens, codes and cursors are derived.
    pub tokens: Ring<RootKey>,
    /// Roots from which the keys that seal stored credentials are derived.
    pub seal: Ring<RootKey>,
    /// The platform's own registrations with the drives' vendors.
    apps: HashMap<CloudProvider, OAuthApp>,
}

impl Keys {
    /// The platform's registration with `provider`. Errors: `Invalid` if there is none.
    pub fn app(&self, provider: CloudProvider) -> Result<&OAuthApp> {
        self.apps.get(&provider).ok_or_else(|| {
            Error::invalid("cloudType", "this provider is not set up on this service")
        })
    }
}

/// An app that is registered with a drive's vendor.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthApp {
    /// Names the app in URLs that people see.
    pub client_id: String,
    /// Proves that a request comes from the app.
    pub client_secret: SecretString,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys([redacted])")
    }
}

/// Keys of one purpose by id: the active one makes, all of them check.
pub struct Ring<K> {
    active: String,
    keys: HashMap<String, K>,
}

impl<K> Ring<K> {
    /// The key to make with, and its id.
    pub fn active(&self) -> Result<(&str, &K)> {
        let key = self
            .get(&self.active)
            .ok_or_else(|| Error::internal("a key ring lacks its active key"))?;
        Ok((&self.active, key))
    }

    /// The key called `id`.
    pub fn get(&self, id: &str) -> Option<&K> {
        self.keys.get(id)
    }
}

/// A P-256 key pair, ready to sign and to verify.
pub struct SessionKey {
    /// Signs.
    pub signing: EncodingKey,
    /// Verifies.
    pub verifying: DecodingKey,
}

/// 32 random bytes. Never used itself: keys are derived from it, one per purpose.
pub struct RootKey([u8; 32]);

impl RootKey {
    /// The bytes, to derive keys from.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[derive(Deserialize)]
struct Document {
    jwt: RawRing,
    tokens: RawRing,
    seal: RawRing,
    #[serde(default)]
    oauth: HashMap<String, OAuthApp>,
}

#[derive(Deserialize)]
struct RawRing {
    active: String,
    keys: HashMap<String, String>,
}

impl RawRing {
    /// Errors name the ring only: serde and decoders would repeat parts of the keys.
    fn parse<K>(self, name: &str, parse: impl Fn(&[u8]) -> Option<K>) -> Result<Ring<K>> {
        let malformed = || Error::internal(format!("the secret's key ring {name} is malformed"));
        let mut keys = HashMap::new();
        for (id, text) in self.keys {
            let bytes = BASE64.decode(text.as_bytes()).map_err(|_| malformed())?;
            keys.insert(id, parse(&bytes).ok_or_else(malformed)?);
        }
        if !keys.contains_key(&self.active) {
            return Err(malformed());
        }
        Ok(Ring {
            active: self.active,
            keys,
        })
    }
}

impl Keys {
    /// Reads the document: `{"jwt": RING, "tokens": RING, "seal": RING}` with RING
    /// `{"active": ID, "keys": {ID: BASE64}}`. `jwt` keys are P-256 in PKCS#8 DER, the others 32
    /// random bytes. Beside them, for each drive that people may connect by consent, `"oauth":
    /// {NAME: {"clientId": TEXT, "clientSecret": TEXT}}` with NAME one of `dropbox`, `box`,
    /// `onedrive`, `googledrive`.
    pub fn parse(document: &str) -> Result<Self> {
        let document: Document = serde_json::from_str(document)
            .map_err(|_| Error::internal("the secret is not the expected JSON"))?;
        let root = |bytes: &[u8]| bytes.try_into().ok().map(RootKey);
        Ok(Self {
            sessions: document.jwt.parse("jwt", |der| {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok()?;
                Some(SessionKey {
                    signing: EncodingKey::from_ec_der(der),
                    verifying: DecodingKey::from_ec_der(pair.public_key().as_ref()),
                })
            })?,
            tokens: document.tokens.parse("tokens", root)?,
            seal: document.seal.parse("seal", root)?,
            apps: document
                .oauth
                .into_iter()
                .map(|(name, app)| match CloudProvider::of_drive(&name) {
                    Some(provider) => Ok((provider, app)),
                    None => Err(Error::internal(
                        "the secret names an unknown OAuth provider",
                    )),
                })
                .collect::<Result<_>>()?,
        })
    }
}

/// A document of fresh keys, all called `key_id`: a deployment's first secret. See [`Keys::parse`].
pub fn new_document(key_id: &str) -> Result<SecretString> {
    let random = SystemRandom::new();
    let failed = |_| Error::internal("a key could not be made");
    let ring =
        |key: &[u8]| serde_json::json!({"active": key_id, "keys": {key_id: BASE64.encode(key)}});
    let root = || {
        let mut key = [0; 32];
        random.fill(&mut key).map(|()| ring(&key)).map_err(failed)
    };
    let pair =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(failed)?;
    let document =
        serde_json::json!({"jwt": ring(pair.as_ref()), "tokens": root()?, "seal": root()?});
    Ok(document.to_string().into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_new_document_is_read_back() {
        let keys = Keys::parse(new_document("k1").unwrap().expose_secret()).unwrap();
        assert_eq!(keys.sessions.active().unwrap().0, "k1");
        assert!(keys.seal.get("k2").is_none());
    }

    #[test]
    fn an_app_is_found_by_its_provider() {
        let with = |oauth: &str| {
            let document = new_document("k1").unwrap();
            let document = document.expose_secret().strip_suffix('}').unwrap();
            Keys::parse(&format!("{document},\"oauth\":{oauth}}}"))
        };
        let app = r#"{"clientId": "id", "clientSecret": "hunter2"}"#;
        let keys = with(&format!(r#"{{"box": {app}}}"#)).unwrap();
        assert_eq!(keys.app(CloudProvider::Box).unwrap().client_id, "id");
        assert!(keys.app(CloudProvider::Dropbox).is_err());
        assert!(with(&format!(r#"{{"frame": {app}}}"#)).is_err());
    }

    #[test]
    fn a_malformed_document_is_refused_without_repeating_it() {
        let good = new_document("k1").unwrap();
        for (from, to) in [
            ("\"active\":\"k1\"", "\"active\":\"k2\""),
            ("\"k1\":\"", "\"k1\":\"!"),
        ] {
            let error = Keys::parse(&good.expose_secret().replace(from, to)).unwrap_err();
            assert!(error.public().contains("malformed"), "{error}");
        }
        assert!(
            Keys::parse("{\"jwt\": \"hunter2\"}")
                .unwrap_err()
                .causes()
                .is_empty()
        );
    }
}
