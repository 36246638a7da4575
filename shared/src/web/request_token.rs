//! The one-shot token that anonymous requests carry.

use crate::app::App;
use crate::domain::{Error, Result};

/// Burns a request's token. Call it when the body is known to be well-formed, and before any work:
/// of two requests with one token exactly one gets past this line.
pub async fn burn(app: &App, token: &str) -> Result<()> {
    let refused = || Error::token("requestToken");
    let id = app
        .tokens()
        .read_request_token(token)
        .await?
        .map_err(|_| refused())?;
    if app.database().burn_request_token(id).await? {
        Ok(())
    } else {
        Err(refused())
    }
}
