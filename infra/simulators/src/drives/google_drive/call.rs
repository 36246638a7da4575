//! A request to the API: who asks, with which parameters.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::errors::Refused;
use super::{fields, ids};
use crate::drives::Simulator;
use crate::drives::tree::{Node, ROOT, Tree};

/// What stands before each scope of Drive's.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/drive";

/// Parameters that every method takes (the discovery document's `parameters`).
const COMMON: [&str; 5] = ["alt", "fields", "key", "prettyPrint", "quotaUser"];

/// What a method does, as far as scopes tell it apart.
#[derive(Clone, Copy)]
pub(super) enum Need {
    /// Reads names and sizes.
    Metadata,
    /// Reads bytes.
    Content,
    /// Changes something.
    Write,
}

/// A request whose token is good.
pub(super) struct Call {
    scopes: Vec<String>,
    query: Vec<(String, String)>,
    resource_keys: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
}

impl FromRequestParts<Simulator> for Call {
    type Rejection = Refused;

    async fn from_request_parts(
        parts: &mut Parts,
        simulator: &Simulator,
    ) -> Result<Self, Self::Rejection> {
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect::<Vec<_>>();
        // In the query it was once taken, until 2020.
        if query
            .iter()
            .any(|(name, _)| name == "access_token" || name == "oauth_token")
        {
            return Err(Refused::credentials());
        }
        let authorization = parts
            .headers
            .get(header::AUTHORIZATION)
            .ok_or_else(Refused::unregistered)?;
        let token = authorization
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(Refused::credentials)?;
        let scopes = simulator
            .grants()
            .check(simulator.clock().now(), token)
            .map_err(|_| Refused::credentials())?
            .to_vec();
        Ok(Self {
            scopes,
            query,
            resource_keys: resource_keys(&parts.headers)?,
            headers: parts.headers.clone(),
        })
    }
}

impl Call {
    /// Refuses who may not call `method`, and parameters that it does not have.
    pub(super) fn check(
        &self,
        method: &str,
        need: Need,
        parameters: &[&str],
    ) -> Result<(), Refused> {
        let enough: &[&str] = match need {
            Need::Metadata => &["", ".readonly", ".metadata", ".metadata.readonly"],
            Need::Content => &["", ".readonly"],
            Need::Write => &[""],
        };
        let agreed = self
            .scopes
            .iter()
            .filter_map(|scope| scope.strip_prefix(SCOPE))
            .any(|rest| enough.contains(&rest));
        if !agreed {
            return Err(Refused::scope(method));
        }
        for (position, (name, _)) in self.query.iter().enumerate() {
            let known = COMMON.contains(&name.as_str()) || parameters.contains(&name.as_str());
            if !known {
                return Err(Refused::unknown_name(name));
            }
            if self.query[..position]
                .iter()
                .any(|(other, _)| other == name)
            {
                return Err(Refused::invalid(name));
            }
        }
        match self.parameter("alt") {
            None | Some("json") => Ok(()),
            Some("media") if matches!(need, Need::Content) => Ok(()),
            Some(_) => Err(Refused::invalid("alt")),
        }
    }

    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter that is `true` or `false`; false if it is not there.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refused> {
        match self.parameter(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refused::invalid(name)),
        }
    }

    /// A parameter that counts, from one on.
    pub(super) fn count(&self, name: &str, default: usize, max: usize) -> Result<usize, Refused> {
        self.parameter(name).map_or(Ok(default), |text| {
            text.parse()
                .ok()
                .filter(|count| (1..=max).contains(count))
                .ok_or_else(|| Refused::invalid(name))
        })
    }

    /// The part of an answer that is asked for.
    pub(super) fn selection(
        &self,
        resource: &fields::Resource,
        default: &str,
    ) -> Result<fields::Selection, Refused> {
        fields::parse(self.parameter("fields").unwrap_or(default), resource)
    }

    /// The node of an id, if the caller may see it.
    pub(super) fn node<'t>(&self, tree: &'t Tree, id: &str) -> Result<&'t Node, Refused> {
        let missing = || Refused::file(id);
        let node = ids::parse(id)
            .and_then(|number| tree.get(number))
            .ok_or_else(missing)?;
        if ids::of(node) != id && id != "root" {
            return Err(missing());
        }
        if tree.root_of(node.id) != ROOT && !self.flag("supportsAllDrives")? {
            return Err(missing());
        }
        let shown = |key: &String| {
            self.resource_keys
                .iter()
                .any(|(known, shown)| known == id && shown == key)
        };
        if node.resource_key.as_ref().is_some_and(|key| !shown(key)) {
            return Err(missing());
        }
        Ok(node)
    }
}

/// `X-Goog-Drive-Resource-Keys`: `id/key` pairs with commas between.
///
/// <https://developers.google.com/workspace/drive/api/guides/resource-keys>
fn resource_keys(headers: &HeaderMap) -> Result<Vec<(String, String)>, Refused> {
    let Some(value) = headers.get("x-goog-drive-resource-keys") else {
        return Ok(Vec::new());
    };
    let malformed = || Refused::bad_request("Invalid resource keys.");
    value
        .to_str()
        .map_err(|_| malformed())?
        .split(',')
        .map(|pair| {
            let (id, key) = pair.trim().split_once('/').ok_or_else(malformed)?;
            Ok((id.to_owned(), key.to_owned()))
        })
        .collect()
}

/// The metadata in a body: an object that has only properties of `known`.
pub(super) fn metadata(
    content_type: &str,
    body: &[u8],
    known: &[&str],
) -> Result<Map<String, Value>, Refused> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence != "application/json" {
        return Err(Refused::bad_request(
            "This API does not support parsing form-encoded input.",
        ));
    }
    let Ok(Value::Object(metadata)) = serde_json::from_slice(body) else {
        return Err(Refused::bad_request("Parse Error"));
    };
    match metadata.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Refused::unknown_name(name)),
        None => Ok(metadata),
    }
}

/// A property of a metadata that is a text.
pub(super) fn text<'m>(
    metadata: &'m Map<String, Value>,
    name: &str,
) -> Result<Option<&'m str>, Refused> {
    match metadata.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refused::bad_request(format!("Invalid value for: {name}"))),
    }
}

/// A header's text; empty if it is not there.
pub(super) fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
