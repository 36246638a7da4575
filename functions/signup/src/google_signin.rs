//! `POST /api/v1/desktop/google_signin`

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use shared::app::App;
use shared::domain::google_person::GooglePerson;
use shared::domain::user::User;
use shared::domain::{Error, Result};
use shared::limits::Limit;
use shared::mail::{self, GoogleLinked};
use shared::sign_in::sign_in;
use shared::web::client::ClientAddress;
use shared::web::json::Json;
use shared::web::request_token;

const NO_USER: &str = "There is no user with this Google account. Sign up with Google first.";
const NOT_GOOGLES: &str = "There is a user with this address, which Google cannot vouch for. \
                           Sign in with the password.";
const LINKED_WITH_ANOTHER: &str = "The user with this address signs in with another Google account. \
                                   Use that one, or a password.";

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoogleSigninRequest {
    request_token: String,
    id_token: String,
}

/// Begins a session of the user whom the ID token identifies: by the Google account, or else, where
/// Google's word is enough for it, by the address, which links the two for good.
pub async fn handle(
    State(app): State<App>,
    client: ClientAddress,
    Json(body): Json<GoogleSigninRequest>,
) -> Result<Answer<String>> {
    let counted = client.uses(&[Limit::Google]);
    request_token::admit(&app, &body.request_token, &counted).await?;
    let person = app.google_identity().verify(&body.id_token).await?;
    let user = match app.database().user_by_google(&person.subject).await? {
        Some(user) => user,
        None => link(&app, &person).await?,
    };
    sign_in(&app, &user).await.map(Answer)
}

/// Links the Google account to the user who has its address. Their sessions end, and a mail tells them.
async fn link(app: &App, person: &GooglePerson) -> Result<User> {
    let user = app.database().user_by_email(&person.email).await?;
    let user = user.ok_or_else(|| Error::identity_refused(NO_USER))?;
    if !person.mailbox_is_googles() {
        return Err(Error::identity_refused(NOT_GOOGLES));
    }
    if !user.active {
        return Err(Error::inactive_user());
    }
    let by_us = app.database().link_google(user.id, &person.subject).await?;
    // As it is now: in another session epoch, or linked by a request beside this one.
    let linked = app.database().user_by_google(&person.subject).await?;
    let user = linked.ok_or_else(|| Error::identity_refused(LINKED_WITH_ANOTHER))?;
    if by_us {
        let mail = GoogleLinked {
            name: &user.name,
            when: app.clock().now(),
        };
        mail::notify(app, &user.email, &mail).await;
    }
    Ok(user)
}
