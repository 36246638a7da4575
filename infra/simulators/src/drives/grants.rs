//! An OAuth 2.0 authorization server (RFC 6749, PKCE of RFC 7636), with each vendor's lifetimes and
//! rule of rotation. How requests are checked and errors are worded is the vendors' own.

use std::collections::HashMap;

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Vendor;

/// What becomes of a refresh token that is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It stays, and none is answered.
    Never,
    /// It stays, and another one is answered.
    Keeps,
    /// It dies, and another one is answered.
    SingleUse,
}

/// How a vendor's authorization server behaves.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// A code's life.
    pub code_lifetime: SignedDuration,
    /// An access token's life.
    pub access_lifetime: SignedDuration,
    /// A refresh token's life since it was last used; `None` for ever.
    pub refresh_lifetime: Option<SignedDuration>,
    /// What becomes of a refresh token that is used.
    pub rotation: Rotation,
}

impl Policy {
    pub(super) fn of(vendor: Vendor) -> Self {
        let hours = SignedDuration::from_hours;
        match vendor {
            // dropbox-sdk-rust `oauth2.rs`; access tokens of four hours, refresh tokens without end.
            Vendor::Dropbox => Self {
                code_lifetime: SignedDuration::from_mins(10),
                access_lifetime: hours(4),
                refresh_lifetime: None,
                rotation: Rotation::Never,
            },
            // developer.box.com, guides "API calls > Permissions and errors > Expiration" and
            // "Authentication > Tokens > Refresh".
            Vendor::Box => Self {
                code_lifetime: SignedDuration::from_secs(30),
                access_lifetime: hours(1),
                refresh_lifetime: Some(hours(60 * 24)),
                rotation: Rotation::SingleUse,
            },
            // entra-docs `identity-platform/{v2-oauth2-auth-code-flow,refresh-tokens}.md`.
            Vendor::OneDrive => Self {
                code_lifetime: SignedDuration::from_mins(10),
                access_lifetime: SignedDuration::from_secs(3_599),
                refresh_lifetime: Some(hours(90 * 24)),
                rotation: Rotation::Keeps,
            },
            // developers.google.com/identity/protocols/oauth2: six months of no use.
            Vendor::GoogleDrive => Self {
                code_lifetime: SignedDuration::from_mins(10),
                access_lifetime: SignedDuration::from_secs(3_599),
                refresh_lifetime: Some(hours(182 * 24)),
                rotation: Rotation::Never,
            },
        }
    }
}

/// What somebody agreed to.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Where the code goes.
    pub redirect_uri: String,
    /// The scopes, as they were asked for and agreed to.
    pub scopes: Vec<String>,
    /// The PKCE challenge (S256), if there is one.
    pub challenge: Option<String>,
    /// A refresh token goes with the access token.
    pub offline: bool,
}

/// Tokens, as they are answered.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The access token.
    pub access_token: String,
    /// Its life.
    pub expires_in: SignedDuration,
    /// The refresh token, where one is answered.
    pub refresh_token: Option<String>,
    /// The scopes.
    pub scopes: Vec<String>,
}

/// Why no token is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantError {
    /// No such code, or it was used.
    UnknownCode,
    /// The code is too old.
    ExpiredCode,
    /// The code was issued for another redirect URI.
    RedirectMismatch,
    /// The verifier is missing, or is not the challenge's.
    VerifierMismatch,
    /// No such refresh token, or it was used and died of it.
    UnknownRefreshToken,
    /// The refresh token was not used for too long.
    ExpiredRefreshToken,
    /// The user or an administrator took the grant back.
    Revoked,
}

/// Why an access token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessError {
    /// No such token, or its grant was taken back.
    Invalid,
    /// It is too old.
    Expired,
}

struct Code {
    consent: Consent,
    expires: Timestamp,
}

struct Grant {
    scopes: Vec<String>,
    revoked: bool,
}

struct Access {
    grant: usize,
    scopes: Vec<String>,
    expires: Timestamp,
}

struct Refresh {
    grant: usize,
    last_used: Timestamp,
    /// Kept after its death, so that tests can tell it from one that never was.
    spent: bool,
}

/// Everything a vendor's authorization server knows.
#[derive(Default)]
pub struct Grants {
    codes: HashMap<String, Code>,
    given: Vec<Grant>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    /// How many requests reached the token endpoint and were well-formed.
    pub token_calls: usize,
    /// How many of them were to refresh.
    pub refresh_calls: usize,
}

impl Grants {
    /// A code for what was agreed to.
    pub fn issue_code(&mut self, policy: &Policy, now: Timestamp, consent: Consent) -> String {
        let code = secret("code");
        let expires = now + policy.code_lifetime;
        self.codes.insert(code.clone(), Code { consent, expires });
        code
    }

