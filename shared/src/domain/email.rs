//! E-mail addresses: the login identifier.

use std::fmt;

use super::{Error, Result};

/// An address: at most this many characters.
const ADDRESS_CHARS_MAX: usize = 50;

/// An e-mail address that SES can send to: an ASCII dot-atom before the `@` (SES has no SMTPUTF8),
/// a domain name after it.
///
/// Two addresses that differ in case only are the same address: compare [`EmailAddress::key`].
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

impl EmailAddress {
    /// Reads an address: at most 50 characters; no quoted local parts, comments, IP literals.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        if text.chars().count() > ADDRESS_CHARS_MAX {
            return Err(Error::invalid_email(field, "must be at most 50 characters"));
        }
        Self::read(text)
            .ok_or_else(|| Error::invalid_email(field, "must be a valid e-mail address"))
    }

    /// Reads an address as [`Display`](fmt::Display) writes it. An international domain is longer
    /// as an A-label than as it was typed, so the limit is not asked again.
    pub fn from_stored(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| Error::internal("a stored address is malformed"))
    }

    /// Reads an address that another system has verified, or that need not be a user's. The limit of what
    /// people sign up with does not hold for it, only that of mail itself (RFC 5321 §4.5.3.1).
    pub fn from_verified(text: &str) -> Option<Self> {
        Self::read(text).filter(|address| address.local.len() <= 64 && address.key().len() <= 254)
    }

    /// What is before the `@`, as typed.
    pub fn local_part(&self) -> &str {
        &self.local
    }

    /// What is behind the `@`: an A-label in lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    fn read(text: &str) -> Option<Self> {
        let (local, domain) = text.rsplit_once('@')?;
        Some(Self {
            local: is_dot_atom(local).then(|| local.to_owned())?,
            domain: parse_domain(domain)?,
        })
    }

    /// What makes the address unique over the whole system: all of it in lower case.
    pub fn key(&self) -> String {
        format!("{}@{}", self.local.to_ascii_lowercase(), self.domain)
    }
}

/// The address to send to: the local part as typed (its owner's server may mind the case), the
/// domain as an A-label in lower case.
impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// Addresses are personal data and stay out of logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress([redacted])")
    }
}

/// RFC 5322 §3.2.3: atoms between single dots.
fn is_dot_atom(text: &str) -> bool {
    text.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

/// A domain with at least two labels whose last is no number (that would be an IP address), as
/// A-labels. IDNA maps look-alike spellings of ASCII to one form, so they cannot differ by them.
fn parse_domain(text: &str) -> Option<String> {
    if text.ends_with('.') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let domain = idna::domain_to_ascii_strict(text).ok()?;
    let (_, last) = domain.rsplit_once('.')?;
    let numeric = last.bytes().all(|b| b.is_ascii_digit());
    (!numeric && domain.len() <= 253).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_people_have_are_taken() {
        for (typed, key) in [
            ("Jane.Doe+box@Example.COM", "jane.doe+box@example.com"),
            ("o'brien@example.ie", "o'brien@example.ie"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ] {
            assert_eq!(EmailAddress::parse("email", typed).unwrap().key(), key);
        }
        assert_eq!(
            EmailAddress::parse("email", "Jane@Example.com")
                .unwrap()
                .to_string(),
            "Jane@example.com"
        );
        assert!(EmailAddress::parse("email", &format!("{}@example.com", "a".repeat(38))).is_ok());
    }

    #[test]
    fn an_international_address_is_read_back_though_it_has_grown() {
        let typed = "info@münchner-bäckerei-königsfürst-zürich.example";
        let address = EmailAddress::parse("email", typed).unwrap();
        assert!(address.to_string().len() > ADDRESS_CHARS_MAX);
        assert!(EmailAddress::from_stored(&address.to_string()).unwrap() == address);
    }

    #[test]
    fn a_verified_address_may_be_as_long_as_mail_allows() {
        let long = |local: usize| format!("{}@example.com", "a".repeat(local));
        assert!(EmailAddress::parse("email", &long(64)).is_err());
        let address = EmailAddress::from_verified(&long(64)).unwrap();
        assert_eq!(
            (address.local_part().len(), address.domain()),
            (64, "example.com")
        );
        let domain = format!("{}com", "aaaaaaaaa.".repeat(24));
        for bad in [long(65), format!("a@b.{domain}.{domain}"), "a@b".to_owned()] {
            assert!(EmailAddress::from_verified(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(39));
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b.com",
            "a@b",
            "a b@c.com",
            "a@b c.com",
            "a@@b.com",
            "a@b@c.com",
            ".a@b.com",
            "a.@b.com",
            "a..b@c.com",
            "\"a b\"@c.com",
            "a(x)@b.com",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@b.com.",
            "a@b..com",
            "a@-b.com",
            "vıctim@x.com",
            "a@b.com\r\nBcc: c@d.com",
            "a@b.com\0",
            "a,b@c.com",
            "<a@b.com>",
            "a@b_c.com",
            "a@exa\tmple.com",
            " a@b.com",
            "a@b.com ",
            &long,
        ] {
            assert!(EmailAddress::parse("email", bad).is_err(), "{bad:?}");
        }
    }
}
