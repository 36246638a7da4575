//! Mailed codes: what a person types to confirm a sign-up, or to set a new password.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, Encoding, Specification};

/// 128 bits: who types a code gives no address, so the code alone must resist guessing.
pub const CODE_BYTES: usize = 16;

/// Crockford's base32: no I, L, O, U; reading takes either case, O as 0, I and L as 1, and
/// ignores hyphens and spaces.
static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification
        .symbols
        .push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    specification
        .translate
        .from
        .push_str("abcdefghjkmnpqrstvwxyzOoIiLl");
    specification
        .translate
        .to
        .push_str("ABCDEFGHJKMNPQRSTVWXYZ001111");
    specification.ignore.push_str("- ");
    // A specification that is wrong fails every test; falling back would hide it there.
    specification.encoding().unwrap_or(BASE32_NOPAD)
});

/// How many characters stand between hyphens, group by group.
const GROUPS: [usize; 5] = [5, 5, 6, 5, 5];

/// A code that came by mail. Only its hash is stored: one that is mailed again is derived again.
#[derive(Clone, PartialEq, Eq)]
pub struct MailedCode([u8; CODE_BYTES]);

impl MailedCode {
    /// The code that `bytes` stand for.
    pub fn from_bytes(bytes: [u8; CODE_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a code as typed; `None` if no code looks like that.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = CROCKFORD.decode(text.trim().as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The bytes of the code, to be hashed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The code as mailed: upper case, in hyphenated groups.
    pub fn grouped(&self) -> String {
        let code = CROCKFORD.encode(&self.0);
        let mut rest = code.as_str();
        let groups = GROUPS.map(|length| {
            let (group, tail) = rest.split_at(length.min(rest.len()));
            rest = tail;
            group
        });
        groups.join("-")
    }
}

impl fmt::Debug for MailedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailedCode([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = MailedCode::from_bytes([0xA5; 16]);
        let mailed = code.grouped();
        assert_eq!(mailed, "MPJTB-9D5MP-JTB9D5-MPJTB-9D5MM");
        assert_eq!(MailedCode::read(&mailed), Some(code.clone()));
        assert_eq!(
            MailedCode::read(&mailed.to_lowercase().replace('-', " ")),
            Some(code)
        );
        let ones = MailedCode::from_bytes([0; 16]);
        assert_eq!(
            MailedCode::read("OoOoO-00000-000000-00000-00000"),
            Some(ones)
        );
    }

    #[test]
    fn what_is_no_code_is_none() {
        for bad in [
            "",
            "ABC",
            "MPJTB-9D5MP-JTB9D5-MPJTB-9D5M",
            "MPJTB-9D5MP-JTB9D5-MPJTB-9D5MU",
            "é",
        ] {
            assert_eq!(MailedCode::read(bad), None, "{bad:?}");
        }
    }
}
