//! `POST /api/v1/desktop/confirm_signup`

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::ids::{AccountId, SessionId, UserId};
use shared::domain::mailed_code::MailedCode;
use shared::domain::user::{User, UserType};
use shared::domain::{Error, Result};
use shared::limits::Limit;
use shared::tokens::{self, SessionClaims};
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmSignupRequest {
    request_token: String,
    token: String,
}

/// Makes the user whose code this is, with an account on the free plan, and answers a session's JWT.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<ConfirmSignupRequest>,
) -> Result<Answer<String>> {
    let counted = client.uses(&[Limit::ConfirmSignup, Limit::ConfirmSignupDaily]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    let unknown = || Error::nothing_pending("token: unknown, expired or already used");
    let code = MailedCode::read(&body.token).ok_or_else(unknown)?;

    let now = app.clock().now();
    let (session_id, expires) = (SessionId::new(now), now + app.config().session_lifetime);
    let user = app
        .database()
        .confirm(
            &tokens::hash_of_code(&code),
            (session_id, expires),
            |email, name, password_hash, created| User {
                id: UserId::new(now),
                account_id: AccountId::new(now),
                email,
                name,
                password_hash: Some(password_hash),
                google_subject: None,
                user_type: UserType::DesktopAdmin,
                active: true,
                session_epoch: 0,
                created,
            },
        )
        .await?
        .ok_or_else(unknown)?;

    let claims = SessionClaims {
        sub: user.id,
        sid: session_id,
    };
    app.tokens().session(claims, expires).await.map(Answer)
}
