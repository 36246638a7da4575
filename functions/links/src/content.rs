//! `GET /v/{id}/content`

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, LOCATION, RANGE, REFERRER_POLICY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use shared::app::App;
use shared::database::LinkPurpose;
use shared::domain::content_disposition;
use shared::domain::link::LinkId;
use shared::domain::storage::{ByteRange, Content, ContentStream, Download};
use shared::domain::{Error, Result};
use shared::drive;

use crate::failure::Failure;

/// What a browser may show that comes from our own origin: nothing that can run.
const SHOWN: [&str; 4] = ["application/pdf", "text/plain", "image/jpeg", "image/png"];

/// What Lambda streams in one answer, 200 MB; a larger file is asked for in ranges
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>).
const STREAM_BYTES_MAX: u64 = 200_000_000;

/// The object: a redirect to a URL of the provider that is made for this click, or, where the
/// provider has none, the bytes (`Range` as in RFC 9110 §14). `?download=1` makes browsers save it.
pub async fn handle(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let wants_attachment = query
        .iter()
        .any(|(name, value)| name == "download" && value == "1");
    let range = headers.get(RANGE).and_then(parse_range);
    answer(&app, &id, wants_attachment, range)
        .await
        .map_err(|error| Failure::of(error, &headers))
}

async fn answer(
    app: &App,
    id: &str,
    wants_attachment: bool,
    range: Option<ByteRange>,
) -> Result<Response> {
    let (link, account) = app.database().link(&LinkId::parse(id)?).await?;
    let attachment = match link.purpose {
        LinkPurpose::Download { attachment } => attachment,
        LinkPurpose::Share(_) => false,
        LinkPurpose::Upload { .. } => return Err(Error::not_found()),
    };
    let request = Download {
        attachment: attachment || wants_attachment,
        range,
        through_us: false,
    };
    let drive = drive::open(app, account).await?;
    match drive.download(&link.object, &request).await? {
        Content::Redirect(url) => redirect(StatusCode::FOUND, &url),
        Content::Stream(content) => streamed(content, request.attachment),
        Content::OutOfRange(size) => Ok(out_of_range(size)),
    }
}

/// Sends the client to a URL of the provider's, which is a secret: no other site learns of it.
pub(crate) fn redirect(status: StatusCode, url: &str) -> Result<Response> {
    let headers = [
        (LOCATION, header(url)?),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((status, headers).into_response())
}

fn streamed(content: ContentStream, attachment: bool) -> Result<Response> {
    if content
        .length
        .is_some_and(|length| length > STREAM_BYTES_MAX)
    {
        return Err(Error::too_large(STREAM_BYTES_MAX));
    }
    let essence = content.content_type.as_deref().unwrap_or_default();
    let essence = essence.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    let shown = SHOWN.contains(&essence.as_str())
        || essence.starts_with("video/")
        || essence.starts_with("audio/")
        || matches!(essence.as_str(), "image/gif" | "image/webp" | "image/avif");
    let content_type = match content.content_type.as_deref() {
        Some(text) if shown => text,
        _ => "application/octet-stream",
    };
    let disposition = if attachment || !shown {
        content_disposition::attachment(&content.name)
    } else {
        "inline".to_owned()
    };
    let status = if content.part.is_some() {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    let mut response = (status, Body::from_stream(content.chunks)).into_response();
    let mut set = |name: HeaderName, text: &str| -> Result<()> {
        response.headers_mut().insert(name, header(text)?);
        Ok(())
    };
    set(CONTENT_TYPE, content_type)?;
    set(CONTENT_DISPOSITION, &disposition)?;
    set(ACCEPT_RANGES, "bytes")?;
    set(CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")?;
    set(REFERRER_POLICY, "no-referrer")?;
    if let Some(length) = content.length {
        set(CONTENT_LENGTH, &length.to_string())?;
    }
    if let Some(part) = &content.part {
        set(CONTENT_RANGE, part)?;
    }
    Ok(response)
}

fn out_of_range(size: Option<u64>) -> Response {
    let size = size.map_or_else(|| "*".to_owned(), |size| size.to_string());
    let range = HeaderValue::try_from(format!("bytes */{size}"));
    let status = StatusCode::RANGE_NOT_SATISFIABLE;
    match range {
        Ok(range) => (status, [(CONTENT_RANGE, range)]).into_response(),
        Err(_) => status.into_response(),
    }
}

fn header(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|error| Error::internal("a header could not be written").because(error))
}

/// One range of bytes. Several, and what does not read, are ignored, as RFC 9110 §14.2 allows: the
/// whole is answered.
fn parse_range(value: &HeaderValue) -> Option<ByteRange> {
    let range = value.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match (first.trim(), last.trim()) {
        ("", last) => number(last).filter(|count| *count > 0).map(ByteRange::Last),
        (first, "") => number(first).map(ByteRange::From),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(ByteRange::Between(first, last))
        }
    }
}