    /// Tokens for a code, which is spent by any try. `redirect_uri` is compared if it is given.
    pub fn redeem(
        &mut self,
        policy: &Policy,
        now: Timestamp,
        code: &str,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
    ) -> Result<Issued, GrantError> {
        let Code { consent, expires } = self.codes.remove(code).ok_or(GrantError::UnknownCode)?;
        if expires <= now {
            return Err(GrantError::ExpiredCode);
        }
        if redirect_uri.is_some_and(|uri| uri != consent.redirect_uri) {
            return Err(GrantError::RedirectMismatch);
        }
        if let Some(challenge) = &consent.challenge {
            let hash = |verifier: &str| {
                let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
                BASE64URL_NOPAD.encode(hash.as_ref())
            };
            if verifier.map(hash).as_ref() != Some(challenge) {
                return Err(GrantError::VerifierMismatch);
            }
        }
        let grant = self.given.len();
        self.given.push(Grant {
            scopes: consent.scopes,
            revoked: false,
        });
        let refresh_token = consent.offline.then(|| self.new_refresh(grant, now));
        Ok(self.issue(policy, now, grant, refresh_token))
    }

    /// Tokens for a refresh token, by the vendor's rule of rotation.
    pub fn refresh(
        &mut self,
        policy: &Policy,
        now: Timestamp,
        token: &str,
    ) -> Result<Issued, GrantError> {
        let refresh = self
            .refresh
            .get_mut(token)
            .filter(|refresh| !refresh.spent)
            .ok_or(GrantError::UnknownRefreshToken)?;
        let grant = refresh.grant;
        if self.given[grant].revoked {
            return Err(GrantError::Revoked);
        }
        if policy
            .refresh_lifetime
            .is_some_and(|lifetime| refresh.last_used + lifetime <= now)
        {
            return Err(GrantError::ExpiredRefreshToken);
        }
        refresh.last_used = now;
        refresh.spent = policy.rotation == Rotation::SingleUse;
        let next = match policy.rotation {
            Rotation::Never => None,
            Rotation::Keeps | Rotation::SingleUse => Some(self.new_refresh(grant, now)),
        };
        Ok(self.issue(policy, now, grant, next))
    }

    /// The scopes of an access token.
    pub fn check(&self, now: Timestamp, token: &str) -> Result<&[String], AccessError> {
        let access = self.access.get(token).ok_or(AccessError::Invalid)?;
        if self.given[access.grant].revoked {
            return Err(AccessError::Invalid);
        }
        if access.expires <= now {
            return Err(AccessError::Expired);
        }
        Ok(&access.scopes)
    }

    /// Takes back the grant behind an access or refresh token; `false` if there is none.
    pub fn revoke(&mut self, token: &str) -> bool {
        let grant = self
            .access
            .get(token)
            .map(|access| access.grant)
            .or_else(|| self.refresh.get(token).map(|refresh| refresh.grant));
        if let Some(grant) = grant {
            self.given[grant].revoked = true;
        }
        grant.is_some()
    }

    /// Takes back every grant: the user removed the app.
    pub fn revoke_all(&mut self) {
        for grant in &mut self.given {
            grant.revoked = true;
        }
    }

    /// Ends every access token, as if its time had come.
    pub fn expire_access(&mut self, now: Timestamp) {
        for access in self.access.values_mut() {
            access.expires = access.expires.min(now);
        }
    }

    /// The refresh token could be used now.
    pub fn is_live(&self, policy: &Policy, now: Timestamp, token: &str) -> bool {
        self.refresh.get(token).is_some_and(|refresh| {
            !refresh.spent
                && !self.given[refresh.grant].revoked
                && policy
                    .refresh_lifetime
                    .is_none_or(|lifetime| refresh.last_used + lifetime > now)
        })
    }

    /// How many grants there are, and how many of them were taken back.
    pub fn count(&self) -> (usize, usize) {
        let revoked = self.given.iter().filter(|grant| grant.revoked).count();
        (self.given.len(), revoked)
    }

    fn new_refresh(&mut self, grant: usize, now: Timestamp) -> String {
        let token = secret("refresh");
        let refresh = Refresh {
            grant,
            last_used: now,
            spent: false,
        };
        self.refresh.insert(token.clone(), refresh);
        token
    }

    fn issue(
        &mut self,
        policy: &Policy,
        now: Timestamp,
        grant: usize,
        refresh_token: Option<String>,
    ) -> Issued {
        let scopes = self.given[grant].scopes.clone();
        let access_token = secret("access");
        let access = Access {
            grant,
            scopes: scopes.clone(),
            expires: now + policy.access_lifetime,
        };
        self.access.insert(access_token.clone(), access);
        Issued {
            access_token,
            expires_in: policy.access_lifetime,
            refresh_token,
            scopes,
        }
    }
}

/// A token that says what it is, for who looks for it where it must not be.
fn secret(kind: &str) -> String {
    format!("canary-{kind}-{}", Uuid::new_v4().simple())
}
