//! Files' bytes: calls that carry their arguments in a header, and links that carry their own
//! permission.

use std::fmt::Write;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::commit::{CommitInfo, Upload};
use super::errors::Refusal;
use super::paths::{self, Form};
use super::{metadata, rpc};
use crate::drives::Simulator;
use crate::drives::handed_out::Found;
use crate::drives::tree::{Kind, Node, NodeId};

/// A download link's life.
pub(super) const LINK_HOURS: i64 = 4;
/// What a download link is called among what was handed out.
pub(super) const TEMPORARY_LINK: &str = "temporary link";
/// The same for an upload link.
pub(super) const UPLOAD_LINK: &str = "temporary upload link";
/// `UploadError.payload_too_large`.
const UPLOAD_BYTES_MAX: usize = 150 * 1024 * 1024;
const OCTETS: &str = "application/octet-stream";

/// What a download link is good for.
#[derive(Serialize, Deserialize)]
pub(super) struct Download {
    pub(super) node: NodeId,
}

/// `DownloadArg`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DownloadArg {
    path: String,
}

pub(super) async fn call(
    State(simulator): State<Simulator>,
    Path(function): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = match function.as_str() {
        "files/download" => download(&simulator, &function, &method, &headers, &body),
        "files/upload" => upload(&simulator, &function, &method, &headers, body),
        _ => Err(rpc::unknown(&function)),
    };
    answer.unwrap_or_else(IntoResponse::into_response)
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn args<'a>(function: &str, headers: &'a HeaderMap) -> Result<&'a [u8], Refusal> {
    let value = headers.get("dropbox-api-arg").map(HeaderValue::as_bytes);
    value.filter(|value| value.is_ascii()).ok_or_else(|| {
        let why = "Must provide HTTP header \"Dropbox-API-Arg\" or URL parameter \"arg\".";
        Refusal::malformed(function, why)
    })
}

fn download(
    simulator: &Simulator,
    function: &str,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    rpc::check(
        simulator,
        function,
        method,
        headers,
        Some("files.content.read"),
    )?;
    let root = rpc::path_root(simulator, function, headers)?;
    if !body.is_empty()
        || !["", OCTETS, "text/plain; charset=utf-8"].contains(&content_type(headers))
    {
        let why = "Bad HTTP \"Content-Type\" header. Expecting no body and no \"Content-Type\".";
        return Err(Refusal::malformed(function, why));
    }
    let place = "HTTP header \"Dropbox-API-Arg\"";
    let arg: DownloadArg = rpc::parse(function, place, args(function, headers)?)?;
    Form::Read.check(function, "path", &arg.path)?;
    let tree = simulator.tree();
    let found = paths::find(&tree, root, &arg.path);
    let node = found.map_err(|tag| Refusal::endpoint(&["path", tag]))?;
    let Some(node) = tree.get(node) else {
        return Err(Refusal::endpoint(&["path", "not_found"]));
    };
    match &node.kind {
        Kind::File(_) => {}
        Kind::Other { .. } => return Err(Refusal::endpoint(&["unsupported_file"])),
        Kind::Folder => return Err(Refusal::endpoint(&["path", "not_file"])),
    }
    let mut response = bytes(node, headers);
    let result = ascii(&metadata::of(&tree, node));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
    if let Ok(result) = HeaderValue::from_str(&result) {
        headers.insert("dropbox-api-result", result);
    }
    Ok(response)
}

fn upload(
    simulator: &Simulator,
    function: &str,
    method: &Method,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    rpc::check(
        simulator,
        function,
        method,
        headers,
        Some("files.content.write"),
    )?;
    let root = rpc::path_root(simulator, function, headers)?;
    let given = content_type(headers);
    if ![OCTETS, "text/plain; charset=dropbox-cors-hack"].contains(&given) {
        let why = format!(
            "Bad HTTP \"Content-Type\" header: \"{given}\". Expecting one of \"application/octet-stream\", \"text/plain; charset=dropbox-cors-hack\"."
        );
        return Err(Refusal::malformed(function, &why));
    }
    let place = "HTTP header \"Dropbox-API-Arg\"";
    let info: CommitInfo = rpc::parse(function, place, args(function, headers)?)?;
    info.check(function)?;
    if body.len() > UPLOAD_BYTES_MAX {
        return Err(Refusal::endpoint(&["payload_too_large"]));
    }
    let hash = metadata::content_hash(&body);
    if info
        .content_hash
        .as_ref()
        .is_some_and(|given| *given != hash)
    {
        return Err(Refusal::endpoint(&["content_hash_mismatch"]));
    }
    let mut tree = simulator.tree();
    let written = info.write(&mut tree, root, body, simulator.clock().now());
    let node = written.map_err(|tags| {
        // `UploadWriteFailed`: a structure, whose fields stand beside the tag.
        let reason = super::errors::tagged(&tags);
        let error = json!({ ".tag": "path", "reason": reason, "upload_session_id": "none" });
        Refusal::Json(StatusCode::CONFLICT, error)
    })?;
    let described = tree
        .get(node)
        .map_or(Value::Null, |node| metadata::of(&tree, node));
    Ok(Json(described).into_response())
}

