//! The requests to Microsoft Graph.
//!
//! Reference: <https://learn.microsoft.com/graph/api/resources/onedrive>.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::address::{Drive, Item};
use super::errors::Failure;
use super::wire::{Collection, DriveBody, ItemBody, SessionBody};
use crate::domain::storage::{ByteRange, ContentType, FolderName};
use crate::domain::{Error, Result};
use crate::providers::failure::BUSY;
use crate::providers::http::{Answer, DriveHttp, Hosts, Media};

const HOST: &str = "graph.microsoft.com";
/// Contents are below these: those of work or school, and those of personal drives, of which some
/// have not been moved to the newer hosts.
const CONTENT_DOMAINS: [&str; 5] = [
    ".sharepoint.com",
    ".microsoftpersonalcontent.com",
    ".1drv.com",
    ".livefilestore.com",
    ".storage.live.com",
];
/// What is read of a drive.
const DRIVE_FIELDS: &str = "id,name,createdDateTime";
/// What is read of an item in a listing.
const ENTRY_FIELDS: &str =
    "id,name,size,lastModifiedDateTime,folder,file,package,remoteItem,parentReference";
/// What is read of a file that is to be described or downloaded. The URL comes only if it is named.
const FILE_FIELDS: &str = "id,name,size,file,remoteItem,@microsoft.graph.downloadUrl";
/// What tells a file from a folder.
const KIND_FIELDS: &str = "id,folder,file,package,remoteItem";
/// Pages of drives. "Most users have one drive"; nobody has thousands.
const DRIVE_PAGES_MAX: usize = 20;

/// Graph, as one user sees it.
pub(super) struct Api {
    http: Arc<DriveHttp>,
    access_token: SecretString,
}

/// One page of a folder.
pub(super) struct Children {
    pub(super) items: Vec<ItemBody>,
    /// The value of `$skiptoken` for the next page.
    pub(super) cursor: Option<String>,
}

impl Api {
    pub(super) fn new(http: Arc<DriveHttp>, access_token: SecretString) -> Self {
        Self { http, access_token }
    }

    /// The user's default drive; `None` if there is none.
    pub(super) async fn own_drive(&self) -> Result<Option<DriveBody>> {
        self.drive(&Drive::Own).await
    }

