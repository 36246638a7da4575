//! Keeping a connection alive: the refresh of an account's OAuth tokens, once for all who ask.
//!
//! In a process, those who ask for one account at a time share one flight (`flights.rs`). Across
//! processes, a lease on the record makes one of them the leader; the others look at the record until
//! the outcome is there. The rules that keep a live token from being lost are those of
//! `database/refreshes.rs`: save on the version and never on the lease, journal before the call,
//! look again before an account is called dead.

mod flights;
#[cfg(test)]
mod model;

use std::convert::Infallible;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use tokio::time::Instant;
use uuid::Uuid;

pub(super) use flights::Flights;

use super::Providers;
use super::failure::{BUSY, NOT_ALLOWED};
use super::oauth::{OAuthClient, Refusal, Verdict};
use crate::database::{Database, Lease, Saved, Standing, StoredCloudAccount};
use crate::deadline;
use crate::domain::cloud_account::CloudAccount;
use crate::domain::ids::CloudAccountId;
use crate::domain::oauth_tokens::OAuthTokens;
use crate::domain::{Clock, Error, ErrorKind, Result};
use crate::secrets::Secrets;

/// After a failure, nobody tries again for so long, or for as long as the vendor says.
const COOLDOWN: SignedDuration = SignedDuration::from_secs(30);
/// A vendor's Retry-After is believed up to this.
const COOLDOWN_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Who waits for somebody else's refresh looks at the record at such intervals, doubling.
const LOOK_AFTER: Duration = Duration::from_millis(50);
const LOOK_AFTER_MAX: Duration = Duration::from_secs(1);
/// Who waits, or leads, has so long where no request sets the time.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is kept of a request's time to save what the vendor answers, and to answer ourselves: two
/// attempts of a write that hangs, and some.
const SAVE_RESERVE: Duration = Duration::from_secs(7);
/// If the vendor refuses access tokens that are good by their date, they are renewed so many times in
/// ten minutes, and then the refusal is believed.
const FORCED_MAX: u32 = 5;
/// A vendor that would have less time to answer is not asked: what is cut off may be lost.
const CALL_MIN: Duration = Duration::from_secs(3);

const DEAD: &str = "The storage provider has ended this connection: its access was revoked or has expired. Connect it again.";
const LOST: &str = "This connection is lost: the storage provider's answer to a renewal did not arrive, and its tokens work only once. Connect it again.";

/// Renews what expires.
pub struct Refresher<'a> {
    /// The records.
    pub database: &'a Database,
    /// The keys, and the platform's apps.
    pub secrets: &'a Secrets,
    /// The vendors.
    pub providers: &'a Providers,
    /// Time.
    pub clock: &'a Clock,
    /// A lease lasts so long without a sign of life.
    pub lease: SignedDuration,
}

