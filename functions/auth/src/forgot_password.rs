//! `POST /api/authentication/forgot_password`

use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::email::EmailAddress;
use shared::domain::user::User;
use shared::limits::{self, Limit};
use shared::mail::{self, Delivery, PasswordReset};
use shared::tokens;
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;
use shared::web::steady::steady;

/// Answers are held back to a multiple of so many steps.
const MAIL_STEPS: u32 = 3;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForgotPasswordRequest {
    request_token: String,
    username: String,
}

/// Mails a user a code that sets a new password: once a minute, ten times a day. The answer is the same, in
/// content and time, whether or not there is such a user.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<ForgotPasswordRequest>,
) -> Result<()> {
    let counted = client.uses(&[Limit::ForgotPassword]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    // What is no address is nobody's.
    let email = EmailAddress::from_verified(&body.username);
    // Only a user is mailed, and the first mail of an instance takes its time.
    steady(app.config().answer_step * MAIL_STEPS, async {
        match email {
            Some(email) => forgotten(&app, &email).await,
            None => Ok(()),
        }
    })
    .await
}

async fn forgotten(app: &App, email: &EmailAddress) -> Result<()> {
    let mails = [Limit::ResetMail, Limit::ResetMailDaily].map(|limit| limit.of(email.key()));
    let (due, user) = tokio::join!(
        limits::allows(app, &mails),
        app.database().user_by_email(email)
    );
    if let (Some(counted), Some(user)) = (due?, user?.filter(|user| user.active))
        && let Err(error) = mail_code(app, &user).await
    {
        // Only a user's request gets here, so a failure would tell that there is one.
        tracing::error!(
            text = error.public(),
            causes = error.causes(),
            "a reset code was not mailed"
        );
        limits::give_back(app, &mails, counted).await;
    }
    Ok(())
}

async fn mail_code(app: &App, user: &User) -> Result<()> {
    let code = tokens::new_code()?;
    let hash = tokens::hash_of_code(&code);
    app.database().create_password_reset(&hash, user).await?;
    let mail = PasswordReset {
        name: &user.name,
        code: &code.grouped(),
        asked: app.clock().now(),
    };
    let sent = mail::send(app, &user.email, &mail).await;
    if !matches!(sent, Ok(Delivery::Sent)) {
        app.database().forget_password_reset(&hash).await?;
    }
    sent.map(|_| ())
}
