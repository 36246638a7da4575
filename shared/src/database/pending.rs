//! Pending sign-ups: one record per attempt, one per activation code, and one per address that says
//! when it was last mailed.
//!
//! The address's mail record carries a version that every change of its attempts moves, so the
//! limits (attempts per address, mails per minute) hold under any concurrency. Nothing of a user
//! exists before a code is confirmed, and a code leads to its own attempt's name and password only.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sessions::NewSession;
use super::table::{self, ATTEMPT_PREFIX, Key};
use super::transaction::{Outcome, Transaction};
use super::{Database, Item, number, read_item, sort_key, string, write_item};
use crate::domain::email::EmailAddress;
use crate::domain::ids::{AttemptId, SessionId};
use crate::domain::password::PasswordHash;
use crate::domain::user::User;
use crate::domain::{Error, Result};
use crate::tokens::SessionClaims;

/// A code is valid for so long after the last mail that carried it.
const CODE_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// An address is mailed at most once in so long.
const MAIL_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// At most so many attempts are alive for an address.
const ATTEMPTS_MAX: usize = 3;
/// One attempt's code is mailed at most so often.
const MAILS_MAX: u32 = 10;
/// Rivals for one address are given so many turns.
const TURNS_MAX: usize = 20;

/// An attempt to be registered.
pub struct NewAttempt {
    /// Identifies the attempt; its code is derived from it.
    pub id: AttemptId,
    /// The address, as typed.
    pub email: EmailAddress,
    /// The name of the user to be.
    pub name: String,
    /// The password of the user to be. `None` for an address that has an owner: an attempt that looks like
    /// any other, and that no code confirms.
    pub password_hash: Option<PasswordHash>,
    /// SHA-256 of the code.
    pub code_hash: String,
    /// The key that the code was derived with.
    pub code_key_id: String,
}

/// An attempt whose code is to be mailed.
#[derive(Debug)]
pub struct Attempt {
    /// Identifies the attempt.
    pub id: AttemptId,
    /// The address.
    pub email: EmailAddress,
    /// The name typed.
    pub name: String,
    /// The key that the code is derived with.
    pub code_key_id: String,
    /// When the sign-up was asked for.
    pub created: Timestamp,
}

/// The permission to send one mail to an address now. If the mail cannot be sent, give it back with
/// [`Database::release_mail_slot`].
#[derive(Debug)]
pub struct MailSlot {
    email_key: String,
    attempt_id: AttemptId,
    taken: Timestamp,
    before: Option<Timestamp>,
}

/// What became of a registration. The client must not learn which.
#[derive(Debug)]
pub enum Registration {
    /// Stored; mail the code.
    Mail(MailSlot),
    /// Stored; the address was mailed less than a minute ago.
    Quiet,
    /// Not stored: three attempts are alive already, and a new one must not touch them.
    Full,
}

/// What to do about a request to send the code again.
#[derive(Debug)]
pub enum Resend {
    /// Mail the newest attempt's code.
    Mail(Box<Attempt>, MailSlot),
    /// The address was mailed less than a minute ago, or it has an owner.
    Quiet,
    /// Nothing is pending.
    Nothing,
}

#[derive(Serialize, Deserialize)]
struct AttemptRecord {
    id: AttemptId,
    email: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password_hash: Option<PasswordHash>,
    code_hash: String,
    code_key_id: String,
    created: Timestamp,
    expires: Timestamp,
    mails: u32,
}

#[derive(Serialize, Deserialize)]
struct CodeRecord {
    email_key: String,
    attempt_id: AttemptId,
}

#[derive(Serialize, Deserialize)]
struct MailRecord {
    version: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_mail: Option<Timestamp>,
}

/// What is pending for an address.
pub(super) struct Pending {
    email_key: String,
    /// Alive or expired, oldest first: ids sort by time.
    attempts: Vec<AttemptRecord>,
    mail: Option<MailRecord>,
}

