//! `POST /api/v1/desktop/resend_confirmation_email`

use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::database::Resend;
use shared::domain::email::EmailAddress;
use shared::domain::{Error, Result};
use shared::limits::Limit;
use shared::mail::{self, Activation};
use shared::tokens;
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;
use shared::web::steady::steady;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResendRequest {
    request_token: String,
    email: String,
}

/// Mails the code of the newest attempt again and extends its life. Within a minute of the last mail
/// it answers 200 and sends nothing.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<ResendRequest>,
) -> Result<()> {
    let email = EmailAddress::parse("email", &body.email)?;
    let counted = client.uses(&[Limit::Resend]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    steady(app.config().answer_step, resend(&app, &email)).await
}

async fn resend(app: &App, email: &EmailAddress) -> Result<()> {
    let (attempt, slot) = match app.database().resend(email).await? {
        Resend::Mail(attempt, slot) => (attempt, slot),
        Resend::Quiet => return Ok(()),
        Resend::Nothing => {
            return Err(Error::nothing_pending(
                "email: no sign-up is pending for this address",
            ));
        }
    };
    let (code, _) =
        tokens::activation_code(app.secrets(), attempt.id, Some(&attempt.code_key_id)).await?;
    let mail = Activation {
        name: &attempt.name,
        code: &code,
        asked: attempt.created,
    };
    if let Err(error) = mail::send(app, &attempt.email, &mail).await {
        app.database().release_mail_slot(&slot).await?;
        return Err(error);
    }
    Ok(())
}
