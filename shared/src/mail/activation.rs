//! The mail that carries an activation code.

use askama::Template;
use jiff::Timestamp;

use super::{Mail, rendered};
use crate::domain::Result;
use crate::domain::activation::ActivationCode;

/// Carries an activation code to the address that somebody signed up with.
pub struct Activation<'a> {
    /// The name typed at sign-up, so that the reader recognises their own attempt.
    pub name: &'a str,
    /// The code.
    pub code: &'a ActivationCode,
    /// When the sign-up was asked for.
    pub asked: Timestamp,
}

#[derive(Template)]
#[template(path = "activation.html")]
struct Html<'a> {
    name: &'a str,
    code: String,
    asked: String,
}

#[derive(Template)]
#[template(path = "activation.txt")]
struct Text<'a> {
    name: &'a str,
    code: String,
    asked: String,
}

impl Mail for Activation<'_> {
    const SUBJECT: &'static str = "Confirm your sign-up";

    fn html(&self) -> Result<String> {
        rendered(
            Html {
                name: self.name,
                code: self.code.grouped(),
                asked: to_the_minute(self.asked),
            }
            .render(),
        )
    }

    fn text(&self) -> Result<String> {
        rendered(
            Text {
                name: self.name,
                code: self.code.grouped(),
                asked: to_the_minute(self.asked),
            }
            .render(),
        )
    }
}

/// `2026-11-23 14:05 UTC`.
pub(super) fn to_the_minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
