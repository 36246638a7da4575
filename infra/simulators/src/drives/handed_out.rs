//! What a vendor gives out and recognises again: cursors, upload sessions, pre-authorised URLs.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// Opaque tokens, each with what it stands for and its end.
#[derive(Default)]
pub(crate) struct HandedOut(HashMap<String, Entry>);

struct Entry {
    what: &'static str,
    data: Value,
    expires: Timestamp,
}

/// What a token is good for.
pub(crate) enum Found<T> {
    /// This.
    Live(T),
    /// Nothing any more: its time is over.
    Expired,
    /// Nothing: it was never handed out as such, or was taken back.
    Unknown,
}

impl HandedOut {
    /// A token for `data`, good as a `what` for so long.
    pub(crate) fn give(
        &mut self,
        what: &'static str,
        data: &impl Serialize,
        now: Timestamp,
        lifetime: SignedDuration,
    ) -> String {
        let token = Uuid::new_v4().simple().to_string();
        let entry = Entry {
            what,
            data: serde_json::to_value(data).unwrap_or_default(),
            expires: now + lifetime,
        };
        self.0.insert(token.clone(), entry);
        token
    }

    /// What a token stands for.
    pub(crate) fn find<T: DeserializeOwned>(
        &self,
        what: &'static str,
        token: &str,
        now: Timestamp,
    ) -> Found<T> {
        match self.0.get(token).filter(|entry| entry.what == what) {
            None => Found::Unknown,
            Some(entry) if entry.expires <= now => Found::Expired,
            Some(entry) => {
                serde_json::from_value(entry.data.clone()).map_or(Found::Unknown, Found::Live)
            }
        }
    }

    /// Lets a token stand for other `data`, for so long from now. Does nothing to one that is not
    /// there.
    pub(crate) fn renew(
        &mut self,
        token: &str,
        data: &impl Serialize,
        now: Timestamp,
        lifetime: SignedDuration,
    ) {
        if let Some(entry) = self.0.get_mut(token) {
            entry.data = serde_json::to_value(data).unwrap_or_default();
            entry.expires = now + lifetime;
        }
    }

    /// Lets a token stand for other data, with its end as it was.
    pub(crate) fn update(&mut self, token: &str, data: &impl Serialize) {
        if let Some(entry) = self.0.get_mut(token) {
            entry.data = serde_json::to_value(data).unwrap_or_default();
        }
    }

    /// Ends a token: it is used up.
    pub(crate) fn take_back(&mut self, token: &str) {
        self.0.remove(token);
    }

    /// Ends a token, but remembers that it was there: what asks for it finds it expired.
    pub(crate) fn end(&mut self, token: &str, now: Timestamp) {
        if let Some(entry) = self.0.get_mut(token) {
            entry.expires = entry.expires.min(now);
        }
    }
}
