//! The calls of the Drive API v3 that are made, one function each.
//!
//! <https://developers.google.com/workspace/drive/api/reference/rest/v3>

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::errors::{accepted, refused};
use super::item_id::ItemId;
use super::wire::{Drive, DriveList, FILE_FIELDS, FOLDER, File, FileList};
use crate::domain::storage::{ByteRange, ContentType};
use crate::domain::{Error, Result};
use crate::providers::failure::BUSY;
use crate::providers::http::{Answer, DriveHttp, Media};

const HOST: &str = "www.googleapis.com";
const FILES: &str = "/drive/v3/files";
const UPLOADS: &str = "/upload/drive/v3/files";

/// All but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A page of shared drives: at most this many.
const DRIVES_PAGE: &str = "100";
/// After so many pages of drives or of files of one name, something is wrong.
pub(super) const PAGES_MAX: usize = 50;

/// A bucket: the root that a search stays under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Space {
    /// The user's own drive.
    MyDrive,
    /// A shared drive, by its id.
    Shared(String),
}

impl Space {
    /// The id of the topmost folder.
    pub(super) fn root(&self) -> ItemId {
        match self {
            Self::MyDrive => ItemId::plain("root"),
            Self::Shared(id) => ItemId::plain(id),
        }
    }
}

/// A search for files in a folder.
pub(super) struct Search<'a> {
    pub(super) space: &'a Space,
    pub(super) folder: &'a ItemId,
    /// Only those of this name, whatever the case of the letters: Google compares so.
    pub(super) name: Option<&'a str>,
    pub(super) order: &'static str,
    pub(super) count: u16,
    pub(super) cursor: Option<&'a str>,
}

/// Where an upload goes.
pub(super) enum Goal {
    /// Into a new file.
    New { parent: ItemId, name: String },
    /// Into one that is there.
    Existing(ItemId),
}

pub(super) struct Api {
    http: Arc<DriveHttp>,
    access_token: SecretString,
}

impl Api {
    pub(super) fn new(http: Arc<DriveHttp>, access_token: SecretString) -> Self {
        Self { http, access_token }
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let request = self.http.request(method, HOST, path)?;
        Ok(request.bearer_auth(self.access_token.expose_secret()))
    }

    /// A request about a file, on whichever drive it is.
    fn file_request(&self, method: Method, under: &str, id: &ItemId) -> Result<RequestBuilder> {
        let path = format!("{under}/{}", utf8_percent_encode(&id.file, SEGMENT));
        let request = self.request(method, &path)?;
        let request = request.query(&[("supportsAllDrives", "true")]);
        Ok(with_resource_key(request, id))
    }

    /// `about.get`. It is answered to every scope of Drive's.
    pub(super) async fn about(&self) -> Result<()> {
        let request = self.request(Method::GET, "/drive/v3/about")?;
        let answer = self.http.send(request.query(&[("fields", "user")])).await?;
        accepted("about.get", answer).map(drop)
    }

