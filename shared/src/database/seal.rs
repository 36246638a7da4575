//! Encryption at rest of what must not be read from the table: AES-256-GCM under a key derived for
//! the record, bound to the place where it is stored, so that a value moved to another record or
//! attribute does not open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use data_encoding::BASE64URL_NOPAD;
use secrecy::{ExposeSecret, SecretString};

use super::table::Key;
use crate::domain::{Error, Result};
use crate::secrets::{Keys, RootKey};
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
