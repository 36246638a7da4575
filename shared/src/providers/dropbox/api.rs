//! Dropbox's functions, as far as they are used: what they take and what they answer.
//! <https://github.com/dropbox/dropbox-api-spec>, `files.stone`, `users.stone` and `common.stone`.

use std::fmt::Write;
use std::sync::Arc;

use jiff::Timestamp;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::refused;
use crate::domain::Result;
use crate::domain::storage::ByteRange;
use crate::providers::http::{Answer, DriveHttp, Media};

/// The host of functions that take and answer JSON.
const HOST: &str = "api.dropboxapi.com";
/// The host of functions that take or answer a file; their arguments are in [`ARGUMENTS`].
const CONTENT_HOST: &str = "content.dropboxapi.com";
/// Arguments as JSON, in ASCII alone
/// (<https://www.dropbox.com/developers/reference/json-encoding>).
const ARGUMENTS: &str = "Dropbox-API-Arg";
/// What [`CONTENT_HOST`] answers beside the file, in the same form.
pub(super) const RESULT: &str = "dropbox-api-result";
/// What a request's paths are relative to; the home folder, if it is not there.
const PATH_ROOT: &str = "Dropbox-API-Path-Root";

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    /// Scope `account_info.read`.
    Account,
    /// Scope `files.metadata.read`.
    ListFolder,
    /// Scope `files.metadata.read`.
    ListFolderContinue,
    /// Scope `files.metadata.read`.
    Metadata,
    /// Scope `files.content.write`.
    CreateFolder,
    /// Scope `files.content.write`.
    Delete,
    /// Scope `files.content.read`.
    TemporaryLink,
    /// Scope `files.content.write`.
    TemporaryUploadLink,
    /// Scope `files.content.read`, at [`CONTENT_HOST`].
    Download,
}

impl Function {
    /// Its name in URLs and in the log.
    pub(super) fn route(self) -> &'static str {
        match self {
            Self::Account => "users/get_current_account",
            Self::ListFolder => "files/list_folder",
            Self::ListFolderContinue => "files/list_folder/continue",
            Self::Metadata => "files/get_metadata",
            Self::CreateFolder => "files/create_folder_v2",
            Self::Delete => "files/delete_v2",
            Self::TemporaryLink => "files/get_temporary_link",
            Self::TemporaryUploadLink => "files/get_temporary_upload_link",
            Self::Download => "files/download",
        }
    }
}

/// What paths are relative to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathRoot {
    /// The user's own folder. Nothing is sent, since this is what Dropbox takes by itself.
    Home,
    /// The team's space, as long as it has this namespace id.
    Root(String),
    /// A namespace that the user may see.
    Namespace(String),
}

impl PathRoot {
    fn header(&self) -> Option<String> {
        let value = match self {
            Self::Home => return None,
            Self::Root(id) => json!({ ".tag": "root", "root": id }),
            Self::Namespace(id) => json!({ ".tag": "namespace_id", "namespace_id": id }),
        };
        Some(value.to_string())
    }
}

/// `FullAccount`.
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) root_info: RootInfo,
}

/// `RootInfo`: the two differ for a member of a team with a space of its own.
#[derive(Deserialize)]
pub(super) struct RootInfo {
    pub(super) root_namespace_id: String,
    pub(super) home_namespace_id: String,
}

/// `ListFolderArg`.
#[derive(Serialize)]
pub(super) struct ListFolderArg<'a> {
    pub(super) path: &'a str,
    pub(super) limit: u16,
    /// Without these: they can be exported, but have no bytes.
    pub(super) include_non_downloadable_files: bool,
}

/// `ListFolderContinueArg`.
#[derive(Serialize)]
pub(super) struct ListFolderContinueArg<'a> {
    pub(super) cursor: &'a str,
}

/// `ListFolderResult`.
#[derive(Deserialize)]
pub(super) struct ListFolderResult {
    pub(super) entries: Vec<Metadata>,
    pub(super) cursor: String,
    pub(super) has_more: bool,
}

/// `Metadata`.
#[derive(Deserialize)]
#[serde(tag = ".tag", rename_all = "snake_case")]
pub(super) enum Metadata {
    /// A file.
    File(FileMetadata),
    /// A folder.
    Folder(FolderMetadata),
    /// Something that is not there any more, or that is new at Dropbox.
    #[serde(other)]
    Other,
}

