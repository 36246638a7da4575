//! What the URL of a link of ours holds.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

use super::{Error, Result};

/// 256 bits: nobody guesses one.
const BYTES: usize = 32;

/// The id of a link: who has it may use the link. Only its hash is stored.
pub struct LinkId([u8; BYTES]);

impl LinkId {
    /// A new one, at random.
    pub fn new() -> Result<Self> {
        let mut bytes = [0; BYTES];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Error::internal("a link's id could not be made"))?;
        Ok(Self(bytes))
    }

    /// Reads one from a URL. Whatever is none is `NotFound`, as one that never was.
    pub fn parse(text: &str) -> Result<Self> {
        let mut bytes = [0; BYTES];
        match BASE64URL_NOPAD.decode_len(text.len()) {
            Ok(BYTES) => {}
            _ => return Err(Error::not_found()),
        }
        BASE64URL_NOPAD
            .decode_mut(text.as_bytes(), &mut bytes)
            .map_err(|_| Error::not_found())?;
        Ok(Self(bytes))
    }

    /// What the URL holds.
    pub fn secret(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// What is stored.
    pub fn hash(&self) -> String {
        HEXLOWER.encode(digest::digest(&digest::SHA256, &self.0).as_ref())
    }
}

impl fmt::Debug for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkId([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_hides_itself() {
        let id = LinkId::new().unwrap();
        let text = id.secret();
        assert_eq!(text.len(), 43);
        assert_eq!(LinkId::parse(&text).unwrap().hash(), id.hash());
        assert_ne!(LinkId::new().unwrap().hash(), id.hash());
        assert!(!id.hash().contains(&text) && !format!("{id:?}").contains(&text));
    }

    #[test]
    fn what_is_no_id_is_not_found() {
        let good = LinkId::new().unwrap().secret();
        for bad in [
            "",
            "a",
            &good[..42],
            &format!("{good}A"),
            &format!("{good}="),
            &format!("{}+", &good[..42]),
        ] {
            assert!(LinkId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
