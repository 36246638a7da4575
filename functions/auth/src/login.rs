//! `POST /api/authentication/login`

use axum::Json as Answer;
use axum::extract::State;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::app::App;
use shared::domain::email::EmailAddress;
use shared::domain::ids::SessionId;
use shared::domain::password::Password;
use shared::domain::{Error, Result};
use shared::tokens::SessionClaims;
use shared::web::json::Json;
use shared::web::request_token;
use shared::web::steady::steady;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginRequest {
    request_token: String,
    username: String,
    password: SecretString,
    r#type: u32,
}

/// What the endpoint answers. No challenge is ever asked, so there is no session to go on with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginAnswer {
    challenge: u8,
    jwt_token: String,
    session: Option<String>,
}

/// Begins a session. Wrong user, password and type are one 401, in one time.
pub async fn handle(
    State(app): State<App>,
    Json(body): Json<LoginRequest>,
) -> Result<Answer<LoginAnswer>> {
    request_token::burn(&app, &body.request_token).await?;
    steady(app.config().answer_step, log_in(&app, &body))
        .await
        .map(Answer)
}

async fn log_in(app: &App, body: &LoginRequest) -> Result<LoginAnswer> {
    // What is no address is nobody's; the password is hashed all the same.
    let email = EmailAddress::parse("username", &body.username).ok();
    let user = match &email {
        Some(email) => app.database().user_by_email(email).await?,
        None => None,
    };
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let matches = Password::typed(&body.password).matches(hash).await?;
    let user = user
        .filter(|user| matches && u32::from(user.user_type) == body.r#type)
        .ok_or_else(|| Error::unauthenticated("Wrong username, password or type."))?;
    if !user.active {
        return Err(Error::inactive_user());
    }

    let now = app.clock().now();
    let expires = now + app.config().session_lifetime;
    let claims = SessionClaims {
        sub: user.id,
        sid: SessionId::new(now),
    };
    app.database().begin_session(claims, expires).await?;
    let jwt_token = app.tokens().session(claims, expires).await?;
    Ok(LoginAnswer {
        challenge: 0,
        jwt_token,
        session: None,
    })
}
