//! Sending, except to whom mail must not go.

use std::time::Duration;

use super::Mail;
use crate::app::App;
use crate::domain::Result;
use crate::domain::email::EmailAddress;

/// What became of a mail that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Delivery {
    /// SES has taken it.
    Sent,
    /// The address is marked, so nothing was sent. Whoever asked must not be able to tell.
    Suppressed,
}

/// Sends `mail` to one address, unless mail to it has bounced for good or brought a complaint.
pub async fn send<M: Mail>(app: &App, to: &EmailAddress, mail: &M) -> Result<Delivery> {
    if app.database().is_marked(to).await? {
        return Ok(Delivery::Suppressed);
    }
    app.mailer().send(to, mail).await?;
    Ok(Delivery::Sent)
}

/// An answer waits no longer for a mail that it does not depend on.
const NOTICE_TIME: Duration = Duration::from_secs(5);

/// Mails what has happened already. That it could not be mailed, or not in time, changes nothing, and only
/// the log tells.
pub async fn notify<M: Mail>(app: &App, to: &EmailAddress, mail: &M) {
    match tokio::time::timeout(NOTICE_TIME, send(app, to, mail)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(causes = error.causes(), "a notice was not mailed"),
        Err(_) => tracing::warn!("a notice was not mailed in time"),
    }
}
