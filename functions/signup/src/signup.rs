//! `POST /api/v1/desktop/signup`

use axum::extract::State;
use secrecy::SecretString;
use serde::Deserialize;
use shared::app::App;
use shared::database::{MailSlot, NewAttempt, Registration};
use shared::domain::Result;
use shared::domain::email::EmailAddress;
use shared::domain::ids::AttemptId;
use shared::domain::mailed_code::MailedCode;
use shared::domain::password::{Password, PasswordHash};
use shared::domain::text::parse_name;
use shared::limits::Limit;
use shared::mail::{self, AccountExists, Activation};
use shared::tokens;
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;
use shared::web::steady::steady;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignupRequest {
    request_token: String,
    name: String,
    email: String,
    password: SecretString,
}

/// Registers an attempt to sign up and mails its code. The answer is the same, in content and time,
/// whether the address is new, pending or taken.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<SignupRequest>,
) -> Result<()> {
    let name = parse_name("name", &body.name)?;
    let email = EmailAddress::parse("email", &body.email)?;
    let password = Password::parse("password", &body.password)?;
    let counted = client.uses(&[Limit::Signup]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    steady(app.config().answer_step, async {
        let (owner, hash) = tokio::join!(app.database().user_by_email(&email), password.hash());
        match (owner?, hash?) {
            (Some(owner), _) => {
                // It leaves what every sign-up does, so that what follows does not tell it from others.
                register(&app, name, email, None).await?;
                // In the owner's own spelling: to some servers another case is another mailbox.
                tell_the_owner(&app, &owner.email).await
            }
            (None, hash) => match register(&app, name, email, Some(hash)).await? {
                Some((attempt, slot, code)) => mail_code(&app, &attempt, &slot, &code).await,
                None => Ok(()),
            },
        }
    })
    .await
}

/// Registers an attempt; answers it with its code where that is to be mailed.
async fn register(
    app: &App,
    name: String,
    email: EmailAddress,
    password_hash: Option<PasswordHash>,
) -> Result<Option<(NewAttempt, MailSlot, MailedCode)>> {
    let id = AttemptId::new(app.clock().now());
    let (code, code_key_id) = tokens::activation_code(app.secrets(), id, None).await?;
    let attempt = NewAttempt {
        id,
        email,
        name,
        password_hash,
        code_hash: tokens::hash_of_code(&code),
        code_key_id,
    };
    Ok(match app.database().register(&attempt).await? {
        Registration::Mail(slot) => Some((attempt, slot, code)),
        Registration::Quiet | Registration::Full => None,
    })
}

async fn mail_code(
    app: &App,
    attempt: &NewAttempt,
    slot: &MailSlot,
    code: &MailedCode,
) -> Result<()> {
    let mail = Activation {
        name: &attempt.name,
        code,
        asked: app.clock().now(),
    };
    if let Err(error) = mail::send(app, &attempt.email, &mail).await {
        app.database().release_mail_slot(slot).await?;
        return Err(error);
    }
    Ok(())
}

async fn tell_the_owner(app: &App, email: &EmailAddress) -> Result<()> {
    if !app.database().claim_taken_notice(email).await? {
        return Ok(());
    }
    let mail = AccountExists {
        asked: app.clock().now(),
    };
    if let Err(error) = mail::send(app, email, &mail).await {
        app.database().release_taken_notice(email).await?;
        return Err(error);
    }
    Ok(())
}
