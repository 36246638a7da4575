//! The keys that Google publishes, kept for as long as Google says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::domain::{Clock, Error, Result};
use crate::providers::http::{Answer, DriveHttp, Hosts};

const HOST: &str = "www.googleapis.com";
const PATH: &str = "/oauth2/v3/certs";

/// The keys are here after so long, or given up.
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// The keys: at most this many bytes. Two have about 1,200.
const FETCH_BYTES_MAX: usize = 100_000;
/// Keys that come without a life of their own are kept for so long.
const LIFETIME_DEFAULT: SignedDuration = SignedDuration::from_mins(5);
/// Keys are kept for at most so long, whatever is said of them.
const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(24);
/// While Google's keys cannot be read, those at hand serve on for so long.
const STALE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Whoever has keys at hand waits for a failing Google no more often than this.
const FAILURE_PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// Google's keys. A failure to read them is never kept: it is only not repeated by those who waited
/// for its end, nor at once by those who can do with the keys at hand.
pub(super) struct GoogleKeys {
    http: DriveHttp,
    clock: Clock,
    /// An unknown key id makes the keys be read again, but no sooner than this after the last time.
    unknown_key_pause: SignedDuration,
    /// Held while reading, so that many who need the keys cause one read.
    cache: Mutex<Cache>,
    /// How many reads have failed.
    failures: AtomicUsize,
}

#[derive(Default)]
struct Cache {
    published: Option<Published>,
    failed: Option<Timestamp>,
}

struct Published {
    keys: HashMap<String, DecodingKey>,
    read: Timestamp,
    fresh_until: Timestamp,
}

impl GoogleKeys {
    pub(super) fn new(hosts: Hosts, clock: Clock, unknown_key_pause: SignedDuration) -> Self {
        Self {
            http: DriveHttp::new(hosts),
            clock,
            unknown_key_pause,
            cache: Mutex::default(),
            failures: AtomicUsize::new(0),
        }
    }

    /// The key called `kid`; `None` if Google publishes none of that name. Errors: `Unavailable` if
    /// that cannot be told.
    pub(super) async fn get(&self, kid: &str) -> Result<Option<DecodingKey>> {
        let failures = self.failures.load(Ordering::Acquire);
        let mut cache = self.cache.lock().await;
        let now = self.clock.now();
        if let Some(published) = cache.published.as_ref()
            && now < published.fresh_until
        {
            let key = published.keys.get(kid);
            if key.is_some() || now.duration_since(published.read) < self.unknown_key_pause {
                return Ok(key.cloned());
            }
        }
        let failed_meanwhile = self.failures.load(Ordering::Acquire) != failures;
        let failed_just_now = cache.published.is_some()
            && cache
                .failed
                .is_some_and(|failed| now.duration_since(failed) < FAILURE_PAUSE);
        if !(failed_meanwhile || failed_just_now) {
            match self.read(now).await {
                Ok(published) => {
                    let key = published.keys.get(kid).cloned();
                    *cache = Cache {
                        published: Some(published),
                        failed: None,
                    };
                    return Ok(key);
                }
                Err(error) => {
                    let cause = error.causes();
                    tracing::warn!(cause, "Google's keys could not be read");
                    self.failures.fetch_add(1, Ordering::AcqRel);
                    cache.failed = Some(now);
                }
            }
        }
        // An unknown key may be a new one: without an answer of Google's, nobody can tell.
        cache
            .published
            .as_ref()
            .filter(|published| now < published.fresh_until + STALE_MAX)
            .and_then(|published| published.keys.get(kid).cloned())
            .map(Some)
            .ok_or_else(unavailable)
    }

    async fn read(&self, now: Timestamp) -> Result<Published> {
        let request = self
            .http
            .request(Method::GET, HOST, PATH)?
            .timeout(FETCH_TIMEOUT);
        let answer = self.http.send_bounded(request, FETCH_BYTES_MAX).await;
        let answer = answer.map_err(|error| unavailable().because(error))?;
        if answer.status != StatusCode::OK {
            return Err(unavailable().because(format!("answered {}", answer.status.as_u16())));
        }
        let keys = keys(&answer.body);
        if keys.is_empty() {
            return Err(unavailable().because("the answer holds no key"));
        }
        Ok(Published {
            keys,
            read: now,
            fresh_until: now + lifetime(&answer),
        })
    }
}

