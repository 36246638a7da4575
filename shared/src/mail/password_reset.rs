//! The mail that carries the code for a new password.

use askama::Template;
use jiff::Timestamp;

use super::{Mail, rendered};
use crate::domain::Result;

/// Carries the code with which somebody who forgot their password sets a new one.
pub struct PasswordReset<'a> {
    /// How the user is called.
    pub name: &'a str,
    /// The code, in hyphenated groups. The mail says that it is valid for 60 minutes.
    pub code: &'a str,
    /// When it was asked for.
    pub asked: Timestamp,
}

#[derive(Template)]
#[template(path = "password_reset.html")]
struct Html<'a> {
    mail: &'a PasswordReset<'a>,
}

#[derive(Template)]
#[template(path = "password_reset.txt")]
struct Text<'a> {
    mail: &'a PasswordReset<'a>,
}

impl Mail for PasswordReset<'_> {
    const SUBJECT: &'static str = "Reset your password";

    fn html(&self) -> Result<String> {
        rendered(&Html { mail: self })
    }

    fn text(&self) -> Result<String> {
        rendered(&Text { mail: self })
    }
}