    /// A drive; `None` if there is none.
    pub(super) async fn drive(&self, drive: &Drive) -> Result<Option<DriveBody>> {
        let request = self.request(Method::GET, &drive.path())?;
        let request = request.query(&[("$select", DRIVE_FIELDS)]);
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            return answer.json().map(Some);
        }
        match (Failure::new("GetDrive", &answer), drive) {
            (failure, _) if failure.status() == 404 => Ok(None),
            // What Graph says to an id that it cannot have issued.
            (failure, Drive::Id(_)) if failure.status() == 400 => Ok(None),
            (failure, _) => Err(failure.into_error()),
        }
    }

    /// The drives that Graph lists for the user. The default one may be missing.
    pub(super) async fn drives(&self) -> Result<Vec<DriveBody>> {
        let mut drives = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..DRIVE_PAGES_MAX {
            let mut request = self
                .request(Method::GET, "/v1.0/me/drives")?
                .query(&[("$select", DRIVE_FIELDS)]);
            if let Some(cursor) = &cursor {
                request = request.query(&[("$skiptoken", cursor)]);
            }
            let answer = self.call("ListDrives", request).await?;
            let page: Collection<DriveBody> = answer.json()?;
            drives.extend(page.value);
            cursor = self.skip_token(page.next_link.as_deref())?;
            if cursor.is_none() {
                break;
            }
        }
        Ok(drives)
    }

    /// One page of a folder. Errors: `Invalid` in `continuationToken` for a cursor that Graph no
    /// longer takes.
    pub(super) async fn children(
        &self,
        folder: &Item,
        count: u16,
        cursor: Option<&str>,
    ) -> Result<Children> {
        let mut request = self
            .request(Method::GET, &folder.path("children"))?
            .query(&[
                ("$select", ENTRY_FIELDS),
                ("$orderby", "name"),
                ("$top", &count.to_string()),
            ]);
        if let Some(cursor) = cursor {
            request = request.query(&[("$skiptoken", cursor)]);
        }
        let answer = self.http.send(request).await?;
        if !answer.status.is_success() {
            let failure = Failure::new("ListChildren", &answer);
            // 410 is resyncRequired.
            if cursor.is_some() && matches!(failure.status(), 400 | 410) {
                let rule = "is no longer taken; list from the start";
                return Err(failure.cause_of(Error::invalid("continuationToken", rule)));
            }
            return Err(failure.into_lookup_error());
        }
        let page: Collection<ItemBody> = answer.json()?;
        Ok(Children {
            items: page.value,
            cursor: self.skip_token(page.next_link.as_deref())?,
        })
    }

    /// An item, as far as a file's description and bytes need.
    pub(super) async fn item(&self, item: &Item) -> Result<ItemBody> {
        self.fields_of(item, FILE_FIELDS).await
    }

    /// The bytes at a file's own URL.
    pub(super) async fn content(&self, url: &str, range: Option<ByteRange>) -> Result<Media> {
        self.http
            .open_handed_over("GetContent", url, &CONTENT_DOMAINS, range)
            .await
    }

    /// An item, as far as to tell what it is.
    pub(super) async fn kind_of(&self, item: &Item) -> Result<ItemBody> {
        self.fields_of(item, KIND_FIELDS).await
    }

    async fn fields_of(&self, item: &Item, fields: &str) -> Result<ItemBody> {
        let request = self.request(Method::GET, &item.path(""))?;
        let request = request.query(&[("$select", fields)]);
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            answer.json()
        } else {
            Err(Failure::new("GetItem", &answer).into_lookup_error())
        }
    }

    /// A new folder. Errors: `Duplicate` if the name is taken, `Invalid` in `folderName` for one
    /// that Graph does not take.
    pub(super) async fn create_folder(&self, parent: &Item, name: &FolderName) -> Result<()> {
        let request = self
            .request(Method::POST, &parent.path("children"))?
            .json(&json!({
                "name": name.as_str(),
                "folder": {},
                "@microsoft.graph.conflictBehavior": "fail",
            }));
        let answer = self.http.send(request).await?;
        self.check_written("CreateFolder", &answer, parent, "folderName")
            .await
    }

    /// Moves an item, and all that is in it, to the recycle bin.
    pub(super) async fn delete(&self, item: &Item) -> Result<()> {
        let request = self.request(Method::DELETE, &item.path(""))?;
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(Failure::new("DeleteItem", &answer).into_lookup_error())
        }
    }

    /// The URL of a new upload session, which replaces what is there.
    pub(super) async fn create_session(&self, item: &Item) -> Result<String> {
        let request = self
            .request(Method::POST, &item.path("createUploadSession"))?
            .json(&json!({"item": {"@microsoft.graph.conflictBehavior": "replace"}}));
        let answer = self.http.send(request).await?;
        self.check_written("CreateUploadSession", &answer, item, "key")
            .await?;
        let session: SessionBody = answer.json()?;
        self.handed_over(session.upload_url)
    }

    /// Stores a small file, replacing what is there.
    pub(super) async fn put(
        &self,
        item: &Item,
        content_type: &ContentType,
        body: Bytes,
    ) -> Result<()> {
        let request = self
            .request(Method::PUT, &item.path("content"))?
            .header(CONTENT_TYPE, content_type.as_str())
            // The HTTP client says no length of an empty body, and Graph refuses that.
            .header(CONTENT_LENGTH, body.len())
            .body(body);
        let answer = self.http.send(request).await?;
        self.check_written("PutContent", &answer, item, "key").await
    }

    /// A URL that Graph gave for a client, if a client may be sent there.
    pub(super) fn handed_over(&self, url: String) -> Result<String> {
        let is_good = match self.http.hosts() {
            Hosts::Public => Url::parse(&url).is_ok_and(|url| {
                url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
            }),
            Hosts::Simulated(root) => url
                .strip_prefix(root)
                .is_some_and(|path| path.starts_with('/')),
        };
        if is_good {
            Ok(url)
        } else {
            Err(Error::unavailable(BUSY).because("the provider's URL is not https"))
        }
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let request = self.http.request(method, HOST, path)?;
        Ok(request.bearer_auth(self.access_token.expose_secret()))
    }

    async fn call(&self, operation: &'static str, request: RequestBuilder) -> Result<Answer> {
        let answer = self.http.send(request).await?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(Failure::new(operation, &answer).into_error())
        }
    }

    /// Whether an operation wrote what it should in the drive of `item`, with a name that `field` of
    /// the request gave.
    async fn check_written(
        &self,
        operation: &'static str,
        answer: &Answer,
        item: &Item,
        field: &str,
    ) -> Result<()> {
        if answer.status.is_success() {
            return Ok(());
        }
        let failure = Failure::new(operation, answer);
        if failure.status() != 400 || !failure.is_plain_refusal() {
            return Err(failure.into_error());
        }
        // It is the name, or the drive's id, and the codes do not tell which.
        if *item.drive() != Drive::Own && self.drive(item.drive()).await?.is_none() {
            return Err(failure.cause_of(Error::not_found()));
        }
        let rule = "OneDrive does not accept this name";
        Err(failure.cause_of(Error::invalid(field, rule)))
    }

    /// The cursor in a link to the next page. Only that is kept: the link is built anew, so that the
    /// token goes nowhere else.
    fn skip_token(&self, next_link: Option<&str>) -> Result<Option<String>> {
        let Some(next_link) = next_link else {
            return Ok(None);
        };
        let expected = self.http.hosts().url(HOST, "/v1.0/")?;
        let cursor = Url::parse(next_link).ok().and_then(|link| {
            let is_graphs =
                link.origin() == expected.origin() && link.path().starts_with(expected.path());
            let mut pairs = link.query_pairs();
            let (_, token) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("$skiptoken"))?;
            is_graphs.then(|| token.into_owned())
        });
        match cursor {
            Some(cursor) => Ok(Some(cursor)),
            None => Err(Error::unavailable(BUSY)
                .because("the link to the next page is not one of the provider's")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(hosts: Hosts) -> Api {
        Api::new(Arc::new(DriveHttp::new(hosts)), "token".into())
    }

    #[test]
    fn a_cursor_is_read_from_graphs_own_links_only() {
        let api = api(Hosts::Public);
        let link =
            "https://graph.microsoft.com/v1.0/me/drive/root/children?$top=2&$skiptoken=a%2Bb";
        assert_eq!(api.skip_token(Some(link)).unwrap().as_deref(), Some("a+b"));
        assert_eq!(api.skip_token(None).unwrap(), None);
        for link in [
            "http://graph.microsoft.com/v1.0/me?$skiptoken=a",
            "https://graph.microsoft.com.example/v1.0/me?$skiptoken=a",
            "https://graph.microsoft.com/beta/me?$skiptoken=a",
            "https://graph.microsoft.com:444/v1.0/me?$skiptoken=a",
            "https://graph.microsoft.com/v1.0/me?$top=1",
            "/v1.0/me?$skiptoken=a",
        ] {
            assert!(api.skip_token(Some(link)).is_err(), "{link}");
        }
    }

    #[test]
    fn contents_are_fetched_from_hosts_of_microsofts_only() {
        for (url, good) in [
            (
                "https://contoso-my.sharepoint.com/_layouts/15/download.aspx?a=b",
                true,
            ),
            ("https://my.microsoftpersonalcontent.com/a?tempauth=b", true),
            ("https://public.dm.files.1drv.com/a", true),
            ("https://sharepoint.com.example/a", false),
            ("https://evilsharepoint.com/a", false),
            ("https://example/.sharepoint.com", false),
            ("https://example\\.sharepoint.com/", false),
            ("https://user@contoso.sharepoint.com/a", false),
            ("https://contoso.sharepoint.com:8443/a", false),
            ("http://contoso.sharepoint.com/a", false),
            ("https://169.254.169.254/latest", false),
            ("https://localhost/a", false),
        ] {
            assert_eq!(Hosts::Public.is_below(url, &CONTENT_DOMAINS), good, "{url}");
        }
    }

    #[test]
    fn clients_are_sent_to_https_only() {
        let public = api(Hosts::Public);
        let simulated = api(Hosts::Simulated("http://127.0.0.1:1".to_owned()));
        let good = |api: &Api, url: &str| api.handed_over(url.to_owned()).is_ok();
        assert!(good(
            &public,
            "https://x.microsoftpersonalcontent.com/a?tempauth=b"
        ));
        assert!(!good(&public, "http://x.microsoftpersonalcontent.com/a"));
        assert!(!good(&public, "https://user@x.example/a"));
        assert!(!good(&public, "javascript:alert(1)"));
        assert!(good(&simulated, "http://127.0.0.1:1/x/a"));
        assert!(!good(&simulated, "http://127.0.0.1:11/x/a"));
        assert!(!good(&simulated, "https://x.example/a"));
    }
}
