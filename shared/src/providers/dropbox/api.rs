//! Dropbox's functions, as far as they are used: what they take and what they answer.
//! <https://github.com/dropbox/dropbox-api-spec>, `files.stone`, `users.stone` and `common.stone`.

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::errors::refused;
use crate::domain::Result;
use crate::providers::http::DriveHttp;

/// The host of functions that take and answer JSON.
const HOST: &str = "api.dropboxapi.com";
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
        let path = format!("/2/{}", function.route());
        let mut request = self
            .http
            .request(Method::POST, HOST, &path)?
            .bearer_auth(self.access_token.expose_secret())
            .json(arg);
        if let Some(value) = root.header() {
            request = request.header(PATH_ROOT, value);
        }
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            answer.json()
        } else {
            Err(refused(function, &answer))
        }
    }

    /// Who the user is, and which namespaces they have.
    pub(super) async fn account(&self) -> Result<Account> {
        self.call(Function::Account, &PathRoot::Home, &()).await
    }
}
