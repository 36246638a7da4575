//! Google's word for who somebody is: an ID token, checked against the keys that Google publishes
//! (<https://developers.google.com/identity/gsi/web/guides/verify-google-id-token>).
//!
//! The library checks algorithm and signature; the claims are checked here, all of them and against
//! our clock, as in [`crate::tokens`].

mod keys;

use jiff::SignedDuration;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, decode, decode_header};
use serde::Deserialize;

use crate::config::Config;
use crate::domain::email::EmailAddress;
use crate::domain::google_person::{GooglePerson, GoogleSubject};
use crate::domain::{Clock, Error, Result};
use crate::tokens::signature_only;
use keys::GoogleKeys;

/// The two forms of Google's name.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];
/// How far Google's clock may be ahead of ours.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
/// Google's tokens have about 1,200 bytes; what is much longer is refused unread.
const TOKEN_BYTES_MAX: usize = 16_384;

const REFUSED: &str =
    "idToken: is no valid Google ID token for this service. Sign in with Google again.";
const NOT_SET_UP: &str = "Google sign-in is not set up on this service. Use a password.";

/// Checks ID tokens. Holds Google's keys between requests.
pub struct GoogleIdentity {
    client_ids: Vec<String>,
    keys: GoogleKeys,
    clock: Clock,
}

/// What is read of a token. Claims of another type than these are refused with it.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    sub: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    email: String,
    email_verified: bool,
    name: Option<String>,
    hd: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl GoogleIdentity {
    /// Checks tokens for the client ids that `config` names; no key is read yet.
    pub fn new(config: &Config, clock: Clock) -> Self {
        Self {
            client_ids: config.google_client_ids.clone(),
            keys: GoogleKeys::new(
                config.drives.clone(),
                clock.clone(),
                config.google_keys_pause,
            ),
            clock,
        }
    }

    /// The person whom `id_token` identifies. Errors: `IdentityRefused` for a token that proves
    /// nothing to this service, whatever is wrong with it; `Unavailable` if it cannot be checked since
    /// Google's keys cannot be read.
    pub async fn verify(&self, id_token: &str) -> Result<GooglePerson> {
        if self.client_ids.is_empty() {
            return Err(Error::identity_refused(NOT_SET_UP));
        }
        if id_token.len() > TOKEN_BYTES_MAX {
            return Err(refused("too long"));
        }
        let header = decode_header(id_token).map_err(|_| refused("no token"))?;
        if header.alg != Algorithm::RS256 {
            return Err(refused("alg"));
        }
        // Extensions that a reader must understand (RFC 7515 §4.1.11); we understand none.
        if header.crit.is_some() {
            return Err(refused("crit"));
        }
        // Nothing else of the header leads to a key: whoever made the token wrote it.
        let kid = header.kid.ok_or_else(|| refused("no kid"))?;
        let key = self.keys.get(&kid).await?;
        let key = key.ok_or_else(|| refused("unknown kid"))?;
        let token = decode::<Claims>(id_token, &key, &signature_only(Algorithm::RS256));
        // The library's own texts repeat values.
        let claims = token.map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => refused("signature"),
            _ => refused("claims"),
        })?;
        self.person(claims.claims).map_err(refused)
    }

    /// The person of a genuine token's claims, or the claim that breaks a rule.
    fn person(&self, claims: Claims) -> Result<GooglePerson, &'static str> {
        let now = self.clock.now().as_second();
        let latest = now.saturating_add(LEEWAY.as_secs());
        if !ISSUERS.contains(&claims.iss.as_str()) {
            return Err("iss");
        }
        if !self.is_for_us(&claims) {
            return Err("aud");
        }
        if claims.exp <= now {
            return Err("exp");
        }
        if claims.iat > latest || claims.nbf.is_some_and(|nbf| nbf > latest) {
            return Err("iat or nbf");
        }
        if !claims.email_verified {
            return Err("email_verified");
        }
        Ok(GooglePerson {
            subject: GoogleSubject::read(&claims.sub).ok_or("sub")?,
            email: EmailAddress::from_verified(&claims.email).ok_or("email")?,
            name: claims.name,
            hosted_domain: claims.hd,
        })
    }

    /// A token for several is for us only if it was also given to one of ours (`azp`): another of the
    /// several may have been given it and passed it on.
    fn is_for_us(&self, claims: &Claims) -> bool {
        let ours = |id: &String| self.client_ids.contains(id);
        match &claims.aud {
            Audience::One(id) => ours(id),
            Audience::Several(ids) => {
                ids.iter().any(ours) && (ids.len() == 1 || claims.azp.as_ref().is_some_and(ours))
            }
        }
    }
}

/// One text for all that can be wrong; the log has the reason, and nothing of the token.
fn refused(reason: &'static str) -> Error {
    Error::identity_refused(REFUSED).because(reason)
}
