//! Files' bytes, at URLs that carry their own permission.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use super::items::DOWNLOAD;
use crate::drives::Simulator;
use crate::drives::handed_out::Found;
use crate::drives::tree::NodeId;

/// `GET` and `HEAD`. A request that carries an `Authorization` of its own is refused.
pub(super) async fn download(
    State(simulator): State<Simulator>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let now = simulator.clock().now();
    let token = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "tempauth")
        .map(|(_, token)| token.into_owned())
        .unwrap_or_default();
    let found = simulator.handed_out().find::<NodeId>(DOWNLOAD, &token, now);
    let id = match found {
        Found::Live(id) if !headers.contains_key(header::AUTHORIZATION) => id,
        _ => return (StatusCode::UNAUTHORIZED, "401 UNAUTHORIZED").into_response(),
    };
    let tree = simulator.tree();
    let node = tree.get(id);
    let Some((node, file)) = node.and_then(|node| Some((node, node.file()?))) else {
        return (StatusCode::NOT_FOUND, "404 FILE NOT FOUND").into_response();
    };

    let name = utf8_percent_encode(&node.name, NON_ALPHANUMERIC);
    let common = [
        (header::CONTENT_TYPE, file.media_type.clone()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename*=UTF-8''{name}"),
        ),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (
            header::ETAG,
            format!("\"{{{id}}},{}\"", node.modified.as_second()),
        ),
    ];
    let length = file.content.len();
    match range(&headers, length) {
        Range::All => (common, file.content.clone()).into_response(),
        Range::Part(first, last) => {
            let part: Bytes = file.content.slice(first..=last);
            let range = [(
                header::CONTENT_RANGE,
                format!("bytes {first}-{last}/{length}"),
            )];
            (StatusCode::PARTIAL_CONTENT, common, range, part).into_response()
        }
        Range::Beyond => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response()
        }
    }
}

enum Range {
    All,
    Part(usize, usize),
    Beyond,
}

/// The part that is asked for (RFC 9110 §14.2). What does not read as one range means everything.
fn range(headers: &HeaderMap, length: usize) -> Range {
    let read = || {
        let text = headers.get(header::RANGE)?.to_str().ok()?;
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        let range = match (first, last) {
            ("", last) => {
                let count: usize = last.parse().ok()?;
                (
                    length.saturating_sub(count),
                    length.saturating_sub(1),
                    count > 0,
                )
            }
            (first, "") => (first.parse().ok()?, length.saturating_sub(1), true),
            (first, last) => {
                let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
                if last < first {
                    return None;
                }
                (first, last.min(length.saturating_sub(1)), true)
            }
        };
        Some(range)
    };
    match read() {
        None => Range::All,
        Some((first, last, true)) if first < length => Range::Part(first, last),
        Some(_) => Range::Beyond,
    }
}
