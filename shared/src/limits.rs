//! How often things may be done: by one network address, for one person, to one mailbox.
//!
//! A limit counts in windows of fixed length that begin with the epoch, one record for each subject and
//! window, and refuses what would go beyond its maximum until the window ends. The maxima are configuration
//! (`RATE_LIMITS`); who is counted is named by a hash, so that no record tells an address.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::domain::{Error, Result};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Request tokens for a network address. Making one writes nothing, so they are counted in the
    /// memory of the instance.
    RequestToken,
    /// Sign-ups from a network address.
    Signup,
    /// Codes tried from a network address.
    ConfirmSignup,
    /// The same, in the long run.
    ConfirmSignupDaily,
    /// Codes asked for again from a network address.
    Resend,
    /// Google sign-ups and sign-ins from a network address.
    Google,
    /// Logins tried from a network address.
    Login,
    /// Logins tried from a network address with one username.
    LoginByAddressOfUser,
    /// Logins that failed one after another with one username, from anywhere.
    LoginOfUser,
    /// Logouts from a network address.
    Logout,
    /// Forgotten passwords told from a network address.
    ForgotPassword,
    /// Reset mails to one user. More are not sent; the answer does not tell.
    ResetMail,
    /// The same, in the long run.
    ResetMailDaily,
    /// Reset codes tried from a network address.
    ResetPassword,
    /// The same, in the long run.
    ResetPasswordDaily,
    /// Refreshes without a session from a network address.
    RefreshToken,
    /// Recipients of a user's files.
    SendOfUser,
    /// Recipients of the files of all users of an Amove account.
    SendOfAccount,
    /// A user's files to one mailbox.
    SendToMailbox,
    /// Files to one mailbox, whoever sends.
    SendToMailboxByAll,
    /// Files put into a demo drive, which the platform pays for.
    DemoUpload,
}

/// So often in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How often.
    pub max: u32,
    /// In how many seconds.
    pub seconds: u32,
}

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

impl Limit {
    const ALL: [Self; 21] = [
        Self::RequestToken,
        Self::Signup,
        Self::ConfirmSignup,
        Self::ConfirmSignupDaily,
        Self::Resend,
        Self::Google,
        Self::Login,
        Self::LoginByAddressOfUser,
        Self::LoginOfUser,
        Self::Logout,
        Self::ForgotPassword,
        Self::ResetMail,
        Self::ResetMailDaily,
        Self::ResetPassword,
        Self::ResetPasswordDaily,
        Self::RefreshToken,
        Self::SendOfUser,
        Self::SendOfAccount,
        Self::SendToMailbox,
        Self::SendToMailboxByAll,
        Self::DemoUpload,
    ];

    /// What it is called in `RATE_LIMITS` and in records.
    pub fn name(self) -> &'static str {
        self.name_and_default().0
    }

    fn name_and_default(self) -> (&'static str, Rate) {
        let (name, max, seconds) = match self {
            Self::RequestToken => ("request-token", 30, MINUTE),
            Self::Signup => ("signup", 5, HOUR),
            Self::ConfirmSignup => ("confirm-signup", 10, MINUTE),
            Self::ConfirmSignupDaily => ("confirm-signup-daily", 100, DAY),
            Self::Resend => ("resend", 20, HOUR),
            Self::Google => ("google", 20, MINUTE),
            Self::Login => ("login", 60, 5 * MINUTE),
            Self::LoginByAddressOfUser => ("login-by-address-of-user", 10, 15 * MINUTE),
            Self::LoginOfUser => ("login-of-user", 100, HOUR),
            Self::Logout => ("logout", 30, MINUTE),
            Self::ForgotPassword => ("forgot-password", 20, HOUR),
            Self::ResetMail => ("reset-mail", 1, MINUTE),
            Self::ResetMailDaily => ("reset-mail-daily", 10, DAY),
            Self::ResetPassword => ("reset-password", 10, MINUTE),
            Self::ResetPasswordDaily => ("reset-password-daily", 100, DAY),
            Self::RefreshToken => ("refresh-token", 30, MINUTE),
            Self::SendOfUser => ("send-of-user", 50, DAY),
            Self::SendOfAccount => ("send-of-account", 200, DAY),
            Self::SendToMailbox => ("send-to-mailbox", 20, HOUR),
            Self::SendToMailboxByAll => ("send-to-mailbox-by-all", 100, HOUR),
            Self::DemoUpload => ("demo-upload", 200, DAY),
        };
        (name, Rate { max, seconds })
    }

    /// What the client reads when it is reached.
    fn text(self) -> &'static str {
        match self {
            Self::LoginByAddressOfUser | Self::LoginOfUser => {
                "Too many attempts to log in. Try again later, or reset the password."
            }
            Self::SendOfUser => "email: this user has sent to too many addresses today.",
            Self::SendOfAccount => "email: this account has sent to too many addresses today.",
            Self::SendToMailbox | Self::SendToMailboxByAll => {
                "email: one of the addresses was sent too many files lately."
            }
            Self::DemoUpload => "Too many files were put into this demo drive today.",
            _ => "Too many requests. Try again later.",
        }
    }

    /// One use by `who`, or of what belongs to them.
    pub fn of(self, who: impl Into<String>) -> Use {
        self.times(who, 1)
    }

    /// Several uses at once, of which all are let through or none.
    pub fn times(self, who: impl Into<String>, amount: u32) -> Use {
        Use {
            limit: self,
            who: who.into(),
            amount,
        }
    }
}

