//! Uploads: in one request (`media`, `multipart`), or through a session (`resumable`).
//!
//! <https://developers.google.com/workspace/drive/api/guides/manage-uploads>

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::call::{Call, Need, header_text, metadata};
use super::errors::Refused;
use super::files::{CREATE_PROPERTIES, Draft, UPDATE_PROPERTIES, change};
use super::sessions::{Goal, Session};
use super::wire;
use crate::drives::Simulator;
use crate::drives::tree::{File, NodeId, Tree};

/// What bytes are whose type nobody says.
const UNKNOWN: &str = "application/octet-stream";

/// `files.create` with bytes.
pub(super) async fn create(
    State(simulator): State<Simulator>,
    call: Call,
    body: Bytes,
) -> Result<Response, Refused> {
    call.check(
        "google.apps.drive.v3.DriveFiles.Create",
        Need::Write,
        &["supportsAllDrives", "uploadType"],
    )?;
    let upload = Upload::read(&call, &body, &CREATE_PROPERTIES)?;
    let mut tree = simulator.tree();
    let draft = Draft::read(&call, &tree, &upload.metadata)?;
    upload.go_on(&simulator, &call, &mut tree, Goal::New(draft), None)
}

/// `files.update` with bytes.
pub(super) async fn update(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    call: Call,
    body: Bytes,
) -> Result<Response, Refused> {
    call.check(
        "google.apps.drive.v3.DriveFiles.Update",
        Need::Write,
        &["supportsAllDrives", "uploadType"],
    )?;
    let upload = Upload::read(&call, &body, &UPDATE_PROPERTIES)?;
    let mut tree = simulator.tree();
    let node = call.node(&tree, &id)?;
    if node.file().is_none() {
        return Err(Refused::bad_request("Bad Request"));
    }
    let goal = Goal::Existing {
        node: node.id,
        metadata: upload.metadata.clone(),
    };
    upload.go_on(&simulator, &call, &mut tree, goal, Some(&id))
}

/// What the first request of an upload says.
struct Upload {
    metadata: Map<String, Value>,
    /// What the bytes are sent as.
    media_type: String,
    /// The bytes, if they are in this request.
    content: Option<Bytes>,
}

impl Upload {
    fn read(call: &Call, body: &Bytes, known: &[&str]) -> Result<Self, Refused> {
        let content_type = header_text(&call.headers, "content-type");
        match call.parameter("uploadType") {
            Some("resumable") => {
                let sent_as = header_text(&call.headers, "x-upload-content-type");
                Ok(Self {
                    metadata: metadata(content_type, body, known)?,
                    media_type: or_unknown(sent_as),
                    content: None,
                })
            }
            Some("media") => Ok(Self {
                metadata: Map::new(),
                media_type: or_unknown(content_type),
                content: Some(body.clone()),
            }),
            Some("multipart") => {
                let malformed = || Refused::bad_request("Malformed multipart body.");
                let [first, second] = parts(content_type, body).ok_or_else(malformed)?;
                Ok(Self {
                    metadata: metadata(&first.0, &first.1, known)?,
                    media_type: or_unknown(&second.0),
                    content: Some(second.1),
                })
            }
            _ => Err(Refused::invalid("uploadType")),
        }
    }

    /// Stores the bytes if they are there, else begins a session.
    fn go_on(
        self,
        simulator: &Simulator,
        call: &Call,
        tree: &mut Tree,
        goal: Goal,
        id: Option<&str>,
    ) -> Result<Response, Refused> {
        let fields = call.parameter("fields").unwrap_or(wire::FILE_DEFAULT);
        let selection = call.selection(&wire::FILE, wire::FILE_DEFAULT)?;
        if let Some(content) = self.content {
            let node = store(simulator, tree, &goal, content, &self.media_type)?;
            let node = tree.get(node).ok_or_else(|| Refused::file("."))?;
            return Ok(Json(selection.of(&wire::file(tree, node))).into_response());
        }
        let length = match header_text(&call.headers, "x-upload-content-length") {
            "" => None,
            text => {
                let length = text.parse();
                Some(length.map_err(|_| Refused::bad_request("Bad X-Upload-Content-Length"))?)
            }
        };
        let session = Session::new(goal, self.media_type, length, fields.to_owned());
        Ok(session.begin(simulator, id))
    }
}

/// Stores an upload's bytes where they go.
pub(super) fn store(
    simulator: &Simulator,
    tree: &mut Tree,
    goal: &Goal,
    content: Bytes,
    sent_as: &str,
) -> Result<NodeId, Refused> {
    match goal {
        Goal::New(draft) => draft.make(simulator, tree, Some(content), sent_as),
        Goal::Existing { node, metadata } => {
            change(simulator, tree, *node, metadata)?;
            let said = metadata.get("mimeType").and_then(Value::as_str);
            let file = File {
                content,
                media_type: said.unwrap_or(sent_as).to_owned(),
            };
            tree.write(*node, file, simulator.clock().now());
            Ok(*node)
        }
    }
}

fn or_unknown(media_type: &str) -> String {
    let known = Some(media_type).filter(|media_type| !media_type.is_empty());
    known.unwrap_or(UNKNOWN).to_owned()
}

/// The two parts of a `multipart/related` body (RFC 2387): type and bytes of each.
fn parts(content_type: &str, body: &Bytes) -> Option<[(String, Bytes); 2]> {
    let (essence, parameters) = content_type.split_once(';')?;
    if essence.trim() != "multipart/related" {
        return None;
    }
    let boundary = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("boundary="))?
        .trim_matches('"');
    let delimiter = format!("--{boundary}");
    let starts: Vec<usize> = body
        .windows(delimiter.len())
        .enumerate()
        .filter(|(at, window)| {
            *window == delimiter.as_bytes() && (*at == 0 || body[..*at].ends_with(b"\n"))
        })
        .map(|(at, _)| at)
        .collect();
    let [first, second, end] = starts.as_slice() else {
        return None;
    };
    if !body[end + delimiter.len()..].starts_with(b"--") {
        return None;
    }
    let one = |from: usize, to: usize| part(body, from + delimiter.len(), to);
    Some([one(*first, *second)?, one(*second, *end)?])
}

/// A part between two delimiters: headers, an empty line, bytes. Google takes lines that end in LF.
fn part(body: &Bytes, from: usize, to: usize) -> Option<(String, Bytes)> {
    let text = &body[from..to];
    let (blank, at) = [&b"\r\n\r\n"[..], &b"\n\n"[..]]
        .into_iter()
        .filter_map(|blank| {
            let at = text.windows(blank.len()).position(|window| window == blank);
            at.map(|at| (blank, at))
        })
        .min_by_key(|(_, at)| *at)?;
    let headers = std::str::from_utf8(&text[..at]).ok()?;
    let content_type = headers
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-type"))
        .map_or(String::new(), |(_, value)| value.trim().to_owned());
    let line_end = if text.ends_with(b"\r\n") { 2 } else { 1 };
    let (start, end) = (from + at + blank.len(), to - line_end);
    (start <= end).then(|| (content_type, body.slice(start..end)))
}
