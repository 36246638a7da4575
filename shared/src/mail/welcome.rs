//! The mail that welcomes who signed up with Google.

use askama::Template;

use super::{Mail, rendered};
use crate::domain::Result;

/// Welcomes a user who signed up with Google, and so had no code to type.
pub struct Welcome<'a> {
    /// How the user is called.
    pub name: &'a str,
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct Html<'a> {
    mail: &'a Welcome<'a>,
}

#[derive(Template)]
#[template(path = "welcome.txt")]
struct Text<'a> {
    mail: &'a Welcome<'a>,
}

impl Mail for Welcome<'_> {
    const SUBJECT: &'static str = "Welcome";

    fn html(&self) -> Result<String> {
        rendered(&Html { mail: self })
    }

    fn text(&self) -> Result<String> {
        rendered(&Text { mail: self })
    }
}
