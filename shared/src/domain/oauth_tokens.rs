//! What a drive's vendor gives for a person's consent.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Error, Result};

/// No vendor's access token lives longer; what is said to is not believed.
pub const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Tokens of one grant. Never printed.
#[derive(Clone)]
pub struct OAuthTokens {
    /// Opens the drive until it expires.
    pub access_token: SecretString,
    /// When it expires, by the vendor's word.
    pub expires: Timestamp,
    /// Gets the next access token.
    pub refresh_token: SecretString,
}

impl fmt::Debug for OAuthTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OAuthTokens([redacted] until {})", self.expires)
    }
}

/// The stored form.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    access_token: String,
    expires_at: Timestamp,
    refresh_token: String,
}

/// The form in which a client gives tokens that it got elsewhere: a token answer (RFC 6749 §5.1), or
/// the names in camel case.
#[derive(Deserialize)]
struct Given {
    #[serde(alias = "accessToken")]
    access_token: Option<String>,
    #[serde(alias = "refreshToken")]
    refresh_token: Option<String>,
    #[serde(alias = "expiresIn")]
    expires_in: Option<i64>,
    #[serde(alias = "expiresAt")]
    expires_at: Option<Timestamp>,
}

impl OAuthTokens {
    /// The JSON text that is sealed and stored.
    pub fn to_stored(&self) -> Result<SecretString> {
        let stored = Stored {
            access_token: self.access_token.expose_secret().to_owned(),
            expires_at: self.expires,
            refresh_token: self.refresh_token.expose_secret().to_owned(),
        };
        serde_json::to_string(&stored)
            .map(SecretString::from)
            .map_err(|error| Error::internal("tokens could not be written").because(error))
    }

    /// Reads what [`Self::to_stored`] made.
    pub fn from_stored(text: &SecretString) -> Result<Self> {
        // serde repeats values, so its error is dropped.
        let Stored {
            access_token,
            expires_at,
            refresh_token,
        } = serde_json::from_str(text.expose_secret())
            .map_err(|_| Error::internal("stored tokens are malformed"))?;
        Ok(Self {
            access_token: access_token.into(),
            expires: expires_at,
            refresh_token: refresh_token.into(),
        })
    }

    /// Reads tokens from the request's `field`: JSON with a refresh token, and an access token with
    /// its expiry if there is one that may still be good. Without either it counts as expired at
    /// `now`.
    pub fn parse(field: &str, text: &SecretString, now: Timestamp) -> Result<Self> {
        let given: Given = serde_json::from_str(text.expose_secret())
            .map_err(|_| Error::invalid(field, "must be the JSON of a token answer"))?;
        let there = |token: Option<String>| token.filter(|token| !token.is_empty());
        let refresh_token = there(given.refresh_token)
            .ok_or_else(|| Error::access("credentialsData: holds no refresh token"))?;
        let lifetime = given
            .expires_in
            .map(|seconds| SignedDuration::from_secs(seconds.clamp(0, LIFETIME_MAX.as_secs())));
        let expires = given
            .expires_at
            .or_else(|| lifetime.and_then(|lifetime| now.checked_add(lifetime).ok()))
            .map(|expires| expires.min(now + LIFETIME_MAX));
        let (access_token, expires) = match (there(given.access_token), expires) {
            (Some(token), Some(expires)) => (token, expires),
            (token, _) => (token.unwrap_or_default(), now),
        };
        Ok(Self {
            access_token: access_token.into(),
            expires,
            refresh_token: refresh_token.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;

    fn now() -> Timestamp {
        "2026-11-24T10:00:00Z".parse().unwrap()
    }

    fn parse(text: &str) -> Result<OAuthTokens> {
        OAuthTokens::parse("credentialsData", &text.to_owned().into(), now())
    }

    #[test]
    fn what_is_stored_reads_back() {
        let tokens = parse(r#"{"access_token": "a", "refresh_token": "r", "expires_in": 60}"#);
        let back = OAuthTokens::from_stored(&tokens.unwrap().to_stored().unwrap()).unwrap();
        assert_eq!(back.access_token.expose_secret(), "a");
        assert_eq!(back.refresh_token.expose_secret(), "r");
        assert_eq!(back.expires.to_string(), "2026-11-24T10:01:00Z");
        assert_eq!(
            format!("{back:?}"),
            "OAuthTokens([redacted] until 2026-11-24T10:01:00Z)"
        );
    }

    #[test]
    fn both_spellings_are_taken() {
        let text = r#"{"accessToken": "a", "refreshToken": "r", "expiresAt": "2026-11-24T11:00:00Z", "x": 1}"#;
        assert_eq!(
            parse(text).unwrap().expires.to_string(),
            "2026-11-24T11:00:00Z"
        );
    }

    #[test]
    fn nothing_lives_longer_than_a_day() {
        for life in [
            r#""expires_in": 999999999"#,
            r#""expires_at": "2099-01-01T00:00:00Z""#,
        ] {
            let text = format!(r#"{{"access_token": "a", "refresh_token": "r", {life}}}"#);
            let expires = parse(&text).unwrap().expires;
            assert_eq!(expires.to_string(), "2026-11-25T10:00:00Z", "{life}");
        }
    }

    #[test]
    fn an_access_token_of_unknown_age_counts_as_expired() {
        for text in [
            r#"{"access_token": "a", "refresh_token": "r"}"#,
            r#"{"refresh_token": "r", "expires_in": 60}"#,
            r#"{"refresh_token": "r"}"#,
        ] {
            assert_eq!(parse(text).unwrap().expires, now(), "{text}");
        }
    }

    #[test]
    fn what_cannot_last_is_refused() {
        for (text, kind) in [
            ("hunter2", ErrorKind::Invalid),
            (r#"{"refresh_token": 5}"#, ErrorKind::Invalid),
            (r#"{"access_token": "a"}"#, ErrorKind::AccessRefused),
            (r#"{"refresh_token": ""}"#, ErrorKind::AccessRefused),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), kind, "{text}");
            assert!(error.causes().is_empty());
        }
    }
}
