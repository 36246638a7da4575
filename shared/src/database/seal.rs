//! Encryption at rest of what must not be read from the table: AES-256-GCM under a key derived for
//! the record, bound to the place where it is stored, so that a value moved to another record or
//! attribute does not open.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};

use super::table::Key;
use crate::domain::{Error, Result};
use crate::secrets::{Keys, RootKey, Secrets};
use crate::tokens::derive;

/// The form of a sealed value: `v1.<key id>.<base64url of nonce, ciphertext and tag>`.
const VERSION: &str = "v1";

/// Where a sealed value is stored.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) key: &'a Key,
    pub(super) attribute: &'a str,
}

impl Place<'_> {
    /// Every part with its length before it, so that no two places read alike.
    fn associated_data(&self, key_id: &str) -> Vec<u8> {
        let mut data = Vec::new();
        for part in [VERSION, key_id, &self.key.pk, &self.key.sk, self.attribute] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }

    fn record_key(&self, root: &RootKey) -> Result<RandomizedNonceKey> {
        let key = derive(root, &format!("seal {} {}", self.key.pk, self.key.sk))?;
        RandomizedNonceKey::new(&AES_256_GCM, &key)
            .map_err(|_| Error::internal("a sealing key is malformed"))
    }
}

/// Seals `plain` with the active key.
pub(super) fn seal(keys: &Keys, place: Place<'_>, plain: &SecretString) -> Result<String> {
    let (key_id, root) = keys.seal.active()?;
    let mut bytes = plain.expose_secret().as_bytes().to_vec();
    let nonce = place
        .record_key(root)?
        .seal_in_place_append_tag(Aad::from(place.associated_data(key_id)), &mut bytes)
        .map_err(|_| Error::internal("a value could not be sealed"))?;
    let sealed = [nonce.as_ref().as_slice(), &bytes].concat();
    Ok(format!(
        "{VERSION}.{key_id}.{}",
        BASE64URL_NOPAD.encode(&sealed)
    ))
}

/// Keys that open all of `sealed`, if there are any: the cached ones, or, where a value was sealed
/// with a key that was rotated in a moment ago, those of now.
pub(super) async fn keys_for<'a>(
    secrets: &Secrets,
    sealed: impl Iterator<Item = &'a String> + Clone,
) -> Result<Arc<Keys>> {
    let opens = |keys: &Keys, value: &str| {
        value
            .split('.')
            .nth(1)
            .is_none_or(|key_id| keys.seal.get(key_id).is_some())
    };
    secrets
        .keys_that(|keys| sealed.clone().all(|value| opens(keys, value)))
        .await
}