impl Refresher<'_> {
    /// The account with credentials that are good for a while. Errors: `AccessRefused` for a dead
    /// grant; `Unavailable` if there is nothing usable now.
    pub async fn fresh(&self, stored: StoredCloudAccount) -> Result<CloudAccount> {
        match stored.standing(self.clock.now()) {
            Standing::Fresh => stored.open(self.secrets).await,
            Standing::Dead(reason) => Err(dead(reason)),
            Standing::Due | Standing::Leased | Standing::Cooling(_) => {
                self.together(stored, None).await
            }
        }
    }

    /// As [`Self::fresh`], without waiting for somebody else's refresh while the old access token
    /// works.
    pub async fn usable(&self, stored: StoredCloudAccount) -> Result<CloudAccount> {
        let now = self.clock.now();
        if stored.standing(now) == Standing::Leased && stored.is_usable(now) {
            stored.open(self.secrets).await
        } else {
            self.fresh(stored).await
        }
    }

    /// The account with new tokens, whatever is left of the old ones: for a grant that would die of
    /// not being used.
    pub async fn renewed(&self, stored: StoredCloudAccount) -> Result<CloudAccount> {
        let version = stored.token_version();
        self.together(stored, Some(version)).await
    }

    /// The account with another access token than `refused`, which the vendor no longer takes
    /// whatever its expiry says. If others have renewed it meanwhile, theirs is taken.
    pub async fn instead_of(&self, refused: &CloudAccount) -> Result<CloudAccount> {
        let stored = self.database.cloud_account(refused.id).await?;
        let version = stored.token_version();
        let current = stored.clone().open(self.secrets).await?.tokens()?;
        let is_another =
            current.access_token.expose_secret() != refused.tokens()?.access_token.expose_secret();
        if is_another {
            self.fresh(stored).await
        } else if stored.forced_lately(self.clock.now()) >= FORCED_MAX {
            Err(Error::access(NOT_ALLOWED))
        } else {
            self.together(stored, Some(version)).await
        }
    }

    /// Joins the flight for the account. `refused`: the tokens of this version are no good,
    /// whatever their expiry says.
    async fn together(
        &self,
        stored: StoredCloudAccount,
        refused: Option<u64>,
    ) -> Result<CloudAccount> {
        let id = stored.id();
        // On the heap: it is large, and most requests do without.
        let refresh = Box::pin(self.refresh(stored, refused));
        Box::pin(self.providers.flights.join((id, refused), refresh)).await
    }

    async fn refresh(
        &self,
        mut stored: StoredCloudAccount,
        refused: Option<u64>,
    ) -> Result<CloudAccount> {
        let owner = Uuid::new_v4().to_string();
        let deadline = Instant::now() + deadline::left_or(PATIENCE).saturating_sub(SAVE_RESERVE);
        let mut look_after = LOOK_AFTER;
        loop {
            let now = self.clock.now();
            let standing = if refused == Some(stored.token_version()) {
                stored.standing_once_due(now)
            } else {
                stored.standing(now)
            };
            match standing {
                Standing::Fresh => return stored.open(self.secrets).await,
                Standing::Dead(reason) => return Err(dead(reason)),
                Standing::Cooling(until) => {
                    let then = Duration::try_from(until.duration_since(now)).unwrap_or_default();
                    let error = Error::unavailable(BUSY).retry_in(then);
                    return self.make_do(stored, refused, error).await;
                }
                Standing::Due if Instant::now() + CALL_MIN < deadline => {
                    // All that can fail on our side fails before anybody is kept waiting.
                    let old = stored.clone().open(self.secrets).await?.tokens()?;
                    let keys = self.secrets.keys().await?;
                    let app = keys.app(stored.provider())?;
                    let client = self.providers.oauth(stored.provider(), app)?;
                    let version = stored.token_version();
                    let until = now + self.lease;
                    let lease = self
                        .database
                        .lease_refresh(stored.id(), version, &owner, until)
                        .await?;
                    match lease {
                        Lease::Taken {
                            account,
                            unfinished,
                        } => {
                            let lead = Lead {
                                refresher: self,
                                id: account.id(),
                                owner: &owner,
                                before: &account,
                                forced: refused.is_some(),
                                unfinished,
                                deadline,
                            };
                            return match lead.run(&client, &old).await {
                                Ok(account) => Ok(account),
                                Err(error) => self.make_do(account, refused, error).await,
                            };
                        }
                        Lease::Refused(current) => {
                            stored = current;
                            continue;
                        }
                    }
                }
                Standing::Due | Standing::Leased => {}
            }
            if Instant::now() + look_after >= deadline {
                let error = Error::unavailable("The connection is being renewed. Try again.");
                return self.make_do(stored, refused, error).await;
            }
            tokio::time::sleep(look_after).await;
            look_after = (look_after * 2).min(LOOK_AFTER_MAX);
            stored = self.database.cloud_account(stored.id()).await?;
        }
    }

    /// After a failure that passes: the old access token serves until it ends, unless it is the one
    /// that was refused.
    async fn make_do(
        &self,
        stored: StoredCloudAccount,
        refused: Option<u64>,
        error: Error,
    ) -> Result<CloudAccount> {
        let passes = error.kind() == ErrorKind::Unavailable;
        let usable = stored.is_usable(self.clock.now());
        if passes && usable && refused != Some(stored.token_version()) {
            stored.open(self.secrets).await
        } else {
            Err(error)
        }
    }
}

/// A refresh that this process leads.
struct Lead<'a> {
    refresher: &'a Refresher<'a>,
    id: CloudAccountId,
    owner: &'a str,
    /// The account, with the tokens that are refreshed.
    before: &'a StoredCloudAccount,
    /// The vendor refused access tokens that are good by their date.
    forced: bool,
    /// The outcome of an earlier refresh of them is not known.
    unfinished: bool,
    /// The vendor has until then.
    deadline: Instant,
}

