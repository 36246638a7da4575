//! Mail: what we write to people, and SES, which carries it.

mod account_exists;
mod activation;

pub use account_exists::AccountExists;
pub use activation::Activation;

use aws_sdk_ses::Client;
use aws_sdk_ses::types::{Body, Content, Destination, Message};

use crate::config::Config;
use crate::domain::email::EmailAddress;
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

/// Sends mail.
pub struct Mailer {
    client: Client,
    from: String,
    reply_to: Option<String>,
}

impl Mailer {
    /// Sends through `client` in the name that `config` gives.
    pub fn new(client: Client, config: &Config) -> Self {
        Self {
            client,
            from: config.mail_from.clone(),
            reply_to: config.mail_reply_to.clone(),
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

fn rendered(result: askama::Result<String>) -> Result<String> {
    result.map_err(|error| Error::internal("a mail could not be rendered").because(error))
}