impl Pending {
    fn live(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = &AttemptRecord> {
        self.attempts
            .iter()
            .filter(move |attempt| attempt.expires > now)
    }

    fn last_mail(&self) -> Option<Timestamp> {
        self.mail.as_ref().and_then(|mail| mail.last_mail)
    }

    fn mail_is_due(&self, now: Timestamp) -> bool {
        self.last_mail()
            .is_none_or(|last| now.duration_since(last) >= MAIL_PAUSE)
    }

    fn slot(&self, attempt_id: AttemptId, taken: Timestamp) -> MailSlot {
        MailSlot {
            email_key: self.email_key.clone(),
            attempt_id,
            taken,
            before: self.last_mail(),
        }
    }
}

impl Database {
    /// Registers an attempt to sign up.
    pub async fn register(&self, attempt: &NewAttempt) -> Result<Registration> {
        for _ in 0..TURNS_MAX {
            let now = self.clock.now();
            let pending = self.pending(&attempt.email.key()).await?;
            if pending.live(now).count() >= ATTEMPTS_MAX {
                return Ok(Registration::Full);
            }
            let due = pending.mail_is_due(now);
            let record = AttemptRecord {
                id: attempt.id,
                email: attempt.email.to_string(),
                name: attempt.name.clone(),
                password_hash: attempt.password_hash.clone(),
                code_hash: attempt.code_hash.clone(),
                code_key_id: attempt.code_key_id.clone(),
                created: now,
                expires: now + CODE_LIFETIME,
                mails: u32::from(due),
            };
            let code = CodeRecord {
                email_key: pending.email_key.clone(),
                attempt_id: attempt.id,
            };
            let last_mail = if due { Some(now) } else { pending.last_mail() };
            let outcome = self
                .transaction()
                .move_mail(&pending, last_mail, now)?
                .create(expiring(
                    &Key::attempt(&pending.email_key, attempt.id),
                    &record,
                    record.expires,
                )?)?
                .create(expiring(
                    &Key::code(&attempt.code_hash),
                    &code,
                    record.expires,
                )?)?
                .commit()
                .await?;
            if outcome == Outcome::Committed {
                return Ok(if due {
                    Registration::Mail(pending.slot(attempt.id, now))
                } else {
                    Registration::Quiet
                });
            }
        }
        Err(Error::unavailable("The service is busy. Try again."))
    }

    /// Prepares to send the code of the newest attempt for `email` again, and extends its life.
    pub async fn resend(&self, email: &EmailAddress) -> Result<Resend> {
        for _ in 0..TURNS_MAX {
            let now = self.clock.now();
            // Both are read for every address, so that none is told by the time it takes.
            let email_key = email.key();
            let (taken, pending) =
                tokio::try_join!(self.email_is_taken(email), self.pending(&email_key))?;
            let Some(newest) = pending.live(now).next_back() else {
                return Ok(Resend::Nothing);
            };
            if !pending.mail_is_due(now) {
                return Ok(Resend::Quiet);
            }
            if newest.mails >= MAILS_MAX {
                return Err(Error::limited("The code was sent 10 times. Sign up again."));
            }
            let expires = now + CODE_LIFETIME;
            let outcome = self
                .transaction()
                .move_mail(&pending, Some(now), now)?
                .update(&Key::attempt(&pending.email_key, newest.id), |update| {
                    update
                        .update_expression("SET mails = :mails, expires = :expires, #ttl = :ttl")
                        .condition_expression("attribute_exists(pk)")
                        .expression_attribute_names("#ttl", "ttl")
                        .expression_attribute_values(":mails", number(newest.mails + 1))
                        .expression_attribute_values(":expires", string(expires.to_string()))
                        .expression_attribute_values(":ttl", table::ttl(expires).1)
                })?
                .update(&Key::code(&newest.code_hash), |update| {
                    update
                        .update_expression("SET #ttl = :ttl")
                        .condition_expression("attribute_exists(pk)")
                        .expression_attribute_names("#ttl", "ttl")
                        .expression_attribute_values(":ttl", table::ttl(expires).1)
                })?
                .commit()
                .await?;
            if outcome == Outcome::Committed {
                // Nothing comes of an attempt with a taken address, and its owner is left in peace.
                if taken || newest.password_hash.is_none() {
                    return Ok(Resend::Quiet);
                }
                let attempt = Attempt {
                    id: newest.id,
                    email: EmailAddress::from_stored(&newest.email)?,
                    name: newest.name.clone(),
                    code_key_id: newest.code_key_id.clone(),
                    created: newest.created,
                };
                return Ok(Resend::Mail(
                    Box::new(attempt),
                    pending.slot(newest.id, now),
                ));
            }
        }
        Err(Error::unavailable("The service is busy. Try again."))
    }