/// Opens what [`seal`] made for the same place, with whichever key made it.
pub(super) fn open(keys: &Keys, place: Place<'_>, sealed: &str) -> Result<SecretString> {
    let malformed = || Error::internal("a sealed value does not open in its place");
    let mut parts = sealed.splitn(3, '.');
    let (Some(VERSION), Some(key_id), Some(text)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed());
    };
    let root = keys
        .seal
        .get(key_id)
        .ok_or_else(|| Error::internal("a value is sealed with an unknown key"))?;
    let mut bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| malformed())?;
    let Some((nonce, ciphertext)) = bytes.split_at_mut_checked(NONCE_LEN) else {
        return Err(malformed());
    };
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| malformed())?;
    let plain = place
        .record_key(root)?
        .open_in_place(nonce, Aad::from(place.associated_data(key_id)), ciphertext)
        .map_err(|_| malformed())?;
    let plain = std::str::from_utf8(plain).map_err(|_| malformed())?;
    Ok(plain.to_owned().into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::secrets::new_document;

    const ATTRIBUTE: &str = "secret_key";

    fn keys(id: &str) -> Keys {
        Keys::parse(new_document(id).unwrap().expose_secret()).unwrap()
    }

    /// Fresh keys called `id`, and beside them those that seal in `older`.
    fn rotated(id: &str, older: &str) -> Keys {
        let mut next: serde_json::Value =
            serde_json::from_str(new_document(id).unwrap().expose_secret()).unwrap();
        let older: serde_json::Value = serde_json::from_str(older).unwrap();
        for (id, key) in older["seal"]["keys"].as_object().unwrap() {
            next["seal"]["keys"][id] = key.clone();
        }
        Keys::parse(&next.to_string()).unwrap()
    }

    fn key(pk: &str, sk: &str) -> Key {
        Key {
            pk: pk.to_owned(),
            sk: sk.to_owned(),
        }
    }

    fn at<'a>(key: &'a Key, attribute: &'a str) -> Place<'a> {
        Place { key, attribute }
    }

    fn opened(keys: &Keys, place: Place<'_>, sealed: &str) -> Option<String> {
        let plain = open(keys, place, sealed).ok()?;
        Some(plain.expose_secret().to_owned())
    }

    /// Opening fails with a text that tells nothing of the value.
    #[track_caller]
    fn refused(keys: &Keys, place: Place<'_>, sealed: &str) -> &'static str {
        let error = open(keys, place, sealed).unwrap_err();
        assert_eq!(error.kind(), crate::domain::ErrorKind::Internal);
        assert!(error.causes().is_empty(), "{error:?}");
        match error.public() {
            "a sealed value does not open in its place" => "does not open",
            "a value is sealed with an unknown key" => "unknown key",
            other => panic!("{other}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_500))]

        #[test]
        fn whatever_is_sealed_opens_in_its_place(
            plain in any::<String>(), pk in any::<String>(), sk in any::<String>(), attribute in any::<String>(),
        ) {
            let (keys, key) = (keys("k1"), key(&pk, &sk));
            let sealed = seal(&keys, at(&key, &attribute), &plain.clone().into()).unwrap();
            prop_assert!(plain.len() < 4 || !sealed.contains(&plain));
            prop_assert_eq!(opened(&keys, at(&key, &attribute), &sealed), Some(plain));
        }

        /// Texts of two letters, so that places which run into each other are common: `a`, `ab`
        /// beside `aa`, `b`.
        #[test]
        fn it_opens_in_no_other_place(
            here in ("[ab ]{0,3}", "[ab ]{0,3}", "[ab ]{0,3}"),
            there in ("[ab ]{0,3}", "[ab ]{0,3}", "[ab ]{0,3}"),
        ) {
            let keys = keys("k1");
            let (home, away) = (key(&here.0, &here.1), key(&there.0, &there.1));
            let sealed = seal(&keys, at(&home, &here.2), &"canary".to_owned().into()).unwrap();
            let read = opened(&keys, at(&away, &there.2), &sealed);
            prop_assert_eq!(read.is_some(), here == there);
        }

        #[test]
        fn a_changed_bit_anywhere_keeps_it_shut(
            plain in ".{0,40}", position in any::<prop::sample::Index>(), bit in 0..8_u32,
        ) {
            let (keys, key) = (keys("k1"), key("CLOUD#1", "META"));
            let sealed = seal(&keys, at(&key, ATTRIBUTE), &plain.into()).unwrap();
            let text = sealed.strip_prefix("v1.k1.").unwrap();
            let mut bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
            bytes[position.index(text.len() * 3 / 4)] ^= 1 << bit;
            let changed = format!("v1.k1.{}", BASE64URL_NOPAD.encode(&bytes));
            prop_assert_eq!(refused(&keys, at(&key, ATTRIBUTE), &changed), "does not open");
        }

        #[test]
        fn what_was_never_sealed_opens_nowhere(text in ".{0,60}", letters in "[A-Za-z0-9_-]{0,80}") {
            let (keys, key) = (keys("k1"), key("CLOUD#1", "META"));
            prop_assert_eq!(opened(&keys, at(&key, ATTRIBUTE), &text), None);
            prop_assert_eq!(opened(&keys, at(&key, ATTRIBUTE), &format!("v1.k1.{letters}")), None);
        }
    }

    #[test]
    fn equal_values_are_never_sealed_alike() {
        let (keys, key) = (keys("k1"), key("CLOUD#1", "META"));
        let plain = "canary".to_owned().into();
        let sealed: HashSet<_> = (0..10_000)
            .map(|_| {
                let sealed = seal(&keys, at(&key, ATTRIBUTE), &plain).unwrap();
                let bytes = BASE64URL_NOPAD.decode(&sealed.as_bytes()["v1.k1.".len()..]);
                bytes.unwrap()[..NONCE_LEN].to_vec()
            })
            .collect();
        assert_eq!(sealed.len(), 10_000, "every nonce is new");
    }

    #[test]
    fn every_record_has_a_key_of_its_own() {
        let keys = keys("k1");
        let root = keys.seal.get("k1").unwrap();
        let record_key = |pk, sk| at(&key(pk, sk), ATTRIBUTE).record_key(root).unwrap();
        let mut sealed = b"canary".to_vec();
        let nonce = record_key("CLOUD#1", "META")
            .seal_in_place_append_tag(Aad::empty(), &mut sealed)
            .unwrap();
        let opens = |pk, sk| {
            let nonce = Nonce::try_assume_unique_for_key(nonce.as_ref()).unwrap();
            let mut bytes = sealed.clone();
            let plain = record_key(pk, sk).open_in_place(nonce, Aad::empty(), &mut bytes);
            plain.is_ok()
        };

        assert!(opens("CLOUD#1", "META"));
        for (pk, sk) in [("CLOUD#2", "META"), ("CLOUD#1", "MET"), ("META", "CLOUD#1")] {
            assert!(!opens(pk, sk), "{pk} {sk}");
        }
    }

    #[test]
    fn a_rotation_leaves_what_was_sealed_before_readable() {
        let first = new_document("k1").unwrap();
        let first = first.expose_secret();
        let old = Keys::parse(first).unwrap();
        let new = rotated("k2", first);
        let key = key("CLOUD#1", "META");
        let place = at(&key, ATTRIBUTE);

        let before = seal(&old, place, &"before".to_owned().into()).unwrap();
        let after = seal(&new, place, &"after".to_owned().into()).unwrap();

        assert!(before.starts_with("v1.k1.") && after.starts_with("v1.k2."));
        assert_eq!(opened(&new, place, &before).as_deref(), Some("before"));
        assert_eq!(opened(&new, place, &after).as_deref(), Some("after"));
        assert_eq!(refused(&old, place, &after), "unknown key");
    }

    #[test]
    fn the_key_is_found_by_its_name_and_no_other_is_tried() {
        let first = new_document("k1").unwrap();
        let first = first.expose_secret();
        let both = rotated("k2", first);
        let key = key("CLOUD#1", "META");
        let place = at(&key, ATTRIBUTE);
        let sealed = seal(&both, place, &"canary".to_owned().into()).unwrap();

        for (name, outcome) in [
            ("k1", "does not open"),
            ("k3", "unknown key"),
            ("", "unknown key"),
        ] {
            let renamed = sealed.replacen("k2", name, 1);
            assert_eq!(refused(&both, place, &renamed), outcome, "{name:?}");
        }
        assert_eq!(refused(&keys("k2"), place, &sealed), "does not open");
    }

    #[test]
    fn what_is_not_of_the_form_is_refused() {
        let (keys, key) = (keys("k1"), key("CLOUD#1", "META"));
        let place = at(&key, ATTRIBUTE);
        let sealed = seal(&keys, place, &"canary".to_owned().into()).unwrap();
        let text = &sealed["v1.k1.".len()..];

        for (malformed, reason) in [
            (String::new(), "empty"),
            ("canary".to_owned(), "plain"),
            ("v1.k1".to_owned(), "two parts"),
            ("v1.k1.".to_owned(), "nothing sealed"),
            (format!("v2.k1.{text}"), "another version"),
            (format!("v1.k1.{text}."), "a fourth part"),
            (format!("v1.k1.{text}="), "padding"),
            (format!("v1.k1.{}", &text[..16]), "a nonce alone"),
            (format!("v1.k1.{}", &text[..text.len() - 4]), "cut"),
            (format!("v1.k1. {text}"), "a space"),
            (sealed.to_uppercase(), "in capitals"),
        ] {
            assert_eq!(
                refused(&keys, place, &malformed),
                "does not open",
                "{reason}"
            );
        }
        assert_eq!(opened(&keys, place, &sealed).as_deref(), Some("canary"));
    }
}
