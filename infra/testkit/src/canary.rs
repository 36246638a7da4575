//! Secrets that must not be found where they do not belong.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

/// The ways in which `secret` may lie about in clear: as it is, in hex, and in base64 at any offset
/// inside something longer.
pub fn spellings(secret: &[u8]) -> Vec<String> {
    let mut spellings = vec![HEXLOWER.encode(secret), HEXUPPER.encode(secret)];
    spellings.extend(String::from_utf8(secret.to_vec()));
    for skip in 0..3 {
        let whole = &secret[skip.min(secret.len())..];
        let whole = &whole[..whole.len() / 3 * 3];
        if !whole.is_empty() {
            spellings.extend([BASE64.encode(whole), BASE64URL.encode(whole)]);
        }
    }
    spellings
}

/// Fails if `secret` is in `text` in any of its spellings.
#[track_caller]
pub fn assert_absent(text: &str, what: &str, secret: impl AsRef<[u8]>) {
    for spelling in spellings(secret.as_ref()) {
        assert!(!text.contains(&spelling), "{what} is there as {spelling}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_inside_something_encoded() {
        for before in ["", "a", "ab", "abc"] {
            let document = format!("{before}canary-secret{before}");
            let encoded = BASE64.encode(document.as_bytes());
            assert!(
                spellings(b"canary-secret")
                    .iter()
                    .any(|spelling| encoded.contains(spelling)),
                "after {before:?}"
            );
        }
        assert!(spellings(b"canary").contains(&"63616e617279".to_owned()));
    }
}
