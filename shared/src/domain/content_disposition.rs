//! The header that makes browsers save a download under its name (RFC 6266).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// File systems keep names of at most 255 bytes, and some servers take URLs of 8 KiB only, in
/// which the name is written a second time.
const NAME_BYTES_MAX: usize = 255;
/// A longer ending is not a file type.
const EXTENSION_BYTES_MAX: usize = 16;

/// Everything but `attr-char` of RFC 8187, section 3.2.1.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `attachment` with `file_name`, once in ASCII for clients that know no better and once exactly.
/// The value is visible ASCII whatever the name holds. A name of more than 255 bytes is cut before
/// its extension.
pub fn attachment(file_name: &str) -> String {
    let name = fitting(file_name);
    // A backslash or a quote would end the quoted string, and some clients decode a percent sign.
    let plain = |c: char| (c == ' ' || c.is_ascii_graphic()) && !matches!(c, '"' | '\\' | '%');
    let fallback: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let exact = utf8_percent_encode(&name, ENCODED);
    format!("attachment; filename=\"{fallback}\"; filename*=UTF-8''{exact}")
}

fn fitting(name: &str) -> String {
    if name.is_empty() {
        return "download".to_owned();
    }
    if name.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    let dot = name
        .rfind('.')
        .filter(|dot| name.len() - dot <= EXTENSION_BYTES_MAX);
    let (stem, extension) = name.split_at(dot.unwrap_or(name.len()));
    let end = stem.floor_char_boundary(NAME_BYTES_MAX - extension.len());
    format!("{}{extension}", &stem[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_in_ascii_and_exactly() {
        for (name, value) in [
            (
                "report.pdf",
                "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf",
            ),
            (
                "a b.txt",
                "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt",
            ),
            (
                "€ rates",
                "attachment; filename=\"_ rates\"; filename*=UTF-8''%E2%82%AC%20rates",
            ),
            (
                "a\"b\\c%41.txt",
                "attachment; filename=\"a_b_c_41.txt\"; filename*=UTF-8''a%22b%5Cc%2541.txt",
            ),
            (
                "it's;(1)*.txt",
                "attachment; filename=\"it's;(1)*.txt\"; filename*=UTF-8''it%27s%3B%281%29%2A.txt",
            ),
            (
                "x\r\nSet-Cookie: a",
                "attachment; filename=\"x__Set-Cookie: a\"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a",
            ),
            (
                "",
                "attachment; filename=\"download\"; filename*=UTF-8''download",
            ),
        ] {
            assert_eq!(attachment(name), value, "{name:?}");
        }
    }

    #[test]
    fn every_name_makes_a_header_of_visible_ascii() {
        for c in '\0'..='\u{2ff}' {
            let value = attachment(&format!("a{c}b"));
            assert!(
                value.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
                "{c:?}: {value}"
            );
            assert_eq!(value.matches('"').count(), 2, "{c:?}: {value}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let fitted = fitting(&format!("{}.jpeg", "é".repeat(500)));
        assert_eq!((fitted.len(), fitted.ends_with("é.jpeg")), (255, true));
        assert_eq!(fitting(&"x".repeat(1_024)).len(), 255);
        assert_eq!(fitting(&format!("a.{}", "x".repeat(1_000))).len(), 255);
        assert_eq!(fitting(&"x".repeat(255)).len(), 255);
    }
}
