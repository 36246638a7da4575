//! Signed tokens. Each kind has its own key and audience, so none passes for another.
//!
//! The library checks signature and algorithm; the claims are checked here, against our clock and
//! all of them, because the library lets absent claims pass and asks the machine for the time.

use aws_lc_rs::hkdf::{self, KeyType, Salt};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::{digest, hmac};
use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{AttemptId, CloudAccountId, SessionId, StateId, TokenId, UserId};
use crate::domain::mailed_code::{CODE_BYTES, MailedCode};
use crate::domain::{Clock, Error, Result};
use crate::secrets::{Keys, RootKey, Secrets};

const ISSUER: &str = "desktop-api";
/// Longer texts are no tokens of ours; they are refused unread.
const TOKEN_BYTES_MAX: usize = 32_768;
/// How far clocks of our own machines may differ when a session is checked.
const SESSION_LEEWAY: SignedDuration = SignedDuration::from_secs(5);
/// A request token is valid for so long.
pub const REQUEST_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// Makes and checks tokens.
pub struct Tokens<'a> {
    secrets: &'a Secrets,
    clock: &'a Clock,
}

/// What a session's JWT says.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SessionClaims {
    /// The user.
    pub sub: UserId,
    /// The session, which must still be alive.
    pub sid: SessionId,
}

/// What a continuation token says: where in which listing to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continuation {
    /// The cloud account listed.
    pub cloud_account_id: CloudAccountId,
    /// The bucket listed.
    pub bucket: String,
    /// The folder listed: its id and its path.
    pub folder: String,
    /// The provider's own cursor.
    pub cursor: String,
}

#[derive(Serialize, Deserialize)]
struct RequestClaims {
    jti: TokenId,
}

#[derive(Serialize, Deserialize)]
struct OAuthStateClaims {
    jti: StateId,
}

/// The claims that every token has, around those of its kind.
#[derive(Serialize, Deserialize)]
struct Envelope<C> {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(flatten)]
    claims: C,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not a token of this kind, or not signed by us.
    Invalid,
    /// Was good once.
    Expired,
}

#[derive(Clone, Copy)]
enum Kind {
    Session,
    Request,
    OAuthState,
    Continuation,
}

impl Kind {
    fn audience(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Request => "request",
            Self::OAuthState => "oauth-state",
            Self::Continuation => "continuation",
        }
    }

    fn algorithm(self) -> Algorithm {
        match self {
            Self::Session => Algorithm::ES256,
            Self::Request | Self::OAuthState | Self::Continuation => Algorithm::HS256,
        }
    }

    fn leeway(self) -> SignedDuration {
        match self {
            Self::Session => SESSION_LEEWAY,
            Self::Request | Self::OAuthState | Self::Continuation => SignedDuration::ZERO,
        }
    }

    /// A listing may be continued whenever the client likes; everything else expires.
    fn expires(self) -> bool {
        !matches!(self, Self::Continuation)
    }
}

impl<'a> Tokens<'a> {
    /// Uses the platform's keys and clock.
    pub fn new(secrets: &'a Secrets, clock: &'a Clock) -> Self {
        Self { secrets, clock }
    }

    /// A JWT for `claims`, valid until `expires`.
    pub async fn session(&self, claims: SessionClaims, expires: Timestamp) -> Result<String> {
        self.make(Kind::Session, claims, Some(expires)).await
    }

    /// The claims of a session's JWT.
    pub async fn read_session(&self, token: &str) -> Result<Result<SessionClaims, Refusal>> {
        self.read(Kind::Session, token).await
    }

    /// A one-shot token, valid for [`REQUEST_TOKEN_LIFETIME`]. Nothing is stored until it is used.
    pub async fn request_token(&self) -> Result<String> {
        let now = self.clock.now();
        self.make(
            Kind::Request,
            RequestClaims {
                jti: TokenId::new(now),
            },
            Some(now + REQUEST_TOKEN_LIFETIME),
        )
        .await
    }

    /// The id of a one-shot token that has not expired.
    pub async fn read_request_token(&self, token: &str) -> Result<Result<TokenId, Refusal>> {
        Ok(self
            .read::<RequestClaims>(Kind::Request, token)
            .await?
            .map(|claims| claims.jti))
    }

    /// The `state` that goes through a vendor's consent page, short enough for all of them (Dropbox
    /// takes 500 bytes). What it stands for is stored under its id.
    pub async fn oauth_state(&self, id: StateId, expires: Timestamp) -> Result<String> {
        let claims = OAuthStateClaims { jti: id };
        self.make(Kind::OAuthState, claims, Some(expires)).await
    }

    /// The id of a `state` that has not expired.
    pub async fn read_oauth_state(&self, token: &str) -> Result<Result<StateId, Refusal>> {
        Ok(self
            .read::<OAuthStateClaims>(Kind::OAuthState, token)
            .await?
            .map(|claims| claims.jti))
    }

    /// An opaque token from which the listing goes on.
    pub async fn continuation(&self, continuation: Continuation) -> Result<String> {
        self.make(Kind::Continuation, continuation, None).await
    }

    /// Where a listing goes on.
    pub async fn read_continuation(&self, token: &str) -> Result<Result<Continuation, Refusal>> {
        self.read(Kind::Continuation, token).await
    }

