//! `cargo xtask secret`: the document that a new deployment's secret starts with.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Three keyrings with one fresh key each. Rotating adds a key under a new id and makes it the
/// active one; the old id stays until nothing carries it any more.
pub(crate) fn fresh() -> Result<Value, Unspecified> {
    let id = key_id(Timestamp::now());
    Ok(json!({
        "jwt": keyring(&id, &signing_key()?),
        "tokens": keyring(&id, &symmetric_key()?),
        "seal": keyring(&id, &symmetric_key()?),
    }))
}

/// The day of birth, so that an operator sees how old a key is.
fn key_id(now: Timestamp) -> String {
    now.strftime("k%Y%m%d").to_string()
}

fn keyring(id: &str, key: &str) -> Value {
    json!({ "active": id, "keys": { id: key } })
}

fn signing_key() -> Result<String, Unspecified> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
    Ok(BASE64.encode(key.as_ref()))
}

fn symmetric_key() -> Result<String, Unspecified> {
    let mut key = [0; 32];
    rand::fill(&mut key)?;
    Ok(BASE64.encode(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active_key(document: &Value, ring: &str) -> Vec<u8> {
        let id = document[ring]["active"].as_str().unwrap();
        let key = document[ring]["keys"][id].as_str().unwrap();
        BASE64.decode(key.as_bytes()).unwrap()
    }

    #[test]
    fn every_ring_holds_a_usable_active_key() {
        let document = fresh().unwrap();

        let signing = active_key(&document, "jwt");
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &signing).unwrap();
        assert_eq!(active_key(&document, "tokens").len(), 32);
        assert_eq!(active_key(&document, "seal").len(), 32);
    }

    #[test]
    fn no_key_is_used_twice() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());

        assert_ne!(active_key(&one, "tokens"), active_key(&one, "seal"));
        for ring in ["jwt", "tokens", "seal"] {
            assert_ne!(active_key(&one, ring), active_key(&other, ring), "{ring}");
        }
    }

    #[test]
    fn a_key_id_is_the_utc_day() {
        let last_second: Timestamp = "2026-11-23T23:59:59Z".parse().unwrap();
        assert_eq!(key_id(last_second), "k20261123");
    }
}