/// One body for an upload link. Its refusals are plain text.
pub(super) async fn take_upload(
    State(simulator): State<Simulator>,
    Path(link): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = content_type(&headers);
    if method != Method::POST || ![OCTETS, "text/plain"].contains(&given) {
        return (StatusCode::BAD_REQUEST, "Bad request").into_response();
    }
    let now = simulator.clock().now();
    let found = simulator
        .handed_out()
        .find::<Upload>(UPLOAD_LINK, &link, now);
    let upload = match found {
        Found::Live(upload) => upload,
        Found::Expired => {
            let text = "Temporary upload link has been recently consumed or is expired";
            return (StatusCode::GONE, text).into_response();
        }
        Found::Unknown => {
            let text = "Temporary upload link does not exist";
            return (StatusCode::CONFLICT, text).into_response();
        }
    };
    if body.len() > UPLOAD_BYTES_MAX {
        return (StatusCode::CONFLICT, "Upload failed").into_response();
    }
    let hash = metadata::content_hash(&body);
    let written = upload
        .info
        .write(&mut simulator.tree(), upload.root, body, now);
    if written.is_err() {
        return (StatusCode::CONFLICT, "Upload failed").into_response();
    }
    simulator.handed_out().end(&link, now);
    Json(json!({ "content-hash": hash })).into_response()
}

/// The bytes behind a download link.
pub(super) async fn serve_link(
    State(simulator): State<Simulator>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let now = simulator.clock().now();
    let found = simulator
        .handed_out()
        .find::<Download>(TEMPORARY_LINK, &link, now);
    let Download { node } = match found {
        Found::Live(download) => download,
        Found::Expired => return StatusCode::GONE.into_response(),
        Found::Unknown => return StatusCode::NOT_FOUND.into_response(),
    };
    let tree = simulator.tree();
    let Some(node) = tree.get(node) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = bytes(node, &headers);
    let media_type = node.file().map_or(OCTETS, |file| &file.media_type);
    // Which disposition links have is not documented, and cannot be chosen.
    let name = utf8_percent_encode(&node.name, NON_ALPHANUMERIC);
    let disposition = format!("inline; filename*=UTF-8''{name}");
    for (name, value) in [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, &disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// All of a file, or the part that is asked for (RFC 9110 §14.2).
fn bytes(node: &Node, headers: &HeaderMap) -> Response {
    let content = node
        .file()
        .map(|file| file.content.clone())
        .unwrap_or_default();
    let etag = format!("\"{}\"", metadata::rev(node));
    let common = [
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, etag),
    ];
    let size = content.len();
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let response = match range
        .and_then(|range| range.strip_prefix("bytes="))
        .map(|range| part(range, size))
    {
        None | Some(Part::Unreadable) => Body::from(content).into_response(),
        Some(Part::Outside) => {
            let range = format!("bytes */{size}");
            let headers = [(header::CONTENT_RANGE, range)];
            (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
        }
        Some(Part::Between(first, last)) => {
            let range = format!("bytes {first}-{last}/{size}");
            let headers = [(header::CONTENT_RANGE, range)];
            let body = content.slice(first..=last);
            (StatusCode::PARTIAL_CONTENT, headers, body).into_response()
        }
    };
    (common, response).into_response()
}

enum Part {
    Between(usize, usize),
    Outside,
    /// Ignored, as the standard says.
    Unreadable,
}

fn part(range: &str, size: usize) -> Part {
    let number = |text: &str| text.parse::<usize>().ok();
    let (first, last) = match range.split_once('-') {
        Some(("", last)) => match number(last) {
            Some(count) => (size - count.min(size), size.saturating_sub(1)),
            None => return Part::Unreadable,
        },
        Some((first, "")) => match number(first) {
            Some(first) => (first, size.saturating_sub(1)),
            None => return Part::Unreadable,
        },
        Some((first, last)) => match number(first).zip(number(last)) {
            Some((first, last)) if first <= last => (first, last.min(size.saturating_sub(1))),
            _ => return Part::Unreadable,
        },
        None => return Part::Unreadable,
    };
    if first < size {
        Part::Between(first, last)
    } else {
        Part::Outside
    }
}

/// JSON that fits a header: everything beyond ASCII is escaped.
fn ascii(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if c.is_ascii() && c != '\u{7f}' {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a text does not fail.
                write!(text, "\\u{unit:04x}").ok();
            }
        }
    }
    text
}