impl Lead<'_> {
    async fn run(&self, client: &OAuthClient<'_>, old: &OAuthTokens) -> Result<CloudAccount> {
        let single_use = client.vendor().single_use_refresh;
        let mut outcome = self.call(client, old).await;
        if outcome.as_ref().is_err_and(Refusal::is_lost)
            && !single_use
            && Instant::now() + CALL_MIN < self.deadline
        {
            outcome = self.call(client, old).await;
        }
        match outcome {
            Ok(tokens) => self.save(client, &tokens).await,
            Err(refusal) if refusal.verdict() == Verdict::Permanent => {
                self.bury(refusal, single_use).await
            }
            Err(refusal) => self.give_up(refusal).await,
        }
    }

    /// Asks the vendor, and shows signs of life meanwhile: however slow it is, nobody else spends
    /// the token while we wait.
    async fn call(
        &self,
        client: &OAuthClient<'_>,
        old: &OAuthTokens,
    ) -> Result<OAuthTokens, Refusal> {
        let time = self.deadline.saturating_duration_since(Instant::now());
        let now = self.refresher.clock.now();
        // Side by side: a sign of life that is slow must not keep the answer waiting.
        tokio::select! {
            outcome = client.refresh(&old.refresh_token, now, time) => outcome,
            never = self.stay_alive() => match never {},
        }
    }

    async fn stay_alive(&self) -> Infallible {
        let Refresher {
            database,
            clock,
            lease,
            ..
        } = self.refresher;
        let version = self.before.token_version();
        let beat = Duration::try_from(*lease / 3).unwrap_or(LOOK_AFTER_MAX);
        loop {
            tokio::time::sleep(beat).await;
            let until = clock.now() + *lease;
            let renewed = database
                .renew_refresh_lease(self.id, version, self.owner, until)
                .await;
            if let Err(error) = renewed {
                tracing::warn!(cause = error.causes(), "a lease could not be renewed");
            }
        }
    }

    /// Saves what was received, for as long as there is time: it may be the only token that is
    /// alive.
    async fn save(&self, client: &OAuthClient<'_>, tokens: &OAuthTokens) -> Result<CloudAccount> {
        let Refresher {
            database,
            secrets,
            clock,
            ..
        } = self.refresher;
        let end = Instant::now() + deadline::left_or(PATIENCE);
        let mut pause = LOOK_AFTER;
        loop {
            let saved = database
                .save_refreshed(secrets, self.before, self.owner, tokens, self.forced)
                .await;
            let error = match saved {
                Ok(Saved::Stored(account) | Saved::Overtaken(account)) => {
                    return account.open(secrets).await;
                }
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::NotFound => {
                    // Disconnected meanwhile: nobody will use these.
                    if let Err(error) = client.revoke(tokens, clock.now()).await {
                        tracing::warn!(cause = error.causes(), "a grant was not given back");
                    }
                    return Err(error);
                }
                ErrorKind::Unavailable if Instant::now() + pause < end => {
                    tracing::warn!(cause = error.causes(), "new tokens could not be saved yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LOOK_AFTER_MAX);
                }
                _ => {
                    tracing::error!(cause = error.causes(), "new tokens could not be saved");
                    return Err(error);
                }
            }
        }
    }

    /// The vendor calls the grant dead. If others have refreshed it meanwhile, it is not.
    async fn bury(&self, refusal: Refusal, single_use: bool) -> Result<CloudAccount> {
        match self.flag(single_use).await {
            Ok(Ok(reason)) => Err(dead(reason.to_owned()).because(refusal)),
            Ok(Err(current)) => current.open(self.refresher.secrets).await,
            // The lease ends by itself, and whoever comes next hears the same.
            Err(error) => Err(error.because(refusal)),
        }
    }

    /// Flags the account as dead; answers why, or the account as others have left it.
    async fn flag(&self, single_use: bool) -> Result<Result<&'static str, StoredCloudAccount>> {
        let Refresher { database, .. } = self.refresher;
        let current = database.cloud_account(self.id).await?;
        // Somebody spent this token and was not heard of again: before us, or since, if our lease
        // ended meanwhile.
        let spent = self.unfinished || !current.is_leased_by(self.owner);
        let reason = if single_use && spent { LOST } else { DEAD };
        let version = self.before.token_version();
        let flagged = database.flag_dead_grant(self.id, version, reason).await?;
        Ok(flagged.map(|()| reason))
    }

    async fn give_up(&self, refusal: Refusal) -> Result<CloudAccount> {
        let after = refusal
            .retry_after()
            .and_then(|after| SignedDuration::try_from(after).ok())
            .map_or(COOLDOWN, |after| after.clamp(COOLDOWN, COOLDOWN_MAX));
        let until = self.refresher.clock.now() + after;
        let unfinished = self.unfinished || refusal.is_lost();
        let version = self.before.token_version();
        let given_up = self
            .refresher
            .database
            .give_up_refresh(self.id, version, self.owner, until, unfinished)
            .await;
        if let Err(error) = given_up {
            // The lease ends by itself.
            tracing::warn!(cause = error.causes(), "a lease could not be given back");
        }
        let after = Duration::try_from(after).unwrap_or_default();
        Err(refusal.into_unavailable().retry_in(after))
    }
}

fn dead(reason: String) -> Error {
    Error::access(if reason.is_empty() {
        DEAD.to_owned()
    } else {
        reason
    })
}
