//! The host of contents, which asks for no token but the one in the URL.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::Simulator;
use super::super::handed_out::Found;
use super::super::tree::NodeId;

/// What a token in a URL stands for.
pub(super) const URL: &str = "download URL";

/// `GET https://dl.boxcloud.com/d/1/{token}/download`
pub(super) async fn download(
    State(simulator): State<Simulator>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let now = simulator.clock().now();
    let node = match simulator.handed_out().find::<NodeId>(URL, &token, now) {
        Found::Live(node) => node,
        Found::Expired => return StatusCode::FORBIDDEN.into_response(),
        Found::Unknown => return StatusCode::NOT_FOUND.into_response(),
    };
    let tree = simulator.tree();
    let Some((file, name)) = tree
        .get(node)
        .and_then(|node| Some((node.file()?, &node.name)))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = part(&file.content, &headers);
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii() && c != '"' { c } else { '_' })
        .collect();
    let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let disposition = format!("attachment;filename=\"{ascii}\";filename*=UTF-8''{encoded}");
    for (header, value) in [
        (header::CONTENT_TYPE, file.media_type.as_str()),
        (header::CONTENT_DISPOSITION, &disposition),
        (header::ACCEPT_RANGES, "bytes"),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(header, value);
        }
    }
    response
}

/// All of the content, or the one range that the request asks for (RFC 9110 §14.2).
fn part(content: &Bytes, headers: &HeaderMap) -> Response {
    let Some((first, last)) = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
    else {
        return content.clone().into_response();
    };
    let size = content.len();
    let range = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => Some((first, last.min(size.saturating_sub(1)))),
        (Ok(first), _) if last.is_empty() => Some((first, size.saturating_sub(1))),
        (_, Ok(count)) if first.is_empty() && count > 0 => {
            Some((size.saturating_sub(count), size.saturating_sub(1)))
        }
        _ => None,
    };
    match range {
        // A header that does not read is ignored.
        None => content.clone().into_response(),
        Some((first, _)) if first >= size => {
            let range = format!("bytes */{size}");
            let headers = [(header::CONTENT_RANGE, range)];
            (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
        }
        Some((first, last)) => {
            let range = format!("bytes {first}-{last}/{size}");
            let headers = [(header::CONTENT_RANGE, range)];
            let bytes = content.slice(first..=last);
            (StatusCode::PARTIAL_CONTENT, headers, bytes).into_response()
        }
    }
}
