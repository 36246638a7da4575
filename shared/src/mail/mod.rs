//! Mail: what we write to people, and SES, which carries it.
//!
//! Whatever people typed is text in every part: escaped, isolated in its direction, on one line (a
//! note excepted, which is quoted line by line), and never in a header. Nothing in a mail is fetched
//! from anywhere, and nothing but [`SharedFile`] has anything to click.

mod account_exists;
mod activation;
mod google_linked;
mod password_changed;
mod password_reset;
mod shared_file;
mod welcome;

mod delivery;

pub use account_exists::AccountExists;
pub use activation::Activation;
pub use google_linked::GoogleLinked;
pub use password_changed::PasswordChanged;
pub use password_reset::PasswordReset;
pub use shared_file::SharedFile;
pub use welcome::Welcome;

pub use delivery::{Delivery, notify, send};

use askama::Template;
use aws_sdk_ses::Client;
use aws_sdk_ses::types::{Body, Content, Destination, Message};
use jiff::Timestamp;

use crate::config::Config;
use crate::domain::email::EmailAddress;
use crate::domain::text::{NAME_CHARS_MAX, shown};
use crate::domain::{Error, Result};

/// A mail: a constant subject, and the same content as HTML and as plain text.
pub trait Mail {
    /// The subject. Nothing that a user typed is in it.
    const SUBJECT: &'static str;

    /// The HTML part, with every value escaped.
    fn html(&self) -> Result<String>;

    /// The plain-text part.
    fn text(&self) -> Result<String>;
}

/// Hands mail to SES. It does not look at marks: [`send`] does.
pub struct Mailer {
    client: Client,
    from: String,
    reply_to: Option<String>,
    configuration_set: Option<String>,
}

impl Mailer {
    /// Sends through `client` in the name that `config` gives.
    pub fn new(client: Client, config: &Config) -> Self {
        Self {
            client,
            from: config.mail_from.clone(),
            reply_to: config.mail_reply_to.clone(),
            configuration_set: config.mail_configuration_set.clone(),
        }
    }

    /// Sends `mail` to one address. SES has no idempotency token: a repeat after a lost answer may
    /// deliver the same mail twice, never a different one.
    pub async fn send<M: Mail>(&self, to: &EmailAddress, mail: &M) -> Result<()> {
        let body = Body::builder()
            .html(content(mail.html()?)?)
            .text(content(mail.text()?)?)
            .build();
        let message = Message::builder()
            .subject(content(M::SUBJECT)?)
            .body(body)
            .build();
        self.client
            .send_email()
            .source(&self.from)
            .destination(Destination::builder().to_addresses(to.to_string()).build())
            .set_reply_to_addresses(self.reply_to.clone().map(|address| vec![address]))
            .set_configuration_set_name(self.configuration_set.clone())
            .message(message)
            .send()
            .await
            .map_err(|error| {
                // The cause is named by its code only: SES repeats addresses in its texts.
                let code = aws_sdk_ses::error::ProvideErrorMetadata::code(&error)
                    .unwrap_or("no answer")
                    .to_owned();
                Error::unavailable("The mail could not be sent. Try again.").because(code)
            })?;
        Ok(())
    }
}

fn content(data: impl Into<String>) -> Result<Content> {
    Content::builder()
        .charset("UTF-8")
        .data(data)
        .build()
        .map_err(|error| Error::internal("a mail is malformed").because(error))
}

fn rendered(template: &impl Template) -> Result<String> {
    template
        .render()
        .map_err(|error| Error::internal("a mail could not be rendered").because(error))
}

/// A person's name, wherever it came from.
fn name(name: &str) -> String {
    shown(name, NAME_CHARS_MAX)
}

/// `2026-11-23 14:05 UTC`.
fn to_the_minute(time: &Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