fn unavailable() -> Error {
    Error::unavailable("Google's answer is needed to check the token and does not come. Try again.")
}

/// A set of JSON Web Keys (RFC 7517 §5).
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// An RSA key for signatures (RFC 7518 §6.3.1).
#[derive(Deserialize)]
struct RsaKey {
    kty: String,
    r#use: Option<String>,
    alg: Option<String>,
    kid: String,
    n: String,
    e: String,
}

/// The keys of a set that RS256 signatures are checked with. One of another kind is nothing to us, and
/// no reason to refuse the others.
fn keys(body: &[u8]) -> HashMap<String, DecodingKey> {
    let set = serde_json::from_slice(body).unwrap_or(KeySet { keys: Vec::new() });
    set.keys
        .into_iter()
        .filter_map(|key| serde_json::from_value::<RsaKey>(key).ok())
        .filter(|key| {
            let is = |value: &Option<String>, wanted| value.as_deref().is_none_or(|v| v == wanted);
            key.kty == "RSA" && is(&key.r#use, "sig") && is(&key.alg, "RS256")
        })
        .filter_map(|key| {
            let decoding = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
            Some((key.kid, decoding))
        })
        .collect()
}

/// For how long an answer may be kept (RFC 9111 §4.2), as far as its servers say.
fn lifetime(answer: &Answer) -> SignedDuration {
    let control = answer.header("cache-control").to_ascii_lowercase();
    let mut directives = control.split(',').map(str::trim);
    if directives
        .clone()
        .any(|directive| matches!(directive, "no-store" | "no-cache"))
    {
        return SignedDuration::ZERO;
    }
    let max_age = directives.find_map(|directive| directive.strip_prefix("max-age="));
    let Some(max_age) = max_age.and_then(|age| age.trim_matches('"').parse::<u32>().ok()) else {
        return LIFETIME_DEFAULT;
    };
    // It has spent a part of its life in caches on the way.
    let age = answer.header("age").parse().unwrap_or(0_u32);
    SignedDuration::from_secs(max_age.saturating_sub(age).into()).min(LIFETIME_MAX)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_lifetime_is_what_cache_control_leaves() {
        for (control, age, seconds) in [
            ("", "", 300),
            ("public", "", 300),
            ("max-age=x", "", 300),
            ("public, max-age=19800, must-revalidate", "", 19_800),
            ("Max-Age=\"60\"", "", 60),
            ("max-age=19800", "19000", 800),
            ("max-age=19800", "30000", 0),
            ("max-age=0", "", 0),
            ("no-store, max-age=19800", "", 0),
            ("max-age=4294967295", "", 86_400),
            ("s-maxage=9", "", 300),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(CACHE_CONTROL, control), (AGE, age)] {
                if !value.is_empty() {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            let answer = Answer {
                status: StatusCode::OK,
                headers,
                body: Bytes::new(),
            };
            assert_eq!(lifetime(&answer).as_secs(), seconds, "{control} {age}");
        }
    }

    #[test]
    fn a_set_gives_its_rsa_signature_keys_only() {
        let rsa =
            json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "a", "n": "AQ", "e": "AQAB"});
        let with = |name: &str, value: Value| {
            let mut key = rsa.clone();
            key[name] = value;
            key
        };
        let count = |key: &Value| keys(json!({"keys": [key]}).to_string().as_bytes()).len();
        assert_eq!(count(&rsa), 1);
        for bad in [
            with("kty", json!("EC")),
            with("use", json!("enc")),
            with("alg", json!("RS512")),
            with("kid", json!(7)),
            with("n", json!("*")),
            json!("key"),
        ] {
            assert_eq!(count(&bad), 0, "{bad}");
        }
        assert_eq!(keys(b"<html>").len(), 0);
        let both = json!({"keys": [with("kty", json!("EC")), rsa]});
        assert!(keys(both.to_string().as_bytes()).contains_key("a"));
    }
}
