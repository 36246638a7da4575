//! The keys that sign ID tokens.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};

/// The modulus of a 2,048-bit key.
const MODULUS_BYTES: usize = 256;
/// What follows the modulus in an `RSAPublicKey` (RFC 8017 §A.1.1) whose exponent is 65537.
const EXPONENT: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];

/// An RSA key of 2,048 bits, as Google's are. Clones share it.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<KeyPair>,
    kid: String,
}

impl SigningKey {
    /// A fresh key.
    pub fn generate() -> Self {
        let Ok(pair) = KeyPair::generate(KeySize::Rsa2048) else {
            unreachable!("the system has random numbers")
        };
        let kid = HEXLOWER.encode(&digest(&SHA256, pair.public_key().as_ref()).as_ref()[..20]);
        Self {
            pair: Arc::new(pair),
            kid,
        }
    }

    /// Its id: 40 hexadecimal digits.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The header that a token of this key has.
    pub fn header(&self) -> Value {
        json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"})
    }

    /// A token in the compact serialization (RFC 7515 §7.1), signed with RS256 whatever its header
    /// says.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let [header, claims] =
            [header, claims].map(|part| BASE64URL_NOPAD.encode(part.to_string().as_bytes()));
        let message = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self.pair.sign(
            &RSA_PKCS1_SHA256,
            &random,
            message.as_bytes(),
            &mut signature,
        );
        debug_assert!(signed.is_ok(), "a key pair signs");
        format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    /// The public half as everybody can publish it: a `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1).
    pub fn public_der(&self) -> Vec<u8> {
        let der: Result<PublicKeyX509Der<'_>, _> = self.pair.public_key().as_der();
        der.map_or_else(|_| Vec::new(), |der| der.as_ref().to_vec())
    }

    /// The public half as a JSON Web Key (RFC 7517).
    pub fn jwk(&self) -> Value {
        let der = self.pair.public_key().as_ref();
        let modulus = &der[der.len() - EXPONENT.len() - MODULUS_BYTES..der.len() - EXPONENT.len()];
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": BASE64URL_NOPAD.encode(modulus),
            "e": BASE64URL_NOPAD.encode(&EXPONENT[2..]),
        })
    }
}