    /// `drives.list`, all pages.
    pub(super) async fn drives(&self) -> Result<Vec<Drive>> {
        let mut drives = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let request = self.request(Method::GET, "/drive/v3/drives")?.query(&[
                ("pageSize", DRIVES_PAGE),
                ("fields", "nextPageToken,drives(id,name,createdTime)"),
            ]);
            let request = match &cursor {
                Some(cursor) => request.query(&[("pageToken", cursor)]),
                None => request,
            };
            let answer = accepted("drives.list", self.http.send(request).await?)?;
            let page: DriveList = answer.json()?;
            drives.extend(page.drives);
            cursor = page.next_page_token;
            if cursor.is_none() {
                return Ok(drives);
            }
        }
        Err(Error::unavailable(BUSY).because("drives.list: no end"))
    }

    /// `files.list`, one page. A folder that is not there is `NotFound`.
    pub(super) async fn search(&self, search: &Search<'_>) -> Result<FileList> {
        let mut query = format!(
            "'{}' in parents and trashed = false",
            escaped(&search.folder.file)
        );
        if let Some(name) = search.name {
            query = format!("{query} and name = '{}'", escaped(name));
        }
        let request = self.request(Method::GET, FILES)?.query(&[
            ("q", query.as_str()),
            ("orderBy", search.order),
            ("pageSize", &search.count.to_string()),
            ("fields", &format!("nextPageToken,files({FILE_FIELDS})")),
            ("supportsAllDrives", "true"),
            ("includeItemsFromAllDrives", "true"),
        ]);
        let request = match search.space {
            Space::MyDrive => request,
            Space::Shared(id) => request.query(&[("corpora", "drive"), ("driveId", id)]),
        };
        let request = match search.cursor {
            Some(cursor) => request.query(&[("pageToken", cursor)]),
            None => request,
        };
        let request = with_resource_key(request, search.folder);
        accepted("files.list", self.http.send(request).await?)?.json()
    }

    /// `files.get`: what a file is, even if it lies in the trash.
    pub(super) async fn file(&self, id: &ItemId) -> Result<File> {
        let request = self.file_request(Method::GET, FILES, id)?;
        let request = request.query(&[("fields", FILE_FIELDS)]);
        accepted("files.get", self.http.send(request).await?)?.json()
    }

    /// `files.create` of a folder. Google makes a second one of the name if there is one.
    pub(super) async fn create_folder(&self, parent: &ItemId, name: &str) -> Result<()> {
        let request = self.request(Method::POST, FILES)?;
        let request = request
            .query(&[("supportsAllDrives", "true"), ("fields", "id")])
            .json(&json!({ "name": name, "mimeType": FOLDER, "parents": [parent.file] }));
        let request = with_resource_key(request, parent);
        accepted("files.create", self.http.send(request).await?).map(drop)
    }

    /// `files.update`: into the trash, with all that is in it.
    pub(super) async fn trash(&self, id: &ItemId) -> Result<()> {
        let request = self.file_request(Method::PATCH, FILES, id)?;
        let request = request
            .query(&[("fields", "id")])
            .json(&json!({ "trashed": true }));
        accepted("files.update", self.http.send(request).await?).map(drop)
    }

    /// `files.get` of the bytes, whose head alone is read here.
    pub(super) async fn media(&self, id: &ItemId, range: Option<ByteRange>) -> Result<Media> {
        let request = self.file_request(Method::GET, FILES, id)?;
        let request = request.query(&[("alt", "media")]);
        let refused = |answer: &Answer| refused("files.get", answer);
        self.http.open_media(request, range, refused).await
    }

    /// Begins an upload: the session's URL, which takes the bytes without a token for a week.
    ///
    /// <https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable>
    pub(super) async fn begin_upload(
        &self,
        goal: &Goal,
        content_type: &ContentType,
        size: Option<u64>,
    ) -> Result<String> {
        let media_type = content_type.as_str();
        let (operation, request) = match goal {
            Goal::New { parent, name } => {
                let request = self.request(Method::POST, UPLOADS)?;
                let request = request.query(&[("supportsAllDrives", "true")]).json(
                    &json!({ "name": name, "mimeType": media_type, "parents": [parent.file] }),
                );
                ("files.create", with_resource_key(request, parent))
            }
            Goal::Existing(id) => {
                let request = self.file_request(Method::PATCH, UPLOADS, id)?;
                let request = request.json(&json!({ "mimeType": media_type }));
                ("files.update", request)
            }
        };
        let request = request
            .query(&[("uploadType", "resumable"), ("fields", "id")])
            .header("X-Upload-Content-Type", media_type);
        let request = match size {
            Some(size) => request.header("X-Upload-Content-Length", size),
            None => request,
        };
        let answer = accepted(operation, self.http.send(request).await?)?;
        self.session_url(answer.header("location"))
    }

    /// Only a session of Google's is handed out.
    fn session_url(&self, location: &str) -> Result<String> {
        let sessions = self.http.hosts().url(HOST, UPLOADS)?;
        let ours = Url::parse(location).is_ok_and(|url| {
            url.origin() == sessions.origin()
                && url.username().is_empty()
                && url.password().is_none()
                && url
                    .path()
                    .strip_prefix(sessions.path())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        if !ours {
            return Err(Error::unavailable(BUSY).because("the upload session is not Google's"));
        }
        Ok(location.to_owned())
    }
}

/// Shows the key of a file that is given out with it only.
///
/// <https://developers.google.com/workspace/drive/api/guides/resource-keys>
fn with_resource_key(request: RequestBuilder, id: &ItemId) -> RequestBuilder {
    match &id.resource_key {
        Some(key) => request.header("X-Goog-Drive-Resource-Keys", format!("{}/{key}", id.file)),
        None => request,
    }
}

/// A text between the quotes of a search.
///
/// <https://developers.google.com/workspace/drive/api/guides/search-files>
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('\'', r"\'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::http::Hosts;

    #[test]
    fn only_a_session_of_googles_is_handed_out() {
        let api = Api::new(Arc::new(DriveHttp::new(Hosts::Public)), "token".into());
        let root = "https://www.googleapis.com/upload/drive/v3/files";
        for good in ["?uploadType=resumable&upload_id=x", "/abc?upload_id=x"] {
            let url = format!("{root}{good}");
            assert_eq!(api.session_url(&url).unwrap(), url);
        }
        for bad in [
            "",
            "/upload/drive/v3/files?upload_id=x",
            "http://www.googleapis.com/upload/drive/v3/files?upload_id=x",
            "https://www.googleapis.com:8443/upload/drive/v3/files?upload_id=x",
            "https://www.googleapis.com.example.com/upload/drive/v3/files?upload_id=x",
            "https://www.googleapis.com@example.com/upload/drive/v3/files?upload_id=x",
            "https://me@www.googleapis.com/upload/drive/v3/files?upload_id=x",
            "https://www.googleapis.com/upload/drive/v3/filesystem?upload_id=x",
            "https://www.googleapis.com/upload/drive/v3/files/../../../other",
        ] {
            assert!(api.session_url(bad).is_err(), "{bad}");
        }
    }
}