    async fn make<C: Serialize>(
        &self,
        kind: Kind,
        claims: C,
        expires: Option<Timestamp>,
    ) -> Result<String> {
        let keys = self.secrets.keys().await?;
        let now = self.clock.now().as_second();
        let envelope = Envelope {
            iss: ISSUER.to_owned(),
            aud: kind.audience().to_owned(),
            iat: now,
            nbf: now,
            exp: expires.map(Timestamp::as_second),
            claims,
        };
        let (id, key) = match kind {
            Kind::Session => {
                let (id, key) = keys.sessions.active()?;
                (id, key.signing.clone())
            }
            Kind::Request | Kind::OAuthState | Kind::Continuation => {
                let (id, root) = keys.tokens.active()?;
                (
                    id,
                    EncodingKey::from_secret(&derive(root, kind.audience())?),
                )
            }
        };
        let header = Header {
            kid: Some(id.to_owned()),
            ..Header::new(kind.algorithm())
        };
        jsonwebtoken::encode(&header, &envelope, &key)
            .map_err(|error| Error::internal("a token could not be signed").because(error))
    }

    async fn read<C: DeserializeOwned>(
        &self,
        kind: Kind,
        token: &str,
    ) -> Result<Result<C, Refusal>> {
        if token.len() > TOKEN_BYTES_MAX {
            return Ok(Err(Refusal::Invalid));
        }
        let Some(id) = jsonwebtoken::decode_header(token)
            .ok()
            .and_then(|header| header.kid)
        else {
            return Ok(Err(Refusal::Invalid));
        };
        let keys = self
            .secrets
            .keys_that(|keys| verifying_key(keys, kind, &id).is_some())
            .await?;
        let Some(key) = verifying_key(&keys, kind, &id) else {
            return Ok(Err(Refusal::Invalid));
        };
        let Ok(data) =
            jsonwebtoken::decode::<Envelope<C>>(token, &key, &signature_only(kind.algorithm()))
        else {
            return Ok(Err(Refusal::Invalid));
        };
        Ok(self.check(kind, data.claims))
    }

    fn check<C>(&self, kind: Kind, envelope: Envelope<C>) -> Result<C, Refusal> {
        let now = self.clock.now().as_second();
        let leeway = kind.leeway().as_secs();
        let ours = envelope.iss == ISSUER
            && envelope.aud == kind.audience()
            && envelope.nbf <= now.saturating_add(leeway)
            && envelope.iat <= now.saturating_add(leeway)
            && envelope.exp.is_some() == kind.expires();
        if !ours {
            return Err(Refusal::Invalid);
        }
        match envelope.exp {
            Some(exp) if exp.saturating_add(leeway) <= now => Err(Refusal::Expired),
            _ => Ok(envelope.claims),
        }
    }
}

/// The library's part: one pinned algorithm and the signature. Everything about the claims is
/// checked by us, who know the clock and require each of them.
pub(crate) fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn verifying_key(keys: &Keys, kind: Kind, id: &str) -> Option<DecodingKey> {
    match kind {
        Kind::Session => keys.sessions.get(id).map(|key| key.verifying.clone()),
        Kind::Request | Kind::OAuthState | Kind::Continuation => {
            let key = derive(keys.tokens.get(id)?, kind.audience()).ok()?;
            Some(DecodingKey::from_secret(&key))
        }
    }
}

/// The activation code of `attempt`, and the id of the key that it was derived with; with a `key_id`
/// the same code again.
pub async fn activation_code(
    secrets: &Secrets,
    attempt: AttemptId,
    key_id: Option<&str>,
) -> Result<(MailedCode, String)> {
    let keys = secrets
        .keys_that(|keys| key_id.is_none_or(|id| keys.tokens.get(id).is_some()))
        .await?;
    let (id, root) = match key_id {
        None => keys.tokens.active()?,
        Some(id) => {
            let root = keys
                .tokens
                .get(id)
                .ok_or_else(|| Error::internal("the key of an activation code is gone"))?;
            (id, root)
        }
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &derive(root, "activation")?);
    let tag = hmac::sign(&key, attempt.to_string().as_bytes());
    let mut bytes = [0; CODE_BYTES];
    bytes.copy_from_slice(&tag.as_ref()[..CODE_BYTES]);
    Ok((MailedCode::from_bytes(bytes), id.to_owned()))
}

/// A code at random.
pub fn new_code() -> Result<MailedCode> {
    let mut bytes = [0; CODE_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::internal("a code could not be made"))?;
    Ok(MailedCode::from_bytes(bytes))
}

/// How a code is stored: SHA-256 suffices for 128 random bits.
pub fn hash_of_code(code: &MailedCode) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, code.as_bytes()).as_ref())
}

/// The key for `purpose`: HKDF-SHA256 of the root key (RFC 5869).
pub fn derive(root: &RootKey, purpose: &str) -> Result<[u8; 32]> {
    struct Length;
    impl KeyType for Length {
        fn len(&self) -> usize {
            32
        }
    }
    let mut key = [0; 32];
    Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(root.as_bytes())
        .expand(&[purpose.as_bytes()], Length)
        .and_then(|material| material.fill(&mut key))
        .map_err(|_| Error::internal("a key could not be derived"))?;
    Ok(key)
}
