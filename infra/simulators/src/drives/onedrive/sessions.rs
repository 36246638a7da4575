//! Upload sessions: `driveitem-createuploadsession.md`. Their URLs carry their own permission.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::address::Place;
use super::errors::GraphError;
use super::graph::Call;
use super::query::Query;
use super::writing::{Conflict, store};
use super::{CONTENT, ids, items};
use crate::drives::Simulator;
use crate::drives::handed_out::Found;
use crate::drives::tree::{NodeId, Tree};

const SESSION: &str = "onedrive-upload";
/// A session that receives nothing ends so soon (onedrive-api-docs, issues 1073 and 1260).
const IDLE_LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// And every session in the end (onedrive-api-docs, issue 1570).
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// "The maximum bytes in any given request is less than 60 MiB."
const FRAGMENT_BYTES_MAX: usize = 60 * 1024 * 1024 - 1;
/// "The size of each byte range MUST be a multiple of 320 KiB."
const FRAGMENT_UNIT_BYTES: usize = 320 * 1024;

#[derive(Serialize, Deserialize)]
struct Session {
    parent: NodeId,
    name: String,
    conflict: Conflict,
    end: Timestamp,
    /// How many bytes come, once a fragment has said it.
    total: Option<u64>,
    /// What has come, in Base64.
    received: String,
}

impl Session {
    /// How long it lives from `now` if nothing comes.
    fn lifetime(&self, now: Timestamp) -> SignedDuration {
        IDLE_LIFETIME.min(self.end.duration_since(now))
    }

    fn status(&self, now: Timestamp, received: usize) -> Value {
        json!({
            "expirationDateTime": now + self.lifetime(now),
            "nextExpectedRanges": [format!("{received}-")],
        })
    }
}

/// A new session for a place.
pub(super) fn open(call: &Call, tree: &Tree, place: Place, conflict: Conflict) -> Value {
    let session = Session {
        parent: place.parent,
        name: place.name,
        conflict,
        end: call.now + LIFETIME,
        total: None,
        received: String::new(),
    };
    let token = call
        .simulator
        .handed_out()
        .give(SESSION, &session, call.now, IDLE_LIFETIME);
    let drive = ids::drive(tree.root_of(session.parent));
    let drive = utf8_percent_encode(&drive, NON_ALPHANUMERIC);
    let path = format!("/personal/{drive}/_api/v2.0/uploadSession?tempauth={token}");
    let mut answer = session.status(call.now, 0);
    answer["@odata.context"] =
        "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession".into();
    answer["uploadUrl"] = call.simulator.url(CONTENT, &path).into();
    answer
}

/// `GET`: what is still missing.
pub(super) async fn status(
    State(simulator): State<Simulator>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let now = simulator.clock().now();
    let status = || {
        let (_, session) = find(&simulator, &uri, &headers, now)?;
        let received = received(&session)?;
        Ok(Json(session.status(now, received.len())).into_response())
    };
    status().unwrap_or_else(|error: GraphError| error.answer(now))
}

/// `DELETE`: nothing comes any more.
pub(super) async fn cancel(
    State(simulator): State<Simulator>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let now = simulator.clock().now();
    match find(&simulator, &uri, &headers, now) {
        Ok((token, _)) => {
            simulator.handed_out().take_back(&token);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => error.answer(now),
    }
}

/// `PUT`: a fragment.
pub(super) async fn put(
    State(simulator): State<Simulator>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = simulator.clock().now();
    receive(&simulator, &uri, &headers, &body, now).unwrap_or_else(|error| error.answer(now))
}

fn receive(
    simulator: &Simulator,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Response, GraphError> {
    let (token, mut session) = find(simulator, uri, headers, now)?;
    if body.len() > FRAGMENT_BYTES_MAX {
        return Err(GraphError::new(
            413,
            "invalidRequest",
            "The fragment is larger than the maximum.",
        ));
    }
    let (first, last, total) = headers
        .get(header::CONTENT_RANGE)
        .and_then(|value| content_range(value.to_str().ok()?))
        .ok_or_else(|| GraphError::invalid("The Content-Range header is missing or malformed."))?;
    if last >= total || last - first + 1 != body.len() as u64 {
        let message =
            "The Content-Range header length does not match the provided number of bytes.";
        return Err(GraphError::invalid(message));
    }
    if session.total.is_some_and(|said| said != total) {
        return Err(GraphError::invalid(
            "The total size differs from the one of earlier fragments.",
        ));
    }
    let mut content = received(&session)?;
    if first != content.len() as u64 {
        let inner = if first < content.len() as u64 {
            "fragmentOverlap"
        } else {
            "fragmentOutOfOrder"
        };
        let message = "The uploaded fragment has already been received or is not the next one.";
        return Err(GraphError::new(416, "invalidRange", message).with_inner(inner));
    }
    let is_last = last + 1 == total;
    if !is_last && !body.len().is_multiple_of(FRAGMENT_UNIT_BYTES) {
        return Err(GraphError::invalid(
            "The fragment's size is not a multiple of 320 KiB.",
        ));
    }
    content.extend_from_slice(body);
    if !is_last {
        session.total = Some(total);
        session.received = BASE64.encode(&content);
        let lifetime = session.lifetime(now);
        simulator
            .handed_out()
            .renew(&token, &session, now, lifetime);
        let status = Json(session.status(now, content.len()));
        return Ok((StatusCode::ACCEPTED, status).into_response());
    }
    let place = Place {
        parent: session.parent,
        name: session.name,
        existing: None,
    };
    let mut tree = simulator.tree();
    let (status, id) = store(&mut tree, &place, session.conflict, content.into(), now)?;
    simulator.handed_out().take_back(&token);
    let node = tree.get(id).ok_or_else(GraphError::not_found)?;
    let item = items::item(simulator, &tree, node, None);
    Ok((status, Json(item)).into_response())
}

/// The session of a URL. "Including the Authorization header can result in an HTTP 401 response."
fn find(
    simulator: &Simulator,
    uri: &Uri,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(String, Session), GraphError> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(GraphError::unauthenticated(
            "The caller is not authenticated.",
        ));
    }
    let query = Query::parse(uri, &["tempauth"])?;
    let token = query.get("tempauth").unwrap_or_default();
    let found = simulator.handed_out().find::<Session>(SESSION, token, now);
    match found {
        Found::Live(session) => Ok((token.to_owned(), session)),
        Found::Expired | Found::Unknown => {
            Err(
                GraphError::new(404, "itemNotFound", "The upload session was not found")
                    .with_inner("uploadSessionNotFound"),
            )
        }
    }
}

fn received(session: &Session) -> Result<Vec<u8>, GraphError> {
    BASE64
        .decode(session.received.as_bytes())
        .map_err(|_| GraphError::new(500, "generalException", "The session is broken."))
}

/// `bytes FIRST-LAST/TOTAL`.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last, number(total)?))
}

/// Digits only: `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
