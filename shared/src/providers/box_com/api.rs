//! Box's API, as far as it is used here: <https://github.com/box/box-openapi>.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::errors::{dead_marker, file_in_the_way, refused};
use super::ids::{Number, ROOT};
use crate::domain::storage::{ByteRange, ContentType};
use crate::domain::{Error, Result};
use crate::providers::failure::{BUSY, Refusal};
use crate::providers::http::{Answer, DriveHttp, Media};

const API: &str = "api.box.com";
const UPLOAD: &str = "upload.box.com";

/// Contents are at `dl.boxcloud.com`; customers may have names of their own under these.
const CONTENT_DOMAINS: [&str; 2] = [".boxcloud.com", ".box.com"];

/// What the log calls a download.
const DOWNLOAD: &str = "DownloadFile";

/// What requests call the name of a folder to create.
const NEW_FOLDER: &str = "folderName";
/// What they call an object's.
const KEY: &str = "key";
/// Where there is no name, Box cannot dislike it.
const NO_NAME: &str = "request";

/// Requests with one access token.
pub(super) struct Api {
    http: Arc<DriveHttp>,
    access_token: SecretString,
}

/// One page of a folder.
#[derive(Deserialize)]
pub(super) struct Items {
    pub(super) entries: Vec<Item>,
    /// Null, missing or empty at the end.
    #[serde(default)]
    pub(super) next_marker: Option<String>,
}

/// A file, a folder or something else. Box answers the fields that were asked for.
#[derive(Deserialize)]
pub(super) struct Item {
    pub(super) r#type: String,
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) size: Option<u64>,
    /// RFC 3339, with an offset.
    #[serde(default)]
    pub(super) modified_at: Option<String>,
    #[serde(default, rename = "item_status")]
    pub(super) status: Option<String>,
}

/// A folder, with those above it.
#[derive(Deserialize)]
pub(super) struct FolderDetails {
    pub(super) name: String,
    pub(super) path_collection: PathCollection,
}

/// The folders from the root down.
#[derive(Deserialize)]
pub(super) struct PathCollection {
    pub(super) entries: Vec<FolderMini>,
}

/// A folder as others name it.
#[derive(Deserialize)]
pub(super) struct FolderMini {
    pub(super) id: String,
    pub(super) name: String,
}

/// A file by itself.
#[derive(Deserialize)]
pub(super) struct FileDetails {
    pub(super) name: String,
    pub(super) size: u64,
}

impl Item {
    /// It is neither in the trash nor gone.
    pub(super) fn is_active(&self) -> bool {
        self.status
            .as_deref()
            .is_none_or(|status| status == "active")
    }
}

impl Items {
    /// The marker of the next page: Box writes null, nothing or an empty text at the end.
    pub(super) fn next(&self) -> Option<String> {
        self.next_marker.clone().filter(|marker| !marker.is_empty())
    }
}

/// What became of an upload under a new name.
pub(super) enum Uploaded {
    /// It is stored.
    Stored,
    /// This file has the name; a new version of it can be uploaded.
    Taken(Number, Option<String>),
}

impl Api {
    pub(super) fn new(http: Arc<DriveHttp>, access_token: SecretString) -> Self {
        Self { http, access_token }
    }

    /// Who the token is of.
    pub(super) async fn me(&self) -> Result<()> {
        let request = self
            .request(Method::GET, API, "/2.0/users/me")?
            .query(&[("fields", "id")]);
        self.succeed("GetUserMe", request, NO_NAME).await.map(drop)
    }

    /// The root is there for who may read.
    pub(super) async fn root(&self) -> Result<()> {
        let path = format!("/2.0/folders/{ROOT}");
        let request = self
            .request(Method::GET, API, &path)?
            .query(&[("fields", "id")]);
        self.succeed("GetFolder", request, NO_NAME).await.map(drop)
    }

