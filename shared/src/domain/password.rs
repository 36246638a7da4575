//! Passwords, and the hashes that are all we keep of them.

use argon2::password_hash::phc::PasswordHash as PhcHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use super::{Error, Result};

/// A password: at least this many characters.
const CHARS_MIN: usize = 8;
/// A password: at most this many characters. Longer ones are refused, never cut.
const CHARS_MAX: usize = 128;

/// The work of one hash: OWASP's minimum for Argon2id (19 MiB, 2 passes, 1 lane).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password as typed, in Unicode's composed form (NFC), so that the same characters from
/// another keyboard are the same password.
pub struct Password(SecretString);

impl Password {
    /// Reads a new password: 8 to 128 characters of any kind, no composition rules
    /// (NIST SP 800-63B-4 §3.1.1.2).
    pub fn parse(field: &str, text: &SecretString) -> Result<Self> {
        let password = Self::typed(text);
        match password.0.expose_secret().chars().count() {
            ..CHARS_MIN => Err(Error::invalid(field, "must be at least 8 characters")),
            CHARS_MIN..=CHARS_MAX => Ok(password),
            _ => Err(Error::invalid(field, "must be at most 128 characters")),
        }
    }

    /// A password typed to log in. No rule applies: what breaks one is simply wrong.
    pub fn typed(text: &SecretString) -> Self {
        Self(text.expose_secret().nfc().collect::<String>().into())
    }

    /// Hashes the password with a random salt, off the async threads (tens of milliseconds).
    pub async fn hash(self) -> Result<PasswordHash> {
        off_the_async_threads(move || {
            let hash = argon2()?.hash_password(self.0.expose_secret().as_bytes());
            hash.map(|hash| PasswordHash(hash.to_string()))
                .map_err(|error| {
                    Error::internal("a password could not be hashed").because(error.to_string())
                })
        })
        .await
    }

    /// Whether this is the password behind `hash`, in the same time whether it is or not. With no
    /// hash the same work is done and the answer is no: an unknown user takes as long as a known one.
    pub async fn matches(self, hash: Option<PasswordHash>) -> Result<bool> {
        off_the_async_threads(move || {
            let argon2 = argon2()?;
            let password = self.0.expose_secret().as_bytes();
            let Some(hash) = hash else {
                let mut output = [0; 32];
                argon2
                    .hash_password_into(password, b"nobody has this salt", &mut output)
                    .map_err(|error| {
                        Error::internal("a password could not be hashed").because(error.to_string())
                    })?;
                return Ok(false);
            };
            let parsed = PhcHash::new(&hash.0).map_err(|error| {
                Error::internal("a stored password hash is malformed").because(error.to_string())
            })?;
            Ok(argon2.verify_password(password, &parsed).is_ok())
        })
        .await
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| {
        Error::internal("the Argon2 parameters are wrong").because(error.to_string())
    })?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::internal("hashing was cut short").because(error))?
}

/// A stored hash in PHC form (`$argon2id$…`).
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Result<Password> {
        Password::parse("password", &text.to_owned().into())
    }

    #[test]
    fn length_counts_characters_of_any_kind() {
        assert!(password("1234567").is_err());
        assert!(password("12345678").is_ok());
        assert!(password("  spaces").is_ok());
        assert!(password(&"🔑".repeat(128)).is_ok());
        assert!(password(&"🔑".repeat(129)).is_err());
    }

    #[tokio::test]
    async fn only_the_same_password_matches() {
        let hash = password("Caf\u{e9} noir").unwrap().hash().await.unwrap();
        assert!(
            hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            hash.0
        );
        let typed = |text: &str| Password::typed(&text.to_owned().into());
        assert!(
            typed("Cafe\u{301} noir")
                .matches(Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!typed("Cafe noir").matches(Some(hash)).await.unwrap());
        assert!(!typed("Caf\u{e9} noir").matches(None).await.unwrap());
    }
}
