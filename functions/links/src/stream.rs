//! An object's bytes, as an answer of our own origin: nothing in them can run.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, REFERRER_POLICY,
};
use http::{HeaderName, HeaderValue, StatusCode};
use shared::domain::content_disposition;
use shared::domain::preview::{Preview, PreviewKind};
use shared::domain::storage::{ContentStream, STREAM_BYTES_MAX, bounded};
use shared::domain::{Error, Result};

/// Nothing is loaded, and nothing runs.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// A browser's viewer of PDF is a document of its own with styles and an object in it, and some
/// refuse to run it in a sandbox; its scripts are none of the page's.
const VIEWER: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; \
                      frame-ancestors 'self'";

/// No page of another origin may take the bytes into itself (Fetch, §3.8).
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// The bytes for whoever opens the link: shown if a browser may show them, else, or if they are to be
/// an `attachment`, saved under their name.
pub(crate) fn shown_or_saved(content: ContentStream, attachment: bool) -> Result<Response> {
    let preview = Preview::of(&content.name, content.content_type.as_deref());
    let media_type = match (&preview, &content.content_type) {
        // It may know the text's charset.
        (Some(preview), Some(told)) if preview.is(told) => told.clone(),
        (Some(preview), _) => preview.media_type.to_owned(),
        (None, _) => "application/octet-stream".to_owned(),
    };
    let disposition = if attachment || preview.is_none() {
        content_disposition::attachment(&content.name)
    } else {
        "inline".to_owned()
    };
    let policy = policy_of_opened(preview.map(|preview| preview.kind));
    answer(content, &media_type, &disposition, policy)
}

/// The bytes for an element of a page of ours, which shows them. Errors: `NotFound` for what no page
/// shows.
pub(crate) fn previewed(content: ContentStream) -> Result<Response> {
    let preview =
        Preview::of(&content.name, content.content_type.as_deref()).ok_or_else(Error::not_found)?;
    let policy = match preview.kind {
        PreviewKind::Pdf => VIEWER,
        PreviewKind::Image | PreviewKind::Video | PreviewKind::Audio | PreviewKind::Text => SANDBOX,
    };
    let mut response = answer(content, preview.media_type, "inline", policy)?;
    response.headers_mut().insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    Ok(response)
}

/// A browser makes a document around the file that it opens, which is one of our origin. It may load
/// that file into itself; a film or a sound not from a sandbox, where it would be another origin's.
fn policy_of_opened(kind: Option<PreviewKind>) -> &'static str {
    match kind {
        Some(PreviewKind::Pdf) => VIEWER,
        Some(PreviewKind::Image) => {
            "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
        }
        Some(PreviewKind::Video | PreviewKind::Audio) => {
            "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'"
        }
        Some(PreviewKind::Text) | None => SANDBOX,
    }
}

/// Errors: `TooLarge` for more than one answer streams. What is only found to be more as it comes is
/// cut off there: a server may announce no length, and never end.
fn answer(
    content: ContentStream,
    media_type: &str,
    disposition: &str,
    policy: &str,
) -> Result<Response> {
    if content
        .length
        .is_some_and(|length| length > STREAM_BYTES_MAX)
    {
        return Err(Error::too_large(STREAM_BYTES_MAX));
    }
    let status = if content.part.is_some() {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    let chunks = bounded(content.chunks, STREAM_BYTES_MAX);
    let mut response = (status, Body::from_stream(chunks)).into_response();
    let mut set = |name: HeaderName, text: &str| -> Result<()> {
        response.headers_mut().insert(name, header(text)?);
        Ok(())
    };
    set(CONTENT_TYPE, media_type)?;
    set(CONTENT_DISPOSITION, disposition)?;
    set(ACCEPT_RANGES, "bytes")?;
    set(CONTENT_SECURITY_POLICY, policy)?;
    set(REFERRER_POLICY, "no-referrer")?;
    if let Some(length) = content.length {
        set(CONTENT_LENGTH, &length.to_string())?;
    }
    if let Some(part) = &content.part {
        set(CONTENT_RANGE, part)?;
    }
    Ok(response)
}

/// The range begins behind the end, which is at `size` if that is known.
pub(crate) fn out_of_range(size: Option<u64>) -> Result<Response> {
    let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    if let Some(size) = size {
        let range = header(&format!("bytes */{size}"))?;
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    Ok(response)
}

/// A header's value.
pub(crate) fn header(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|error| Error::internal("a header could not be written").because(error))
}
