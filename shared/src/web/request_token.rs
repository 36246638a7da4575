//! The one-shot token that anonymous requests carry.

use crate::app::App;
use crate::domain::{Error, Result};
use crate::limits::{self, Use};

/// Admits an anonymous request: burns its token, and counts it as `uses` of what is limited. Call it when
/// the body is known to be well-formed, and before any work: of two requests with one token exactly one
/// gets past this line. A request that is refused for a limit has used its token up.
pub async fn admit(app: &App, token: &str, uses: &[Use]) -> Result<()> {
    let refused = || Error::token("requestToken");
    let id = app
        .tokens()
        .read_request_token(token)
        .await?
        .map_err(|_| refused())?;
    if !app.database().burn_request_token(id).await? {
        return Err(refused());
    }
    // Only now: a token that was used before must not count against anybody.
    limits::count(app, uses).await.map(drop)
}
