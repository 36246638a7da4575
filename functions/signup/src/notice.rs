//! Mails that no answer waits for.

use shared::app::App;
use shared::domain::email::EmailAddress;
use shared::mail::{self, Mail};

/// Mails what has happened already. That it could not be mailed changes nothing, and only the log
/// tells.
pub(crate) async fn send<M: Mail>(app: &App, to: &EmailAddress, mail: &M) {
    if let Err(error) = mail::send(app, to, mail).await {
        tracing::warn!(causes = error.causes(), "a notice was not mailed");
    }
}
