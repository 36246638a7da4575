//! `POST /api/authentication/reset_password`

use axum::extract::State;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::app::App;
use shared::domain::mailed_code::MailedCode;
use shared::domain::password::Password;
use shared::domain::user::User;
use shared::domain::{Error, Result};
use shared::limits::{self, Limit};
use shared::mail::{self, PasswordChanged};
use shared::tokens;
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetPasswordRequest {
    request_token: String,
    reset_token: SecretString,
    password: SecretString,
}

/// Sets a new password with a mailed code. Every session of the user ends.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<ResetPasswordRequest>,
) -> Result<()> {
    let password = Password::parse("password", &body.password)?;
    let counted = client.uses(&[Limit::ResetPassword, Limit::ResetPasswordDaily]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    let unknown = || Error::token("resetToken");
    let code = MailedCode::read(body.reset_token.expose_secret()).ok_or_else(unknown)?;

    let hash = tokens::hash_of_code(&code);
    let user = app.database().user_to_reset(&hash).await?;
    let user = user.ok_or_else(unknown)?;
    let password = password.hash().await?;
    if !app
        .database()
        .reset_password(&hash, &user, &password)
        .await?
    {
        return Err(unknown());
    }
    settle(&app, &client, &user).await;
    Ok(())
}

/// What follows from a new password, and does not undo it where it fails.
async fn settle(app: &App, client: &ClientAddress, user: &User) {
    let who = user.email.key();
    let failed_logins: Vec<_> = client
        .use_for(Limit::LoginByAddressOfUser, &who)
        .into_iter()
        .chain([Limit::LoginOfUser.of(who)])
        .collect();
    let notice = PasswordChanged {
        name: &user.name,
        when: app.clock().now(),
    };
    tokio::join!(
        limits::forget(app, &failed_logins),
        mail::notify(app, &user.email, &notice)
    );
}
