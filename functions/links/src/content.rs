//! `GET /v/{id}/content`

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode};
use shared::app::App;
use shared::database::LinkPurpose;
use shared::domain::link::LinkId;
use shared::domain::storage::{
    ByteRange, CloudStorage, Content, Download, ObjectAddress, STREAM_BYTES_MAX,
};
use shared::domain::{Error, Result};
use shared::drive;

use crate::failure::Failure;
use crate::{range, stream};

/// What is wanted of the object.
struct Wanted {
    /// That browsers save it: `?download=1`.
    attachment: bool,
    /// That an element of a page of ours shows it: `?preview=1`.
    preview: bool,
    /// A part of it.
    range: Option<ByteRange>,
}

/// The object: a redirect to a URL of the provider that is made for this click, or, where the
/// provider has none, the bytes (`Range` as in RFC 9110 §14, and of a part as much as one answer
/// streams). `?download=1` makes browsers save it. With `?preview=1` the bytes of what a page of ours
/// can show always come from here; whatever else it is, it is not there.
pub async fn handle(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let is_set = |wanted: &str| {
        query
            .iter()
            .any(|(name, value)| name == wanted && value == "1")
    };
    let wanted = Wanted {
        attachment: is_set("download"),
        preview: is_set("preview"),
        range: range::of(&headers),
    };
    answer(&app, &id, wanted)
        .await
        .map_err(|error| Failure::of(error, &headers))
}

async fn answer(app: &App, id: &str, wanted: Wanted) -> Result<Response> {
    let (link, account) = app.database().link(&LinkId::parse(id)?).await?;
    let attachment = match link.purpose {
        LinkPurpose::Download { attachment } => attachment,
        LinkPurpose::Share(_) => false,
        LinkPurpose::Upload { .. } => return Err(Error::not_found()),
    };
    let drive = drive::open(app, account).await?;
    let bytes_max = if wanted.preview {
        range::PREVIEW_PART_BYTES_MAX
    } else {
        STREAM_BYTES_MAX
    };
    let range = match wanted.range {
        Some(range) => Some(range::beginning(range, bytes_max, &*drive, &link.object).await?),
        None => None,
    };
    if wanted.preview {
        return preview(&*drive, &link.object, range).await;
    }
    let request = Download {
        attachment: attachment || wanted.attachment,
        range,
        through_us: false,
    };
    match drive.download(&link.object, &request).await? {
        Content::Redirect(url) => redirect(StatusCode::FOUND, &url),
        Content::Stream(content) => stream::shown_or_saved(content, request.attachment),
        Content::OutOfRange(size) => stream::out_of_range(size),
    }
}

async fn preview(
    drive: &dyn CloudStorage,
    object: &ObjectAddress,
    range: Option<ByteRange>,
) -> Result<Response> {
    let request = Download {
        attachment: false,
        range,
        through_us: true,
    };
    match drive.download(object, &request).await? {
        Content::Stream(content) => stream::previewed(content),
        Content::OutOfRange(size) => stream::out_of_range(size),
        Content::Redirect(_) => Err(Error::internal("a redirect instead of the bytes")),
    }
}

/// Sends the client to a URL of the provider's, which is a secret: no other site learns of it.
pub(crate) fn redirect(status: StatusCode, url: &str) -> Result<Response> {
    let headers = [
        (LOCATION, stream::header(url)?),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((status, headers).into_response())
}
