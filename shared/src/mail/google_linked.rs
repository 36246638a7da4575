//! The mail that tells of a Google account that was linked.

use askama::Template;
use jiff::Timestamp;

use super::{Mail, rendered};
use crate::domain::Result;

/// Tells a user that the Google account with their address signs them in from now on.
pub struct GoogleLinked<'a> {
    /// How the user is called.
    pub name: &'a str,
    /// When it was linked.
    pub when: Timestamp,
}

#[derive(Template)]
#[template(path = "google_linked.html")]
struct Html<'a> {
    mail: &'a GoogleLinked<'a>,
}

#[derive(Template)]
#[template(path = "google_linked.txt")]
struct Text<'a> {
    mail: &'a GoogleLinked<'a>,
}

impl Mail for GoogleLinked<'_> {
    const SUBJECT: &'static str = "Google sign-in was added to your account";

    fn html(&self) -> Result<String> {
        rendered(&Html { mail: self })
    }

    fn text(&self) -> Result<String> {
        rendered(&Text { mail: self })
    }
}