/// What is about to be done, and who it counts for.
#[derive(Clone)]
pub struct Use {
    limit: Limit,
    who: String,
    amount: u32,
}

/// Who is counted is personal data.
impl fmt::Debug for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} times {}", self.limit.name(), self.amount)
    }
}

/// The limits of a deployment.
#[derive(Debug, Clone, Default)]
pub struct Limits(HashMap<Limit, Rate>);

impl Limits {
    /// Reads `NAME=MAX/SECONDS`, comma-separated, over the defaults; `None` if that makes no sense.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        parts
            .map(|part| {
                let (name, rate) = part.split_once('=')?;
                let (max, seconds) = rate.split_once('/')?;
                let limit = Limit::ALL
                    .into_iter()
                    .find(|limit| limit.name() == name.trim())?;
                let max = max.trim().parse().ok()?;
                let seconds = seconds.trim().parse().ok().filter(|seconds| *seconds > 0)?;
                Some((limit, Rate { max, seconds }))
            })
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The rate of `limit`.
    pub fn rate(&self, limit: Limit) -> Rate {
        let configured = self.0.get(&limit).copied();
        configured.unwrap_or_else(|| limit.name_and_default().1)
    }
}

/// A record that counts: of a limit, for somebody, in one window.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Which one, counted from the epoch.
    pub index: i64,
    /// When it ends.
    pub end: Timestamp,
}

impl Rate {
    fn window(self, now: Timestamp) -> Window {
        let seconds = i64::from(self.seconds);
        let index = now.as_second().div_euclid(seconds);
        let end = Timestamp::from_second((index + 1).saturating_mul(seconds));
        Window {
            index,
            end: end.unwrap_or(Timestamp::MAX),
        }
    }
}

/// Counts all of `uses`, or none of them, and answers when, for [`give_back`]. Errors: `Limited`, with the time
/// until which that holds, if one would go beyond its limit. A write whose answer was lost counts twice,
/// and is not refused for it.
pub async fn count(app: &App, uses: &[Use]) -> Result<Timestamp> {
    let now = app.clock().now();
    match first_refused(app, uses, now).await? {
        None => Ok(now),
        Some((limit, end)) => Err(refused(limit, end, now)),
    }
}

/// As [`count`], where the client must not learn that it was refused: `None` then.
pub async fn allows(app: &App, uses: &[Use]) -> Result<Option<Timestamp>> {
    let now = app.clock().now();
    let refused = first_refused(app, uses, now).await?;
    Ok(refused.is_none().then_some(now))
}

async fn first_refused(
    app: &App,
    uses: &[Use],
    now: Timestamp,
) -> Result<Option<(Limit, Timestamp)>> {
    let counted = try_join_all(uses.iter().map(async |one| {
        let rate = app.config().limits.rate(one.limit);
        let window = rate.window(now);
        let counted = app
            .database()
            .count_use(one.limit, &one.who, window, one.amount, rate.max)
            .await?;
        Ok::<_, Error>((one, window, counted))
    }))
    .await?;
    let refused = counted
        .iter()
        .filter(|(_, _, counted)| !counted)
        .max_by_key(|(_, window, _)| window.end)
        .map(|(one, window, _)| (one.limit, window.end));
    if refused.is_some() {
        let rest = counted.iter().filter(|(_, _, counted)| *counted);
        give_back_in(app, rest.map(|(one, window, _)| (*one, *window))).await;
    }
    Ok(refused)
}