    /// Up to `limit` (at most 1,000) of what is in a folder, with the `fields` (separated by commas).
    pub(super) async fn items(
        &self,
        folder: &Number,
        fields: &str,
        limit: u16,
        marker: Option<&str>,
    ) -> Result<Items> {
        let path = format!("/2.0/folders/{}/items", folder.as_str());
        let mut request = self
            .request(Method::GET, API, &path)?
            .query(&[("usemarker", "true"), ("fields", fields)])
            .query(&[("limit", limit)]);
        if let Some(marker) = marker {
            request = request.query(&[("marker", marker)]);
        }
        let answer = self.http.send(request).await?;
        // Everything else in the request is ours, and good.
        if answer.status.as_u16() == 400 && marker.is_some() {
            return Err(dead_marker("ListItems", &answer));
        }
        success("ListItems", answer, NO_NAME)?.json()
    }

    /// A folder's name and those above it.
    pub(super) async fn folder(&self, folder: &Number) -> Result<FolderDetails> {
        let path = format!("/2.0/folders/{}", folder.as_str());
        let request = self
            .request(Method::GET, API, &path)?
            .query(&[("fields", "name,path_collection")]);
        self.succeed("GetFolder", request, NO_NAME).await?.json()
    }

    /// A file's name and size.
    pub(super) async fn file(&self, file: &Number) -> Result<FileDetails> {
        let path = format!("/2.0/files/{}", file.as_str());
        let request = self
            .request(Method::GET, API, &path)?
            .query(&[("fields", "name,size")]);
        self.succeed("GetFile", request, NO_NAME).await?.json()
    }

    pub(super) async fn create_folder(&self, parent: &Number, name: &str) -> Result<()> {
        let folder = json!({ "name": name, "parent": { "id": parent.as_str() } });
        let request = self
            .request(Method::POST, API, "/2.0/folders")?
            .query(&[("fields", "id")])
            .json(&folder);
        self.succeed("CreateFolder", request, NEW_FOLDER)
            .await
            .map(drop)
    }

    pub(super) async fn delete_file(&self, file: &Number) -> Result<()> {
        let path = format!("/2.0/files/{}", file.as_str());
        let request = self.request(Method::DELETE, API, &path)?;
        self.succeed("DeleteFile", request, NO_NAME).await.map(drop)
    }

    /// Deletes a folder with all that is in it. Box may take minutes, and goes on if nobody waits.
    pub(super) async fn delete_folder(&self, folder: &Number) -> Result<()> {
        let path = format!("/2.0/folders/{}", folder.as_str());
        let request = self
            .request(Method::DELETE, API, &path)?
            .query(&[("recursive", "true")]);
        self.succeed("DeleteFolder", request, NO_NAME)
            .await
            .map(drop)
    }

    /// A URL that answers the file's bytes, for about 15 minutes
    /// (<https://developer.box.com/guides/downloads/get-url/>).
    pub(super) async fn content_url(&self, file: &Number) -> Result<String> {
        let path = format!("/2.0/files/{}/content", file.as_str());
        let request = self.request(Method::GET, API, &path)?;
        let answer = self.http.send(request).await?;
        if answer.status.as_u16() != 302 {
            // 202 with Retry-After: the file was uploaded just now.
            return Err(refused(DOWNLOAD, &answer, NO_NAME));
        }
        let location = answer.header(LOCATION.as_str());
        if !self.http.hosts().is_below(location, &CONTENT_DOMAINS) {
            let refusal = Refusal::new(DOWNLOAD, 302, "foreign_location");
            return Err(Error::unavailable(BUSY).because(refusal));
        }
        Ok(location.to_owned())
    }

    /// The bytes at a URL that [`Api::content_url`] answered.
    pub(super) async fn content(&self, url: &str, range: Option<ByteRange>) -> Result<Media> {
        self.http
            .open_handed_over(DOWNLOAD, url, &CONTENT_DOMAINS, range)
            .await
    }