    /// Gives back the permission to mail an address, since the mail failed: the next request may
    /// try at once, and the mail does not count for its attempt. If the attempt was confirmed or
    /// voided meanwhile, nothing changes.
    pub async fn release_mail_slot(&self, slot: &MailSlot) -> Result<()> {
        // The version moves, so that no rival writes the time back that it has read before.
        let change = match slot.before {
            Some(_) => "SET version = :version, last_mail = :before",
            None => "SET version = :version REMOVE last_mail",
        };
        let mut values = HashMap::from([
            (":version".to_owned(), string(Uuid::new_v4().to_string())),
            (":taken".to_owned(), string(slot.taken.to_string())),
        ]);
        values.extend(
            slot.before
                .map(|before| (":before".to_owned(), string(before.to_string()))),
        );
        self.transaction()
            .update(&Key::pending_mail(&slot.email_key), |update| {
                update
                    .update_expression(change)
                    .condition_expression("last_mail = :taken")
                    .set_expression_attribute_values(Some(values))
            })?
            .update(&Key::attempt(&slot.email_key, slot.attempt_id), |update| {
                update
                    .update_expression("ADD mails :one_less")
                    .condition_expression("attribute_exists(pk)")
                    .expression_attribute_values(":one_less", number(-1))
            })?
            .commit()
            .await
            .map(|_| ())
    }

    /// Confirms the attempt that a code belongs to: creates its user with account, address claim and
    /// first session, spends the code and voids every other attempt, all in one transaction.
    /// `make_user` builds the user from the attempt. `None` if no live attempt has the code.
    pub async fn confirm(
        &self,
        code_hash: &str,
        session: (SessionId, Timestamp),
        make_user: impl FnOnce(EmailAddress, String, PasswordHash, Timestamp) -> User,
    ) -> Result<Option<User>> {
        let Some(code): Option<CodeRecord> = self.get(&Key::code(code_hash)).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let pending = self.pending(&code.email_key).await?;
        let attempt = pending
            .live(now)
            .find(|attempt| attempt.id == code.attempt_id);
        let confirmable = attempt.and_then(|one| Some((one, one.password_hash.clone()?)));
        let Some((attempt, password_hash)) = confirmable else {
            return Ok(None);
        };
        let user = make_user(
            EmailAddress::from_stored(&attempt.email)?,
            attempt.name.clone(),
            password_hash,
            now,
        );
        let (session_id, session_expires) = session;
        let claims = SessionClaims {
            sub: user.id,
            sid: session_id,
        };
        let transaction = self
            .transaction()
            .take(&Key::code(code_hash))?
            .take(&Key::attempt(&pending.email_key, attempt.id))?
            .discard_pending(&pending, Some(attempt.id))?
            .create_user(&user)?
            .create_account(user.account_id, now)?
            .begin_session(NewSession {
                claims,
                epoch: user.session_epoch,
                expires: session_expires,
            })?;
        match transaction.commit().await? {
            Outcome::Committed => Ok(Some(user)),
            // Somebody spent the code first, or another attempt for the address was confirmed.
            Outcome::Refused => Ok(None),
        }
    }

    pub(super) async fn pending(&self, email_key: &str) -> Result<Pending> {
        let mut pending = Pending {
            email_key: email_key.to_owned(),
            attempts: Vec::new(),
            mail: None,
        };
        for item in self
            .query(&table::pending_partition(email_key), None)
            .await?
        {
            match sort_key(&item) {
                "MAIL" => pending.mail = Some(read_item(item)?),
                sort if sort.starts_with(ATTEMPT_PREFIX) => pending.attempts.push(read_item(item)?),
                _ => {}
            }
        }
        Ok(pending)
    }
}

impl Transaction<'_> {
    /// Discards what is pending for an address, but not the attempt `except`.
    pub(super) fn discard_pending(
        mut self,
        pending: &Pending,
        except: Option<AttemptId>,
    ) -> Result<Self> {
        self = self.discard(&Key::pending_mail(&pending.email_key))?;
        for attempt in &pending.attempts {
            if Some(attempt.id) != except {
                self = self
                    .discard(&Key::attempt(&pending.email_key, attempt.id))?
                    .discard(&Key::code(&attempt.code_hash))?;
            }
        }
        Ok(self)
    }

    /// Moves the version of an address's mail record from the one that was read, so that of two
    /// rivals one has to look again.
    fn move_mail(
        self,
        pending: &Pending,
        last_mail: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self> {
        let record = MailRecord {
            version: Uuid::new_v4(),
            last_mail,
        };
        let item = expiring(
            &Key::pending_mail(&pending.email_key),
            &record,
            now + CODE_LIFETIME,
        )?;
        match &pending.mail {
            None => self.create(item),
            Some(seen) => self.put_if(item, |put| {
                put.condition_expression("version = :seen")
                    .expression_attribute_values(":seen", string(seen.version.to_string()))
            }),
        }
    }
}

fn expiring(key: &Key, record: &impl Serialize, expires: Timestamp) -> Result<Item> {
    let mut item = write_item(key, record)?;
    item.extend([table::ttl(expires)]);
    Ok(item)
}
