//! What an object's bytes are said to be.

use crate::domain::{Error, Result};

/// A Content-Type: at most this many bytes.
const CONTENT_TYPE_BYTES_MAX: usize = 255;

/// A media type, fit for a header: `type/subtype` and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType(String);

impl ContentType {
    /// Reads a media type of at most 255 visible ASCII bytes (RFC 9110 §8.3.1).
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let token = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
        };
        let essence = text.split(';').next().unwrap_or_default().trim_end();
        let well_formed = text.len() <= CONTENT_TYPE_BYTES_MAX
            && text.bytes().all(|b| (0x20..0x7f).contains(&b))
            && text.trim() == text
            && essence
                .split_once('/')
                .is_some_and(|(kind, subtype)| token(kind) && token(subtype));
        if !well_formed {
            return Err(Error::invalid(
                field,
                "must be a media type of at most 255 ASCII characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The media type.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ContentType {
    fn default() -> Self {
        Self("application/octet-stream".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_fits_a_header() {
        for good in [
            "text/plain",
            "text/html; charset=utf-8",
            "application/vnd.api+json",
        ] {
            assert!(ContentType::parse("contentType", good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "text",
            "text/",
            "/plain",
            "text/pl ain",
            "a/b\r\nX: y",
            "tëxt/plain",
            " a/b",
        ] {
            assert!(ContentType::parse("contentType", bad).is_err(), "{bad:?}");
        }
    }
}
