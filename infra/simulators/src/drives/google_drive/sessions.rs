//! Upload sessions: a URL that takes the bytes, whole or in pieces, from whoever has it.
//!
//! <https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable>

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::call::header_text;
use super::errors::Refused;
use super::files::Draft;
use super::{API, fields, upload, wire};
use crate::drives::Simulator;
use crate::drives::handed_out::Found;
use crate::drives::tree::NodeId;

const WHAT: &str = "upload session";
/// "A resumable session URI expires after one week."
const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// All pieces but the last are multiples of this.
const PIECE: u64 = 256 * 1024;

/// Where the bytes go.
#[derive(Serialize, Deserialize)]
pub(super) enum Goal {
    /// To a new file.
    New(Draft),
    /// Into a file that is there, whose properties change with it.
    Existing {
        node: NodeId,
        metadata: Map<String, Value>,
    },
}

/// An upload that has begun.
#[derive(Serialize, Deserialize)]
pub(super) struct Session {
    goal: Goal,
    media_type: String,
    length: Option<u64>,
    fields: String,
    /// The pieces so far, as Base64.
    received: String,
    /// The file, once all is there.
    done: Option<NodeId>,
}

/// What a `Content-Range` says.
enum Sent {
    /// There is none: the body is all.
    Whole,
    /// Nothing is sent, it is asked what is there.
    Query(Option<u64>),
    /// A piece, and the size of all if it is known.
    Piece { first: u64, total: Option<u64> },
}

impl Session {
    pub(super) fn new(goal: Goal, media_type: String, length: Option<u64>, fields: String) -> Self {
        Self {
            goal,
            media_type,
            length,
            fields,
            received: String::new(),
            done: None,
        }
    }

    /// Gives the session's URL out. `id` is the file's, if it is there.
    pub(super) fn begin(&self, simulator: &Simulator, id: Option<&str>) -> Response {
        let now = simulator.clock().now();
        let token = simulator.handed_out().give(WHAT, self, now, LIFETIME);
        let file = id.map_or(String::new(), |id| format!("/{id}"));
        let path = format!("/upload/drive/v3/files{file}?uploadType=resumable&upload_id={token}");
        let url = simulator.url(API, &path);
        let headers = [
            (header::LOCATION, url),
            (header::CONTENT_LENGTH, "0".to_owned()),
        ];
        (headers, "").into_response()
    }

    /// How far it is: 308 and what is there.
    fn incomplete(received: u64) -> Response {
        let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
        if let Some(last) = received.checked_sub(1)
            && let Ok(value) = HeaderValue::from_str(&format!("bytes=0-{last}"))
        {
            response.headers_mut().insert(header::RANGE, value);
        }
        response
    }

    fn answer(&self, simulator: &Simulator, node: NodeId) -> Result<Response, Refused> {
        let selection = fields::parse(&self.fields, &wire::FILE)?;
        let tree = simulator.tree();
        let node = tree.get(node).ok_or_else(|| Refused::file("."))?;
        Ok(Json(selection.of(&wire::file(&tree, node))).into_response())
    }
}

/// `PUT` on a session's URL.
pub(super) async fn put(
    State(simulator): State<Simulator>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let query = query.unwrap_or_default();
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    if parameter("uploadType").as_deref() != Some("resumable") {
        return Err(refusal("Missing or wrong uploadType."));
    }
    let token = parameter("upload_id").ok_or_else(|| refusal("Missing upload_id."))?;
    let now = simulator.clock().now();
    let found = simulator.handed_out().find::<Session>(WHAT, &token, now);
    let Found::Live(mut session) = found else {
        return Err((StatusCode::NOT_FOUND, "Not Found").into_response());
    };
    if let Some(node) = session.done {
        return session
            .answer(&simulator, node)
            .map_err(IntoResponse::into_response);
    }
    let sent = content_range(&headers, body.len() as u64)
        .ok_or_else(|| refusal("Failed to parse Content-Range header."))?;
    let mut content = BASE64
        .decode(session.received.as_bytes())
        .unwrap_or_default();
    let received = content.len() as u64;
    let total = match sent {
        Sent::Query(total) if total != Some(received) => {
            return Ok(Session::incomplete(received));
        }
        Sent::Whole => {
            content.clear();
            Some(body.len() as u64)
        }
        Sent::Piece { first, .. } if first != received => {
            return Err(refusal(
                "The upload's offset is not where the last piece ended.",
            ));
        }
        Sent::Query(total) | Sent::Piece { total, .. } => total,
    };
    content.extend_from_slice(&body);
    let all = content.len() as u64;
    if session
        .length
        .zip(total)
        .is_some_and(|(said, total)| said != total)
    {
        return Err(refusal("The size is not that of X-Upload-Content-Length."));
    }
    match total {
        Some(total) if all == total => {}
        Some(total) if all > total => return Err(refusal("There are too many bytes.")),
        _ if (body.len() as u64).is_multiple_of(PIECE) => {
            session.received = BASE64.encode(&content);
            simulator.handed_out().update(&token, &session);
            return Ok(Session::incomplete(all));
        }
        _ => return Err(refusal("A piece must be a multiple of 262144 bytes.")),
    }
    let stored = upload::store(
        &simulator,
        &mut simulator.tree(),
        &session.goal,
        content.into(),
        &session.media_type,
    );
    let node = stored.map_err(IntoResponse::into_response)?;
    session.done = Some(node);
    session.received.clear();
    simulator.handed_out().update(&token, &session);
    session
        .answer(&simulator, node)
        .map_err(IntoResponse::into_response)
}

/// The upload server's own refusals are plain text.
fn refusal(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, message.to_owned()).into_response()
}

/// Reads `bytes a-b/n`, `bytes a-b/*`, `bytes */n` or `bytes */*` for a body of `length` bytes.
fn content_range(headers: &HeaderMap, length: u64) -> Option<Sent> {
    let text = header_text(headers, "content-range");
    if text.is_empty() {
        return Some(Sent::Whole);
    }
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let total: Option<u64> = match total {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    if range == "*" {
        return (length == 0).then_some(Sent::Query(total));
    }
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let fits = last.checked_sub(first)?.checked_add(1)? == length
        && total.is_none_or(|total| last < total);
    fits.then_some(Sent::Piece { first, total })
}
