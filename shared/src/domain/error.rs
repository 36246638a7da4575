//! The one error of the product: what went wrong, what the client may read of it, and the cause
//! that only the log reads.
//!
//! An error is made where the rule is known (`Error::not_found()`, `Error::invalid("name", "…")`),
//! travels up with `?`, and becomes an answer in one place, `web/error.rs`.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// A result whose error is the product's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A cause, kept for the log.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// What went wrong, as far as anybody acts on the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input breaks a rule of the contract.
    Invalid,
    /// The e-mail address breaks a rule of the contract.
    InvalidEmail,
    /// A one-shot token is unknown, expired or used.
    Token,
    /// The caller did not prove who they are.
    Unauthenticated,
    /// Another service's word for who somebody is was not good enough to sign them up or in.
    IdentityRefused,
    /// The caller's session has expired or was ended.
    SessionEnded,
    /// The user exists but may not sign in.
    InactiveUser,
    /// An abuse limit is reached.
    Limited,
    /// A storage provider refused the credentials or the operation.
    AccessRefused,
    /// A storage provider no longer takes the access token: a refresh may mend it.
    AccessExpired,
    /// The thing is not there, or not visible to the caller.
    NotFound,
    /// A link was good once.
    LinkEnded,
    /// The answer of a consent page does not belong to a question of ours.
    State,
    /// A person, or the vendor, said no on a consent page.
    ConsentRefused,
    /// The body is larger than what can be passed on.
    TooLarge,
    /// No registration is pending for the code or address.
    NothingPending,
    /// The thing exists already.
    Duplicate,
    /// Something that this service depends on does not answer now; a repeat may succeed.
    Unavailable,
    /// A defect or a state that must not occur.
    Internal,
}

/// An error: kind, public text, cause.
pub struct Error {
    kind: ErrorKind,
    public: Cow<'static, str>,
    retry_after: Option<Duration>,
    cause: Option<Cause>,
}

impl Error {
    fn new(kind: ErrorKind, public: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            public: public.into(),
            retry_after: None,
            cause: None,
        }
    }

    /// The input's `field` breaks `rule`. The text never repeats the value.
    pub fn invalid(field: &str, rule: &str) -> Self {
        Self::new(ErrorKind::Invalid, format!("{field}: {rule}"))
    }

    /// The e-mail address in `field` breaks `rule`.
    pub fn invalid_email(field: &str, rule: &str) -> Self {
        Self::new(ErrorKind::InvalidEmail, format!("{field}: {rule}"))
    }

    /// The one-shot token in `field` is unknown, expired or used.
    pub fn token(field: &str) -> Self {
        Self::new(
            ErrorKind::Token,
            format!("{field}: unknown, expired or already used"),
        )
    }

    /// The caller did not prove who they are; `public` says how.
    pub fn unauthenticated(public: &'static str) -> Self {
        Self::new(ErrorKind::Unauthenticated, public)
    }

    /// Another service's word for who somebody is was not good enough; `public` says what to do.
    pub fn identity_refused(public: &'static str) -> Self {
        Self::new(ErrorKind::IdentityRefused, public)
    }

    /// The session has expired or was ended.
    pub fn session_ended() -> Self {
        Self::new(
            ErrorKind::SessionEnded,
            "The session has expired or was ended. Log in again.",
        )
    }

    /// The user exists but may not sign in.
    pub fn inactive_user() -> Self {
        Self::new(ErrorKind::InactiveUser, "This user is not active.")
    }

    /// An abuse limit is reached; `public` names it.
    pub fn limited(public: &'static str) -> Self {
        Self::new(ErrorKind::Limited, public)
    }

    /// A storage provider refused the credentials or the operation.
    pub fn access(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::AccessRefused, public)
    }

    /// A storage provider no longer takes the access token.
    pub fn access_expired() -> Self {
        Self::new(
            ErrorKind::AccessExpired,
            "The storage provider no longer accepts this connection's access.",
        )
    }

    /// The thing is not there, or not visible to the caller: one text for both.
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "Object not found.")
    }

    /// The link has expired, or was ended with its cloud account.
    pub fn link_ended() -> Self {
        Self::new(ErrorKind::LinkEnded, "This link has expired.")
    }

    /// The state of a consent page's answer is not one of ours, not for this, too old or used.
    pub fn state() -> Self {
        Self::new(
            ErrorKind::State,
            "state: is not valid for this callback. Begin again.",
        )
    }

    /// A person, or the vendor, said no on a consent page; `public` tells what was answered.
    pub fn consent_refused(public: String) -> Self {
        Self::new(ErrorKind::ConsentRefused, public)
    }

    /// The body is larger than `bytes_max`.
    pub fn too_large(bytes_max: u64) -> Self {
        Self::new(
            ErrorKind::TooLarge,
            format!("The file is too large for this link: at most {bytes_max} bytes."),
        )
    }

    /// No registration is pending for the code or address.
    pub fn nothing_pending(public: &'static str) -> Self {
        Self::new(ErrorKind::NothingPending, public)
    }

    /// The thing exists already.
    pub fn duplicate(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Duplicate, public)
    }

    /// A dependency does not answer now; the client may repeat after [`Error::retry_after`].
    pub fn unavailable(public: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unavailable, public).retry_in(Duration::from_secs(2))
    }

    /// A defect or an impossible state. The client reads nothing of `what`.
    pub fn internal(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Internal, what)
    }

    /// The same for another who waited for the same outcome. The cause stays with the first.
    #[must_use]
    pub fn for_another(&self) -> Self {
        Self {
            kind: self.kind,
            public: self.public.clone(),
            retry_after: self.retry_after,
            cause: None,
        }
    }

    /// Keeps `cause` for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Tells the client when a repeat makes sense.
    #[must_use]
    pub fn retry_in(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What the client may read. For [`ErrorKind::Internal`] it is for the log only.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// When a repeat makes sense, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The chain of causes in one line, for the log.
    pub fn causes(&self) -> String {
        let mut text = String::new();
        let mut next = self.source();
        while let Some(cause) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.public)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} ({})", self.kind, self.public, self.causes())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause
            .as_deref()
            .map(|cause| cause as &(dyn StdError + 'static))
    }
}
