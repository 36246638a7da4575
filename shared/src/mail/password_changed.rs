//! The mail that tells of a new password.

use askama::Template;
use jiff::Timestamp;

use super::{Mail, rendered};
use crate::domain::Result;

/// Tells a user that their password was changed.
pub struct PasswordChanged<'a> {
    /// How the user is called.
    pub name: &'a str,
    /// When it was changed.
    pub when: Timestamp,
}

#[derive(Template)]
#[template(path = "password_changed.html")]
struct Html<'a> {
    mail: &'a PasswordChanged<'a>,
}

#[derive(Template)]
#[template(path = "password_changed.txt")]
struct Text<'a> {
    mail: &'a PasswordChanged<'a>,
}

impl Mail for PasswordChanged<'_> {
    const SUBJECT: &'static str = "Your password was changed";

    fn html(&self) -> Result<String> {
        rendered(&Html { mail: self })
    }

    fn text(&self) -> Result<String> {
        rendered(&Text { mail: self })
    }
}