    /// Uploads a file that is not there yet.
    pub(super) async fn upload_new(
        &self,
        parent: &Number,
        name: &str,
        content_type: &ContentType,
        content: &Bytes,
    ) -> Result<Uploaded> {
        let attributes = json!({ "name": name, "parent": { "id": parent.as_str() } });
        let request = self
            .request(Method::POST, UPLOAD, "/api/2.0/files/content")?
            .query(&[("fields", "id")]);
        let request = with_form(request, &attributes, content_type, content);
        let answer = self.http.send(request).await?;
        if let Some((file, name)) = file_in_the_way(&answer) {
            return Ok(Uploaded::Taken(file, name));
        }
        success("UploadFile", answer, KEY).map(|_| Uploaded::Stored)
    }

    /// Uploads other content of a file. `name` becomes the file's, so it has to be what it is.
    pub(super) async fn upload_version(
        &self,
        file: &Number,
        name: &str,
        content_type: &ContentType,
        content: &Bytes,
    ) -> Result<()> {
        let path = format!("/api/2.0/files/{}/content", file.as_str());
        let request = self
            .request(Method::POST, UPLOAD, &path)?
            .query(&[("fields", "id")]);
        let request = with_form(request, &json!({ "name": name }), content_type, content);
        self.succeed("UploadFileVersion", request, KEY)
            .await
            .map(drop)
    }

    fn request(&self, method: Method, host: &str, path: &str) -> Result<RequestBuilder> {
        let request = self.http.request(method, host, path)?;
        Ok(request.bearer_auth(self.access_token.expose_secret()))
    }

    async fn succeed(
        &self,
        operation: &'static str,
        request: RequestBuilder,
        name_field: &str,
    ) -> Result<Answer> {
        success(operation, self.http.send(request).await?, name_field)
    }
}

fn success(operation: &'static str, answer: Answer, name_field: &str) -> Result<Answer> {
    if answer.status.is_success() && answer.status.as_u16() != 202 {
        Ok(answer)
    } else {
        Err(refused(operation, &answer, name_field))
    }
}

/// The form of an upload (RFC 7578): `attributes` first, else Box refuses it. It is made in one
/// piece, so that the request can be repeated.
fn with_form(
    request: RequestBuilder,
    attributes: &serde_json::Value,
    content_type: &ContentType,
    content: &Bytes,
) -> RequestBuilder {
    // Nobody can have put it into the content.
    let boundary = Uuid::new_v4().simple();
    let content_type = content_type.as_str();
    // The file's name is among the attributes.
    let head = format!(
        "--{boundary}\r\n\
         Content-Disposition: form-data; name=\"attributes\"\r\n\
         Content-Type: application/json\r\n\
         \r\n\
         {attributes}\r\n\
         --{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
         Content-Type: {content_type}\r\n\
         \r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let form = [head.as_bytes(), content, tail.as_bytes()].concat();
    request
        .header(
            CONTENT_TYPE,
            format!("multipart/form-data; boundary={boundary}"),
        )
        .body(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::http::Hosts;

    #[test]
    fn browsers_are_sent_to_box_only() {
        for (location, good) in [
            ("https://dl.boxcloud.com/d/1/a/download", true),
            ("https://public.app.box.com/d/1/a/download", true),
            ("http://dl.boxcloud.com/d/1/a/download", false),
            ("https://dl.boxcloud.com.evil.example/d", false),
            ("https://evilboxcloud.com/d", false),
            ("https://evil.example/.box.com", false),
            ("https://evil.example\\.box.com/", false),
            ("https://user@dl.boxcloud.com/d", false),
            ("https://dl.boxcloud.com:8443/d", false),
            ("//dl.boxcloud.com/d", false),
            ("", false),
        ] {
            assert_eq!(
                Hosts::Public.is_below(location, &CONTENT_DOMAINS),
                good,
                "{location}"
            );
        }
        let simulated = Hosts::Simulated("http://127.0.0.1:9".to_owned());
        for (location, good) in [
            ("http://127.0.0.1:9/dl.boxcloud.com/d/1/a/download", true),
            ("http://127.0.0.1:9/evil.example/d", false),
            ("http://127.0.0.1:90/dl.boxcloud.com/d", false),
            ("https://dl.boxcloud.com/d/1/a/download", false),
        ] {
            assert_eq!(
                simulated.is_below(location, &CONTENT_DOMAINS),
                good,
                "{location}"
            );
        }
    }
}
