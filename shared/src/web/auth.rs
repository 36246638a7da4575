//! Who makes a request.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::App;
use crate::database::StoredCloudAccount;
use crate::domain::ids::{CloudAccountId, UserId};
use crate::domain::user::{Caller, User};
use crate::domain::{Error, Result};
use crate::tokens::{Refusal, SessionClaims};

/// A bearer JWT: at most this many bytes.
const BEARER_BYTES_MAX: usize = 4_096;

/// A request's session: its JWT is genuine and has not expired. Whether the session is still alive
/// is read together with the records that the request needs, so that both cost one round trip.
pub struct Session(SessionClaims);

impl Session {
    /// The user whom the JWT names.
    pub fn user_id(&self) -> UserId {
        self.0.sub
    }

    /// The caller; 401 if the session was ended or the user may not sign in.
    pub async fn caller(&self, app: &App) -> Result<Caller> {
        app.database().caller(self.0).await
    }

    /// The cloud account `id`, if the caller may see it (else `NotFound`), its credentials sealed.
    pub async fn cloud_account(&self, app: &App, id: CloudAccountId) -> Result<StoredCloudAccount> {
        app.database().visible_cloud_account(self.0, id).await
    }

    /// As [`Session::cloud_account`], with the user who makes the request.
    pub async fn user_and_cloud_account(
        &self,
        app: &App,
        id: CloudAccountId,
    ) -> Result<(User, StoredCloudAccount)> {
        app.database().user_and_cloud_account(self.0, id).await
    }

    /// The cloud account `id`, whoever it belongs to, and whether the caller may see it.
    pub async fn any_cloud_account(
        &self,
        app: &App,
        id: CloudAccountId,
    ) -> Result<(StoredCloudAccount, bool)> {
        app.database().any_cloud_account(self.0, id).await
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let token = bearer(parts)?
            .ok_or_else(|| Error::unauthenticated("Authorization: a bearer token is required"))?;
        session(app, token).await
    }
}

/// For endpoints that answer strangers too: no header is a stranger, a wrong one is still a 401.
impl OptionalFromRequestParts<App> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>> {
        match bearer(parts)? {
            None => Ok(None),
            Some(token) => session(app, token).await.map(Some),
        }
    }
}

async fn session(app: &App, token: &str) -> Result<Session> {
    match app.tokens().read_session(token).await? {
        Ok(claims) => Ok(Session(claims)),
        Err(Refusal::Expired) => Err(Error::session_ended()),
        Err(Refusal::Invalid) => Err(malformed()),
    }
}

/// The one bearer token of the one `Authorization` header.
fn bearer(parts: &Parts) -> Result<Option<&str>> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(header) = headers.next() else {
        return Ok(None);
    };
    if headers.next().is_some() {
        return Err(malformed());
    }
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(malformed)?;
    let token = token.trim();
    let single =
        !token.is_empty() && token.len() <= BEARER_BYTES_MAX && !token.contains([' ', ',']);
    if scheme.eq_ignore_ascii_case("Bearer") && single {
        Ok(Some(token))
    } else {
        Err(malformed())
    }
}

fn malformed() -> Error {
    Error::unauthenticated("Authorization: the bearer token is not valid")
}
