//! `POST /api/v1/desktop/google_signup`

use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::demo_drive::{self, DemoDrive};
use shared::domain::google_person::GooglePerson;
use shared::domain::ids::{AccountId, UserId};
use shared::domain::user::{User, UserType};
use shared::domain::{Error, Result};
use shared::limits::Limit;
use shared::mail::{self, Welcome};
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoogleSignupRequest {
    request_token: String,
    id_token: String,
}

/// Makes the user whom the ID token identifies, without a password, with an account on the free plan and
/// a demo drive. Sign-ups that are pending for the address are void.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<GoogleSignupRequest>,
) -> Result<()> {
    let counted = client.uses(&[Limit::Google]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    let person = app.google_identity().verify(&body.id_token).await?;
    let (linked, owner) = tokio::try_join!(
        app.database().user_by_google(&person.subject),
        app.database().user_by_email(&person.email)
    )?;
    if linked.or(owner).is_some() {
        return Err(duplicate());
    }
    let user = user_of(&app, &person);
    let drive = DemoDrive::new(&user, user.created);
    demo_drive::put_welcome_file(&app, &drive).await?;
    let made = app
        .database()
        .create_google_user(&user, &person.subject, &drive)
        .await?;
    if !made {
        // Somebody was faster.
        if let Err(error) = demo_drive::remove_welcome_file(&app, &drive).await {
            tracing::warn!(causes = error.causes(), "a file of nobody's is left");
        }
        return Err(duplicate());
    }
    mail::notify(&app, &user.email, &Welcome { name: &user.name }).await;
    Ok(())
}

fn user_of(app: &App, person: &GooglePerson) -> User {
    let now = app.clock().now();
    User {
        id: UserId::new(now),
        account_id: AccountId::new(now),
        email: person.email.clone(),
        name: person.display_name(),
        password_hash: None,
        google_subject: Some(person.subject.clone()),
        user_type: UserType::DesktopAdmin,
        active: true,
        session_epoch: 0,
        created: now,
    }
}

fn duplicate() -> Error {
    Error::duplicate("There is a user with this Google account or its address. Sign in instead.")
}
