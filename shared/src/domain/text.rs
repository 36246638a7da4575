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

/// Text of others that people may read, on one line: at most `chars_max` characters, and none that is
/// invisible or turns the direction of the text around it.
pub fn shown(text: &str, chars_max: usize) -> String {
    text.chars()
        .filter(|c| !is_deceptive(*c))
        .take(chars_max)
        .collect()
}

/// As [`shown`], for text of several lines: tabs stay, every kind of line break becomes a line feed,
/// and there are none at the ends.
pub fn shown_lines(text: &str, chars_max: usize) -> String {
    let lines = text
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let shown: String = lines
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !is_deceptive(*c))
        .take(chars_max)
        .collect();
    shown.trim_matches('\n').trim_end().to_owned()
}

/// A number of bytes as people read it: `512 bytes`, `1.4 MB`, `37 GB`. Thousands are decimal, as on
/// the packaging of disks.
pub fn shown_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes == 1 {
        return "1 byte".to_owned();
    }
    if bytes < 1_000 {
        return format!("{bytes} bytes");
    }
    let bytes = u128::from(bytes);
    let mut unit = 1_000_u128;
    for name in UNITS {
        let tenths = (bytes * 10 + unit / 2) / unit;
        if tenths < 100 {
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
        let units = (bytes + unit / 2) / unit;
        if units < 1_000 {
            return format!("{units} {name}");
        }
        unit *= 1_000;
    }
    unreachable!("2^64 bytes are 18 EB")
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

    #[test]
    fn what_is_shown_is_visible_and_stays_where_it_is() {
        let hidden =
            "a\u{202E}b\u{2066}c\u{200F}d\u{061C}e\u{200B}f\u{2060}g\u{FEFF}h\u{0}i\u{9b}j";
        assert_eq!(shown(hidden, 50), "abcdefghij");
        assert_eq!(shown("a\r\nBcc: x", 50), "aBcc: x");
        assert_eq!(shown("👩\u{200D}👩\u{200D}👧 \u{200C}", 3), "👩\u{200D}👩");
        assert_eq!(shown_lines(hidden, 50), "abcdefghij");
        assert_eq!(
            shown_lines("\n\n  one\r\ntwo\rthree\u{2028}\tfour\u{85}\n \n", 50),
            "  one\ntwo\nthree\n\tfour"
        );
        assert_eq!(shown_lines("ab\ncd", 3), "ab");
        assert_eq!(shown_lines(" \u{200B}\n", 50), "");
    }

    #[test]
    fn sizes_are_short_and_never_round_to_a_thousand() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (1_449_000, "1.4 MB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (37_400_000_000, "37 GB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(shown_size(bytes), text, "{bytes}");
        }
    }
}
