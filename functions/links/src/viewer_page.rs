//! `GET /v/{id}`

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use futures_util::TryStreamExt;
use shared::app::App;
use shared::database::{Link, LinkPurpose, LiveLink, SharedFile, StoredCloudAccount};
use shared::domain::link::LinkId;
use shared::domain::preview::{Preview as Kind, PreviewKind};
use shared::domain::storage::{ByteRange, Content, Download};
use shared::domain::text::{NAME_CHARS_MAX, shown, shown_size};
use shared::domain::{Error, ErrorKind, Result};
use shared::drive;

use crate::failure::Failure;
use crate::look::{self, STYLE};

/// Of a text, so much is shown.
const TEXT_BYTES_MAX: u64 = 64 * 1024;
/// The page does not wait longer for it.
const TEXT_TIME_MAX: Duration = Duration::from_secs(5);
/// Larger images are not loaded on the way.
const IMAGE_BYTES_MAX: u64 = 25_000_000;
/// Nor larger documents.
const PDF_BYTES_MAX: u64 = 50_000_000;
/// File names are shown up to so many characters, as most file systems keep them.
const FILE_NAME_CHARS_MAX: usize = 255;

#[derive(Template)]
#[template(path = "viewer.html")]
struct Page<'a> {
    id: &'a str,
    name: String,
    size: String,
    sender: String,
    /// RFC 3339.
    expires: String,
    until: String,
    preview: Preview,
}

/// What the page shows of the file.
enum Preview {
    Image,
    Video,
    Audio,
    Pdf,
    /// The beginning of it, or all.
    Text {
        text: String,
        whole: bool,
    },
    /// Why it shows nothing.
    None(&'static str),
}

/// A page about a shared file: what it is, a preview where a browser can show one, and a button that
/// downloads it. Looking at it changes nothing, so programs that open links in mail do no harm.
pub async fn handle(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Failure> {
    page(&app, &id).await.map_err(Failure::of_page)
}

async fn page(app: &App, id: &str) -> Result<Response> {
    let live = app.database().live_link(&LinkId::parse(id)?).await?;
    let LiveLink {
        link,
        account,
        maker,
    } = live;
    let LinkPurpose::Share(file) = &link.purpose else {
        return Err(Error::not_found());
    };
    let page = Page {
        id,
        name: shown(&file.name, FILE_NAME_CHARS_MAX),
        size: shown_size(file.size),
        sender: shown(&maker.name, NAME_CHARS_MAX),
        expires: link.expires.to_string(),
        until: link.expires.strftime("%-d %B %Y, %H:%M UTC").to_string(),
        preview: preview(app, account, &link, file).await,
    };
    let mut response = Response::default();
    look::show(&page, &mut response)?;
    Ok(response)
}

async fn preview(
    app: &App,
    account: StoredCloudAccount,
    link: &Link,
    file: &SharedFile,
) -> Preview {
    let too_large = Preview::None("This file is too large for a preview.");
    let Some(Kind { kind, .. }) = Kind::of(&file.name, file.content_type.as_deref()) else {
        return Preview::None("There is no preview for this kind of file.");
    };
    match kind {
        PreviewKind::Image if file.size > IMAGE_BYTES_MAX => too_large,
        PreviewKind::Image => Preview::Image,
        PreviewKind::Video => Preview::Video,
        PreviewKind::Audio => Preview::Audio,
        PreviewKind::Pdf if file.size > PDF_BYTES_MAX => too_large,
        PreviewKind::Pdf => Preview::Pdf,
        PreviewKind::Text => {
            let beginning = tokio::time::timeout(TEXT_TIME_MAX, beginning(app, account, link));
            match beginning.await {
                Ok(Ok(bytes)) => text(&bytes, file.size),
                Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {
                    Preview::None("The file is no longer where it was. Ask the person who sent it.")
                }
                // The page is of use without it.
                Ok(Err(_)) | Err(_) => Preview::None("The file cannot be read at the moment."),
            }
        }
    }
}

/// The first bytes of the object.
async fn beginning(app: &App, account: StoredCloudAccount, link: &Link) -> Result<Vec<u8>> {
    let request = Download {
        through_us: true,
        range: Some(ByteRange::Between(0, TEXT_BYTES_MAX - 1)),
        ..Download::default()
    };
    let drive = drive::open(app, account).await?;
    let mut content = match drive.download(&link.object, &request).await? {
        Content::Stream(content) => content,
        Content::OutOfRange(_) => return Ok(Vec::new()),
        Content::Redirect(_) => {
            return Err(Error::internal(
                "a provider redirects what must come through us",
            ));
        }
    };
    let limit = usize::try_from(TEXT_BYTES_MAX).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    while bytes.len() < limit {
        let Some(chunk) = content.chunks.try_next().await? else {
            break;
        };
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(limit);
    Ok(bytes)
}

/// The text that `bytes` begin, of a file of `size`.
fn text(bytes: &[u8], size: u64) -> Preview {
    let whole = u64::try_from(bytes.len()).is_ok_and(|length| length >= size);
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        bytes => utf8(bytes),
    };
    if text.contains('\0') {
        return Preview::None("There is no preview for this kind of file.");
    }
    Preview::Text {
        text: text.replace("\r\n", "\n"),
        whole,
    }
}

/// A character that is cut at the end is left out.
fn utf8(bytes: &[u8]) -> String {
    let end = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}
