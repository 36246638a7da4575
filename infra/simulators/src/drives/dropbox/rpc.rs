//! Calls that take JSON and answer JSON, and what all calls have in common: the token and its
//! scope, and the root that paths are relative to.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::errors::{Refusal, tagged};
use super::{account, files, listing, paths};
use crate::drives::Simulator;
use crate::drives::grants::AccessError;
use crate::drives::tree::{NodeId, ROOT};

/// The functions on this host, with the scope that each needs.
const FUNCTIONS: [(&str, Option<&str>); 9] = [
    ("auth/token/revoke", None),
    ("users/get_current_account", Some("account_info.read")),
    ("files/list_folder", Some("files.metadata.read")),
    ("files/list_folder/continue", Some("files.metadata.read")),
    ("files/get_metadata", Some("files.metadata.read")),
    ("files/create_folder_v2", Some("files.content.write")),
    ("files/delete_v2", Some("files.content.write")),
    ("files/get_temporary_link", Some("files.content.read")),
    (
        "files/get_temporary_upload_link",
        Some("files.content.write"),
    ),
];

/// One call, as far as it is the same for all: the function, and what its paths are relative to.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) simulator: &'a Simulator,
    pub(super) function: &'a str,
    pub(super) root: NodeId,
}

/// What a function answers.
pub(super) type Answer = Result<Value, Refusal>;

pub(super) async fn call(
    State(simulator): State<Simulator>,
    Path(function): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&simulator, &function, &method, &headers, &body) {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn answer(
    simulator: &Simulator,
    function: &str,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Answer {
    let Some((_, scope)) = FUNCTIONS.iter().find(|(name, _)| *name == function) else {
        return Err(unknown(function));
    };
    let token = check(simulator, function, method, headers, *scope)?;
    let call = Call {
        simulator,
        function,
        root: path_root(simulator, function, headers)?,
    };
    let args = Args {
        function,
        headers,
        body,
    };
    match function {
        "auth/token/revoke" => {
            args.none()?;
            simulator.grants().revoke(token);
            Ok(Value::Null)
        }
        "users/get_current_account" => {
            args.none()?;
            Ok(account::current(&simulator.tree()))
        }
        "files/list_folder" => listing::list_folder(call, &args.read()?),
        "files/list_folder/continue" => listing::list_folder_continue(call, &args.read()?),
        "files/get_metadata" => files::get_metadata(call, &args.read()?),
        "files/create_folder_v2" => files::create_folder(call, &args.read()?),
        "files/delete_v2" => files::delete(call, &args.read()?),
        "files/get_temporary_link" => files::get_temporary_link(call, &args.read()?),
        "files/get_temporary_upload_link" => files::get_temporary_upload_link(call, args.read()?),
        _ => Err(unknown(function)),
    }
}

/// 400: there is no such function on this host.
pub(super) fn unknown(function: &str) -> Refusal {
    let text = format!("Unknown API function: \"{function}\"");
    Refusal::Text(StatusCode::BAD_REQUEST, text)
}

/// Checks the method, and that the request's token is good and has the scope; answers the token.
pub(super) fn check<'a>(
    simulator: &Simulator,
    function: &str,
    method: &Method,
    headers: &'a HeaderMap,
    scope: Option<&str>,
) -> Result<&'a str, Refusal> {
    if method != Method::POST {
        let why = format!(
            "Your request's HTTP method is \"{method}\". This function only accepts the HTTP method \"POST\"."
        );
        return Err(Refusal::malformed(function, &why));
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        let why = "Must provide HTTP header \"Authorization\" or URL parameter \"authorization\".";
        return Err(Refusal::malformed(function, why));
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Bearer "));
    let Some(token) = token.filter(|token| is_token(token)) else {
        let why = "Invalid authorization value in HTTP header \"Authorization\"";
        return Err(Refusal::malformed(function, why));
    };
    let grants = simulator.grants();
    let scopes = grants
        .check(simulator.clock().now(), token)
        .map_err(|error| match error {
            AccessError::Invalid => Refusal::auth(tagged(&["invalid_access_token"])),
            AccessError::Expired => Refusal::auth(tagged(&["expired_access_token"])),
        })?;
    match scope {
        Some(scope) if !scopes.iter().any(|has| has == scope) => {
            let error = json!({ ".tag": "missing_scope", "required_scope": scope });
            Err(Refusal::auth(error))
        }
        _ => Ok(token),
    }
}

/// RFC 6750 §2.1.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte))
}

/// `PathRoot` of `common.stone`.
#[derive(Deserialize)]
#[serde(tag = ".tag", rename_all = "snake_case", deny_unknown_fields)]
enum PathRoot {
    Home,
    Root { root: String },
    NamespaceId { namespace_id: String },
}

/// What the request's paths are relative to: the home folder, if it does not say.
pub(super) fn path_root(
    simulator: &Simulator,
    function: &str,
    headers: &HeaderMap,
) -> Result<NodeId, Refusal> {
    let Some(value) = headers.get("dropbox-api-path-root") else {
        return Ok(ROOT);
    };
    let root = serde_json::from_slice(value.as_bytes()).map_err(|error| {
        let why = format!("Invalid JSON in HTTP header \"Dropbox-API-Path-Root\": {error}");
        Refusal::malformed(function, &why)
    })?;
    let tree = simulator.tree();
    let own = account::root(&tree);
    let refuse = |error| Err(Refusal::Json(StatusCode::UNPROCESSABLE_ENTITY, error));
    match root {
        PathRoot::Home => Ok(ROOT),
        PathRoot::Root { root } if root == paths::namespace_of(own) => Ok(own),
        PathRoot::Root { .. } => {
            let info = account::root_info(&tree);
            refuse(json!({ ".tag": "invalid_root", "invalid_root": info }))
        }
        PathRoot::NamespaceId { namespace_id } => {
            match paths::root_of_namespace(&tree, &namespace_id) {
                Some(root) => Ok(root),
                None => refuse(tagged(&["no_permission"])),
            }
        }
    }
}

/// A request's arguments, unread.
struct Args<'a> {
    function: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Args<'_> {
    fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The arguments as JSON.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        // The last two are for browsers that may not ask first.
        let content_type = self.content_type().unwrap_or_default();
        let good = [
            "application/json",
            "application/json; charset=utf-8",
            "text/plain; charset=dropbox-cors-hack",
        ];
        if !good.contains(&content_type) {
            let why = format!(
                "Bad HTTP \"Content-Type\" header: \"{content_type}\". Expecting one of \"application/json\", \"application/json; charset=utf-8\", \"text/plain; charset=dropbox-cors-hack\"."
            );
            return Err(Refusal::malformed(self.function, &why));
        }
        parse(self.function, "request body", self.body)
    }

    /// A function without arguments takes no body, or `null`.
    fn none(&self) -> Result<(), Refusal> {
        if self.body.is_empty() {
            return match self.content_type() {
                None => Ok(()),
                Some(_) => Err(Refusal::malformed(
                    self.function,
                    "request body: could not decode input as JSON",
                )),
            };
        }
        match self.read()? {
            Value::Null => Ok(()),
            _ => Err(Refusal::malformed(
                self.function,
                "request body: expected null, got object",
            )),
        }
    }
}

/// Arguments in JSON, from the body or a header.
pub(super) fn parse<T: DeserializeOwned>(
    function: &str,
    place: &str,
    json: &[u8],
) -> Result<T, Refusal> {
    serde_json::from_slice(json)
        .map_err(|error| Refusal::malformed(function, &format!("{place}: {error}")))
}
