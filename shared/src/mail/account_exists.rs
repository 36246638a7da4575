//! The mail that tells the owner of an account of a sign-up with their address.

use askama::Template;
use jiff::Timestamp;

use super::{Mail, rendered};
use crate::domain::Result;

/// Tells the owner of an account that somebody signed up with their address. It carries nothing
/// that the stranger typed.
pub struct AccountExists {
    /// When the sign-up was asked for.
    pub asked: Timestamp,
}

#[derive(Template)]
#[template(path = "account_exists.html")]
struct Html<'a> {
    mail: &'a AccountExists,
}

#[derive(Template)]
#[template(path = "account_exists.txt")]
struct Text<'a> {
    mail: &'a AccountExists,
}

impl Mail for AccountExists {
    const SUBJECT: &'static str = "You already have an account";

    fn html(&self) -> Result<String> {
        rendered(&Html { mail: self })
    }

    fn text(&self) -> Result<String> {
        rendered(&Text { mail: self })
    }
}