/// `FileMetadata`.
#[derive(Deserialize)]
pub(super) struct FileMetadata {
    pub(super) id: String,
    pub(super) name: String,
    /// Null if the file is not mounted.
    pub(super) path_display: Option<String>,
    pub(super) server_modified: Timestamp,
    pub(super) size: u64,
    /// False for a document that can only be exported.
    #[serde(default = "yes")]
    pub(super) is_downloadable: bool,
}

fn yes() -> bool {
    true
}

/// `FolderMetadata`. Folders have no time.
#[derive(Deserialize)]
pub(super) struct FolderMetadata {
    pub(super) id: String,
    pub(super) name: String,
    /// Null if the folder is not mounted.
    pub(super) path_display: Option<String>,
}

/// The arguments of functions that take a path alone.
#[derive(Serialize)]
pub(super) struct PathArg<'a> {
    pub(super) path: &'a str,
}

/// `CreateFolderArg`.
#[derive(Serialize)]
pub(super) struct CreateFolderArg<'a> {
    pub(super) path: &'a str,
    pub(super) autorename: bool,
}

/// `GetTemporaryUploadLinkArg`.
#[derive(Serialize)]
pub(super) struct TemporaryUploadLinkArg<'a> {
    pub(super) commit_info: CommitInfo<'a>,
    /// Seconds, 60 to 14,400.
    pub(super) duration: f64,
}

/// `CommitInfo`.
#[derive(Serialize)]
pub(super) struct CommitInfo<'a> {
    pub(super) path: &'a str,
    pub(super) mode: &'static str,
    pub(super) autorename: bool,
}

/// `GetTemporaryLinkResult` and `GetTemporaryUploadLinkResult`.
#[derive(Deserialize)]
pub(super) struct Link {
    pub(super) link: String,
}

/// What is answered where the answer does not matter.
#[derive(Deserialize)]
pub(super) struct Done {}

/// The functions, with one account's token.
pub(super) struct Api {
    http: Arc<DriveHttp>,
    access_token: SecretString,
}

impl Api {
    pub(super) fn new(http: Arc<DriveHttp>, access_token: SecretString) -> Self {
        Self { http, access_token }
    }

    /// Calls a function with arguments that become JSON; `()` becomes the `null` of those without.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        function: Function,
        root: &PathRoot,
        arg: &impl Serialize,
    ) -> Result<T> {
        let request = self.request(HOST, function, root)?.json(arg);
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            answer.json()
        } else {
            Err(refused(function, &answer))
        }
    }

    /// The bytes of a file, or a part of them.
    pub(super) async fn download(
        &self,
        root: &PathRoot,
        arg: &PathArg<'_>,
        range: Option<ByteRange>,
    ) -> Result<Media> {
        let function = Function::Download;
        let request = self
            .request(CONTENT_HOST, function, root)?
            .header(ARGUMENTS, ascii(&json!(arg)))
            // The HTTP client says no length of a body that is not there.
            .header(CONTENT_LENGTH, 0);
        let refused = |answer: &Answer| refused(function, answer);
        self.http.open_media(request, range, refused).await
    }

    fn request(&self, host: &str, function: Function, root: &PathRoot) -> Result<RequestBuilder> {
        let path = format!("/2/{}", function.route());
        let request = self
            .http
            .request(Method::POST, host, &path)?
            .bearer_auth(self.access_token.expose_secret());
        Ok(match root.header() {
            Some(value) => request.header(PATH_ROOT, value),
            None => request,
        })
    }

    /// Who the user is, and which namespaces they have.
    pub(super) async fn account(&self) -> Result<Account> {
        self.call(Function::Account, &PathRoot::Home, &()).await
    }
}

/// JSON that fits a header: all beyond printable ASCII is escaped.
fn ascii(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        if c == ' ' || c.is_ascii_graphic() {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a text does not fail.
                write!(text, "\\u{unit:04x}").ok();
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_fit_a_header_and_read_as_they_were() {
        let arg = json!({ "path": "/é \u{1f600}\u{7f}\n\"\\" });
        let text = ascii(&arg);
        assert!(
            text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{text}"
        );
        assert!(text.contains(r"\u00e9 \ud83d\ude00\u007f"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), arg);
    }
}
