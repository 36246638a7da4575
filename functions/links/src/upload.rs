//! `PUT /v/{id}/content`

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use shared::app::App;
use shared::database::LinkPurpose;
use shared::domain::link::LinkId;
use shared::domain::storage::{ContentType, UploadTarget};
use shared::domain::{Error, Result};
use shared::drive;
use shared::limits::{self, Limit};

use crate::content::redirect;
use crate::failure::Failure;

/// Stores a body as the object: by a redirect (307, so that method and body are repeated) to a URL
/// of the provider that is made for this use, or, where the provider has none, through us.
///
/// A redirect is answered without reading the body: a client may send `Expect: 100-continue`, or an
/// empty request first, and then its body to the `Location`.
pub async fn handle(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    store(&app, &id, &headers, body)
        .await
        .map_err(|error| Failure::of(error, &headers))
}

pub(crate) async fn store(
    app: &App,
    id: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response> {
    let (link, account) = app.database().link(&LinkId::parse(id)?).await?;
    let LinkPurpose::Upload { content_type } = link.purpose else {
        return Err(Error::not_found());
    };
    let demo = account
        .demo_prefix()
        .map(|prefix| prefix.as_str().to_owned());
    let drive = drive::open(app, account).await?;
    let size = size_of(headers);
    match drive
        .upload_target(&link.object, &content_type, size)
        .await?
    {
        UploadTarget::Redirect(url) => redirect(StatusCode::TEMPORARY_REDIRECT, &url),
        UploadTarget::Relay { bytes_max } => {
            check_type(headers, &content_type)?;
            let too_large = || Error::too_large(bytes_max);
            let limit = usize::try_from(bytes_max).unwrap_or(usize::MAX);
            if length(headers).is_some_and(|length| length > bytes_max) {
                return Err(too_large());
            }
            let body = axum::body::to_bytes(body, limit)
                .await
                .map_err(|error| too_large().because(error))?;
            if let Some(demo) = demo {
                limits::count(app, &[Limit::DemoUpload.of(demo)]).await?;
            }
            drive.upload(&link.object, &content_type, body).await?;
            Ok(StatusCode::CREATED.into_response())
        }
    }
}

/// The size of the whole file: from `Content-Range` where it is sent in a part that is all of it,
/// else from `Content-Length`. An empty request without a range asks where to send the body.
fn size_of(headers: &HeaderMap) -> Option<u64> {
    let range = headers
        .get(CONTENT_RANGE)
        .and_then(|range| range.to_str().ok());
    match range {
        Some(range) => range
            .rsplit_once('/')
            .and_then(|(_, size)| size.parse().ok()),
        None => length(headers).filter(|length| *length > 0),
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The link is for a body of one type.
fn check_type(headers: &HeaderMap, wanted: &ContentType) -> Result<()> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if given == Some(wanted.as_str()) {
        Ok(())
    } else {
        Err(Error::invalid(
            "Content-Type",
            "must be the one that the link was made for",
        ))
    }
}
