//! Sessions, and who a request comes from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cloud_accounts::StoredCloudAccount;
use super::error::unavailable;
use super::table::{self, Key};
use super::transaction::Transaction;
use super::users::read_user;
use super::{Database, Item, read_item, write_item};
use crate::domain::ids::{CloudAccountId, SessionId, UserId};
use crate::domain::user::{Caller, User};
use crate::domain::{Error, Result};
use crate::tokens::SessionClaims;

#[derive(Serialize, Deserialize)]
struct SessionRecord {
    user_id: UserId,
    /// The user's session epoch when the session began; sessions from before it have none.
    #[serde(default)]
    epoch: u64,
    expires: Timestamp,
}

/// A session to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewSession {
    /// Whose, and which.
    pub claims: SessionClaims,
    /// The user's [`User::session_epoch`] as it was when they proved who they are.
    pub epoch: u64,
    /// When it ends by itself.
    pub expires: Timestamp,
}

fn session_item(session: NewSession) -> Result<Item> {
    let NewSession {
        claims,
        epoch,
        expires,
    } = session;
    let record = SessionRecord {
        user_id: claims.sub,
        epoch,
        expires,
    };
    let mut item = write_item(&Key::session(claims.sid), &record)?;
    item.extend(table::sessions_of(claims.sub, claims.sid));
    item.extend([table::ttl(expires)]);
    Ok(item)
}

impl Database {
    /// Begins a session. If the user's sessions were ended since its epoch was read, it is dead from
    /// the start.
    pub async fn begin_session(&self, session: NewSession) -> Result<()> {
        let item = session_item(session)?;
        self.put(item).await
    }

    /// Ends a session at once, everywhere. Ending one that is not there succeeds.
    pub async fn end_session(&self, id: SessionId) -> Result<()> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(Key::session(id).attributes()))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    /// The caller behind a JWT's claims: the session is alive and the user active. One round trip.
    pub async fn caller(&self, claims: SessionClaims) -> Result<Caller> {
        let items = self
            .get_all(&[Key::session(claims.sid), Key::user(claims.sub)])
            .await?;
        self.user_among(items).map(|(user, _)| user.caller())
    }

    /// A cloud account that the caller may see, in one round trip with the caller. One that is not
    /// there, deleted, or not the caller's to see is `NotFound`: one answer for all three.
    pub async fn visible_cloud_account(
        &self,
        claims: SessionClaims,
        id: CloudAccountId,
    ) -> Result<StoredCloudAccount> {
        self.user_and_cloud_account(claims, id)
            .await
            .map(|(_, stored)| stored)
    }

    /// As [`Database::visible_cloud_account`], with the user who makes the request.
    pub async fn user_and_cloud_account(
        &self,
        claims: SessionClaims,
        id: CloudAccountId,
    ) -> Result<(User, StoredCloudAccount)> {
        let (user, stored) = self.user_and_any_cloud_account(claims, id).await?;
        if stored.ownership().visible_to(&user.caller()) {
            Ok((user, stored))
        } else {
            Err(Error::not_found())
        }
    }

    /// A cloud account, and whether the caller may see it, in one round trip with the caller.
    pub async fn any_cloud_account(
        &self,
        claims: SessionClaims,
        id: CloudAccountId,
    ) -> Result<(StoredCloudAccount, bool)> {
        let (user, stored) = self.user_and_any_cloud_account(claims, id).await?;
        let sees = stored.ownership().visible_to(&user.caller());
        Ok((stored, sees))
    }

    async fn user_and_any_cloud_account(
        &self,
        claims: SessionClaims,
        id: CloudAccountId,
    ) -> Result<(User, StoredCloudAccount)> {
        let wanted = [
            Key::session(claims.sid),
            Key::user(claims.sub),
            Key::cloud_account(id),
        ];
        let (user, rest) = self.user_among(self.get_all(&wanted).await?)?;
        let stored = StoredCloudAccount::read(rest.ok_or_else(Error::not_found)?)?;
        Ok((user, stored))
    }

    /// The user of a live session, and what else was read.
    fn user_among(&self, items: Vec<Item>) -> Result<(User, Option<Item>)> {
        let (mut session, mut user, mut rest) = (None, None, None);
        for item in items {
            let slot = match item.get("pk").and_then(|pk| pk.as_s().ok()) {
                Some(pk) if pk.starts_with("SESSION#") => &mut session,
                Some(pk) if pk.starts_with("USER#") => &mut user,
                _ => &mut rest,
            };
            *slot = Some(item);
        }
        let session: SessionRecord = read_item(session.ok_or_else(Error::session_ended)?)?;
        let user: User = read_user(user.ok_or_else(Error::session_ended)?)?;
        let alive = session.user_id == user.id
            && session.epoch == user.session_epoch
            && session.expires > self.clock.now()
            && user.active;
        if !alive {
            return Err(Error::session_ended());
        }
        Ok((user, rest))
    }
}

impl Transaction<'_> {
    /// Begins a session together with other writes.
    pub(super) fn begin_session(self, session: NewSession) -> Result<Self> {
        self.create(session_item(session)?)
    }
}
