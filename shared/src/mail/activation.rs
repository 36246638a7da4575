//! The mail that carries an activation code.

use askama::Template;
use jiff::Timestamp;

use super::{Mail, rendered};
use crate::domain::Result;
use crate::domain::mailed_code::MailedCode;

/// Carries an activation code to the address that somebody signed up with.
pub struct Activation<'a> {
    /// The name typed at sign-up, so that the reader recognises their own attempt.
    pub name: &'a str,
    /// The code.
    pub code: &'a MailedCode,
    /// When the sign-up was asked for.
    pub asked: Timestamp,
}

#[derive(Template)]
#[template(path = "activation.html")]
struct Html<'a> {
    mail: &'a Activation<'a>,
}

#[derive(Template)]
#[template(path = "activation.txt")]
struct Text<'a> {
    mail: &'a Activation<'a>,
}

impl Mail for Activation<'_> {
    const SUBJECT: &'static str = "Confirm your sign-up";

    fn html(&self) -> Result<String> {
        rendered(&Html { mail: self })
    }

    fn text(&self) -> Result<String> {
        rendered(&Text { mail: self })
    }
}
