//! `cargo xtask secret`: the document that a new deployment's secret starts with.

use jiff::Timestamp;
use secrecy::SecretString;
use shared::domain::Result;
use shared::secrets;

/// Three keyrings with one fresh key each. Rotating adds a key under a new id and makes it the
/// active one; the old id stays until nothing carries it any more.
pub(crate) fn fresh() -> Result<SecretString> {
    secrets::new_document(&key_id(Timestamp::now()))
}

/// The day of birth, so that an operator sees how old a key is.
fn key_id(now: Timestamp) -> String {
    now.strftime("k%Y%m%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_is_the_utc_day() {
        let last_second: Timestamp = "2026-11-23T23:59:59Z".parse().unwrap();
        assert_eq!(key_id(last_second), "k20261123");
    }
}
