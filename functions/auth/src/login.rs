//! `POST /api/authentication/login`

use axum::Json as Answer;
use axum::extract::State;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::app::App;
use shared::domain::email::EmailAddress;
use shared::domain::password::Password;
use shared::domain::{Error, Result};
use shared::limits::{self, Limit};
use shared::sign_in::sign_in;
use shared::web::client::ClientAddress;
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
    client: ClientAddress,
    Json(body): Json<LoginRequest>,
) -> Result<Answer<LoginAnswer>> {
    // What is no address is nobody's.
    let email = EmailAddress::from_verified(&body.username);
    let who = email
        .as_ref()
        .map_or_else(|| body.username.clone(), EmailAddress::key);
    let mut uses = client.uses(&[Limit::Login]);
    let tries: Vec<_> = client
        .use_for(Limit::LoginByAddressOfUser, &who)
        .into_iter()
        .chain([Limit::LoginOfUser.of(who)])
        .collect();
    uses.extend_from_slice(&tries);
    request_token::admit(&app, &body.request_token, &uses).await?;
    steady(app.config().answer_step, async {
        let answer = log_in(&app, email.as_ref(), &body).await?;
        // Only tries that fail one after another count.
        limits::forget(&app, &tries).await;
        Ok(Answer(answer))
    })
    .await
}

async fn log_in(
    app: &App,
    email: Option<&EmailAddress>,
    body: &LoginRequest,
) -> Result<LoginAnswer> {
    let user = match email {
        Some(email) => app.database().user_by_email(email).await?,
        None => None,
    };
    // Without a user, and without a password, the typed one is hashed all the same.
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let matches = Password::typed(&body.password).matches(hash).await?;
    let user = user
        .filter(|user| matches && u32::from(user.user_type) == body.r#type)
        .ok_or_else(|| Error::unauthenticated("Wrong username, password or type."))?;
    Ok(LoginAnswer {
        challenge: 0,
        jwt_token: sign_in(app, &user).await?,
        session: None,
    })
}
