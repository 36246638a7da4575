//! Whom a file is sent to.

use std::collections::HashSet;

use super::email::EmailAddress;
use super::{Error, Result};

/// A file is sent to at most so many addresses at once.
pub const RECIPIENTS_MAX: usize = 10;

/// Reads addresses that commas or semicolons separate: 1 to [`RECIPIENTS_MAX`] different ones. An address
/// that is there twice counts once; what is empty between separators is ignored. Recipients may have longer
/// addresses than who signs up here.
pub fn parse_recipients(field: &str, text: &str) -> Result<Vec<EmailAddress>> {
    let mut seen = HashSet::new();
    let mut recipients = Vec::new();
    for part in text.split([',', ';']).map(str::trim) {
        if part.is_empty() {
            continue;
        }
        let address = EmailAddress::from_verified(part)
            .ok_or_else(|| Error::invalid_email(field, "must be a valid e-mail address"))?;
        if seen.insert(address.key()) {
            recipients.push(address);
        }
        if recipients.len() > RECIPIENTS_MAX {
            return Err(Error::invalid(field, "must be at most 10 addresses"));
        }
    }
    if recipients.is_empty() {
        return Err(Error::invalid_email(field, "must hold an address"));
    }
    Ok(recipients)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than who signs up here may have.
    const LONG: &str = "a.rather.long.name.of.somebody@a.rather.long.domain.example";

    fn read(text: &str) -> Result<Vec<String>> {
        let recipients = parse_recipients("email", text)?;
        Ok(recipients.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn addresses_are_separated_and_counted_once() {
        for (text, expected) in [
            ("a@b.com", vec!["a@b.com"]),
            (
                " a@b.com ; c@d.com,e@f.com;",
                vec!["a@b.com", "c@d.com", "e@f.com"],
            ),
            ("A@b.com,a@B.com", vec!["A@b.com"]),
            (",;,a@b.com", vec!["a@b.com"]),
            (LONG, vec![LONG]),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
        let many = |count: usize| {
            let all = (0..count).map(|n| format!("a{n}@b.com"));
            all.collect::<Vec<_>>().join(",")
        };
        assert_eq!(read(&many(10)).unwrap().len(), 10);
        assert!(read(&many(11)).is_err());
    }

    #[test]
    fn one_bad_address_refuses_all() {
        for text in [
            "",
            " ",
            ",",
            "a@b.com c@d.com",
            "a@b.com,c",
            "a@b.com\r\nBcc: c@d.com",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