/// Takes back what was counted at `when`, since it was not done after all. Where that fails, it stays
/// counted.
pub async fn give_back(app: &App, uses: &[Use], when: Timestamp) {
    let windows = uses
        .iter()
        .map(|one| (one, app.config().limits.rate(one.limit).window(when)));
    give_back_in(app, windows).await;
}

async fn give_back_in<'a>(app: &App, uses: impl Iterator<Item = (&'a Use, Window)>) {
    let done = try_join_all(uses.map(async |(one, window)| {
        app.database()
            .give_back_use(one.limit, &one.who, window, one.amount)
            .await
    }));
    log_failure(done.await);
}

fn log_failure(done: Result<Vec<()>>) {
    if let Err(error) = done {
        tracing::warn!(cause = error.causes(), "a use stays counted");
    }
}

/// Forgets all that was counted in the windows of `uses`. Where that fails, it stays counted.
pub async fn forget(app: &App, uses: &[Use]) {
    let now = app.clock().now();
    let done = try_join_all(uses.iter().map(async |one| {
        let window = app.config().limits.rate(one.limit).window(now);
        app.database()
            .forget_uses(one.limit, &one.who, window)
            .await
    }));
    log_failure(done.await);
}

fn refused(limit: Limit, end: Timestamp, now: Timestamp) -> Error {
    let left = Duration::try_from(end.duration_since(now)).unwrap_or_default();
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    Error::limited(limit.text()).retry_in(Duration::from_secs(seconds))
}

/// At most so many are counted at a time in an instance's memory; beyond, newcomers are let through.
const COUNTED_MAX: usize = 10_000;

/// What an instance counts in its own memory: the request tokens of the window at hand, by network.
#[derive(Default)]
pub struct Memory(Mutex<(i64, HashMap<String, u32>)>);

impl Memory {
    /// Counts a request token for `network` in this instance. Errors: `Limited`.
    pub fn count_request_token(&self, app: &App, network: &str) -> Result<()> {
        let rate = app.config().limits.rate(Limit::RequestToken);
        let now = app.clock().now();
        let window = rate.window(now);
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.0 != window.index {
            *counted = (window.index, HashMap::new());
        }
        if counted.1.len() >= COUNTED_MAX && !counted.1.contains_key(network) {
            return Ok(());
        }
        let uses = counted.1.entry(network.to_owned()).or_default();
        if *uses >= rate.max {
            return Err(refused(Limit::RequestToken, window.end, now));
        }
        *uses += 1;
        Ok(())
    }
}

/// A record is of use until its window ends.
pub(crate) fn housekeeping(window: Window) -> Timestamp {
    window
        .end
        .checked_add(SignedDuration::from_mins(1))
        .unwrap_or(window.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_changes_what_it_names() {
        let limits = Limits::parse("signup=50/60, login = 1/1,").unwrap();
        let rate = |max, seconds| Rate { max, seconds };
        assert_eq!(limits.rate(Limit::Signup), rate(50, 60));
        assert_eq!(limits.rate(Limit::Login), rate(1, 1));
        assert_eq!(limits.rate(Limit::SendOfUser), rate(50, 86_400));
        for bad in [
            "signup",
            "signup=1",
            "signup=1/0",
            "signup=-1/1",
            "nothing=1/1",
            "signup=a/1",
        ] {
            assert!(Limits::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn every_limit_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = Limit::ALL.map(Limit::name).into();
        assert_eq!(names.len(), Limit::ALL.len());
    }

    #[test]
    fn a_window_ends_where_the_next_begins() {
        let rate = Rate {
            max: 1,
            seconds: 60,
        };
        let at = |text: &str| rate.window(text.parse().unwrap());
        let first = at("2026-11-24T10:00:59.999Z");
        assert_eq!(first.end, "2026-11-24T10:01:00Z".parse().unwrap());
        assert_eq!(at("2026-11-24T10:01:00Z").index, first.index + 1);
    }
}
