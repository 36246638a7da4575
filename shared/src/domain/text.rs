//! Text that people type and other people read.

use super::{Error, Result};

/// Names of people and cloud accounts: at most this many characters (Unicode scalar values).
pub const NAME_CHARS_MAX: usize = 50;

/// Reads a name that others will see: 1 to [`NAME_CHARS_MAX`] characters, not only white space,
/// and none that is invisible or turns the direction of the text around it.
pub fn parse_name(field: &str, text: &str) -> Result<String> {
    if text.chars().count() > NAME_CHARS_MAX {
        return Err(Error::invalid(field, "must be at most 50 characters"));
    }
    if text.trim().is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    if text.chars().any(is_deceptive) {
        return Err(Error::invalid(
            field,
            "must not contain control or text-direction characters",
        ));
    }
    Ok(text.to_owned())
}

/// Reads an opaque value for another system: 1 to `max` bytes, no control characters.
pub fn parse_opaque(field: &str, text: &str, bytes_max: usize) -> Result<String> {
    if text.is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    if text.len() > bytes_max {
        return Err(Error::invalid(
            field,
            &format!("must be at most {bytes_max} bytes"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must not contain control characters"));
    }
    Ok(text.to_owned())
}

/// Text of another system that people may read in a message: at most `chars_max` characters, and none
/// that is invisible or turns the direction of the text around it.
pub fn shown(text: &str, chars_max: usize) -> String {
    text.chars()
        .filter(|c| !is_deceptive(*c))
        .take(chars_max)
        .collect()
}

/// Control characters, and the marks that reorder or hide text (Unicode TR36, "bidirectional text
/// spoofing"; zero-width joiners stay legal, since emoji and several scripts need them).
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_any_script_up_to_their_limit() {
        for good in ["A", "Zoë", "👩‍👩‍👧", "שלום", &"é".repeat(50)] {
            assert!(parse_name("name", good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "  ",
            &"x".repeat(51),
            "a\u{202E}b",
            "a\r\nBcc: x",
            "a\0",
        ] {
            assert!(parse_name("name", bad).is_err(), "{bad:?}");
        }
    }
}
