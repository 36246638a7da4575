//! People as Google knows them.

use serde::{Deserialize, Serialize};

use super::email::EmailAddress;
use super::text::{NAME_CHARS_MAX, shown};

/// A subject: at most this many characters (`OpenID` Connect Core 1.0 §2).
const SUBJECT_CHARS_MAX: usize = 255;

/// The domains whose mailboxes are Google's own.
const MAILBOXES_OF_GOOGLE: [&str; 2] = ["gmail.com", "googlemail.com"];

/// What Google calls somebody: the same for as long as the Google account is there, and never given
/// to another, as an address may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GoogleSubject(String);

impl GoogleSubject {
    /// Reads the `sub` of a token: 1 to 255 visible ASCII characters.
    pub fn read(text: &str) -> Option<Self> {
        let reads = (1..=SUBJECT_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        reads.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Somebody whom Google has identified, with a verified address.
pub struct GooglePerson {
    /// Who it is.
    pub subject: GoogleSubject,
    /// The address that Google has verified, at some time.
    pub email: EmailAddress,
    /// What they call themselves, as Google tells it.
    pub name: Option<String>,
    /// The Google Workspace organisation that runs the account.
    pub hosted_domain: Option<String>,
}

impl GooglePerson {
    /// Google runs the mailbox, so that its word is as good as a code that was mailed there. Another
    /// address may have changed hands since it was verified
    /// (<https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>).
    pub fn mailbox_is_googles(&self) -> bool {
        MAILBOXES_OF_GOOGLE.contains(&self.email.domain())
            || self
                .hosted_domain
                .as_ref()
                .is_some_and(|domain| !domain.is_empty())
    }

    /// A name by the rules of this product: Google's, or else what is before the `@`.
    pub fn display_name(&self) -> String {
        let clean = |text: &str| shown(text.trim(), NAME_CHARS_MAX).trim().to_owned();
        let name = self.name.as_deref().map(clean).unwrap_or_default();
        if name.is_empty() {
            clean(self.email.local_part())
        } else {
            name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::parse_name;

    fn person(email: &str, name: Option<&str>, hosted_domain: Option<&str>) -> GooglePerson {
        GooglePerson {
            subject: GoogleSubject::read("110169484474386276334").unwrap(),
            email: EmailAddress::from_verified(email).unwrap(),
            name: name.map(str::to_owned),
            hosted_domain: hosted_domain.map(str::to_owned),
        }
    }

    #[test]
    fn a_subject_is_short_visible_ascii() {
        assert!(GoogleSubject::read(&"1".repeat(255)).is_some());
        for bad in ["", "1 2", "1\n", "é", &"1".repeat(256)] {
            assert!(GoogleSubject::read(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn google_runs_its_own_mailboxes_and_those_of_its_organisations() {
        for (email, hosted_domain, expected) in [
            ("jane@gmail.com", None, true),
            ("Jane@GMail.COM", None, true),
            ("jane@googlemail.com", None, true),
            ("jane@example.com", Some("example.com"), true),
            ("jane@example.com", None, false),
            ("jane@example.com", Some(""), false),
            ("jane@gmail.com.example.com", None, false),
            ("jane@notgmail.com", None, false),
        ] {
            let person = person(email, None, hosted_domain);
            assert_eq!(person.mailbox_is_googles(), expected, "{email}");
        }
    }

    #[test]
    fn any_name_becomes_one_of_ours() {
        let long = "x".repeat(80);
        for (name, expected) in [
            (Some("Jane Doe"), "Jane Doe"),
            (Some("  Zoë\r\n\u{202E}Li  "), "ZoëLi"),
            (Some(" \u{200B} "), "jane.doe"),
            (Some(""), "jane.doe"),
            (None, "jane.doe"),
            (Some(long.as_str()), &long[..50]),
        ] {
            let shown = person("jane.doe@gmail.com", name, None).display_name();
            assert_eq!(shown, expected);
            assert!(parse_name("name", &shown).is_ok());
        }
    }
}
