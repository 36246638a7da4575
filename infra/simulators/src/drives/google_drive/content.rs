//! A file's bytes, or a part of them.

use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::Response;

use super::call::{Call, header_text};
use super::errors::Refused;
use crate::drives::tree::Node;

/// `alt=media`.
pub(super) fn download(call: &Call, node: &Node) -> Result<Response, Refused> {
    let file = node.file().ok_or_else(|| {
        Refused::forbidden(
            "fileNotDownloadable",
            "Only files with binary content can be downloaded. Use Export with Docs Editors files.",
        )
    })?;
    let size = file.content.len();
    let part = part(header_text(&call.headers, "range"), size)?;
    let (status, bytes): (_, Bytes) = match part {
        None => (StatusCode::OK, file.content.clone()),
        Some((first, last)) => (
            StatusCode::PARTIAL_CONTENT,
            file.content.slice(first..=last),
        ),
    };
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, &file.media_type)
        .header(header::CONTENT_LENGTH, bytes.len())
        .header(header::CONTENT_DISPOSITION, "attachment")
        .header(header::ACCEPT_RANGES, "bytes");
    if let Some((first, last)) = part {
        response = response.header(
            header::CONTENT_RANGE,
            format!("bytes {first}-{last}/{size}"),
        );
    }
    response
        .body(Body::from(bytes))
        .map_err(|_| Refused::bad_request("the file's type fits no header"))
}

/// The first and last byte that a `Range` asks for. What is not understood asks for all.
fn part(range: &str, size: usize) -> Result<Option<(usize, usize)>, Refused> {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Ok(None);
    };
    let end = size.saturating_sub(1);
    let (first, last) = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() => (first, end),
        (Err(_), Ok(0)) if first.is_empty() => return Err(Refused::range(size)),
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), end),
        _ => return Ok(None),
    };
    if first >= size {
        return Err(Refused::range(size));
    }
    Ok(Some((first, last)))
}
