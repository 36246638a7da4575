//! What happens when somebody has proved who they are.

use crate::app::App;
use crate::database::NewSession;
use crate::domain::ids::SessionId;
use crate::domain::user::User;
use crate::domain::{Error, Result};
use crate::tokens::SessionClaims;

/// Begins a session of `user` and answers its JWT. Errors: `InactiveUser`.
pub async fn sign_in(app: &App, user: &User) -> Result<String> {
    if !user.active {
        return Err(Error::inactive_user());
    }
    let now = app.clock().now();
    let session = NewSession {
        claims: SessionClaims {
            sub: user.id,
            sid: SessionId::new(now),
        },
        epoch: user.session_epoch,
        expires: now + app.config().session_lifetime,
    };
    app.database().begin_session(session).await?;
    app.tokens().session(session.claims, session.expires).await
}
