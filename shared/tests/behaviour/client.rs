//! What a client of the product does with a drive, and the links function on its behalf.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use percent_encoding::percent_decode_str;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, HeaderName, RANGE};
use reqwest::{Client, Response, StatusCode};
use shared::domain::content_disposition;
use shared::domain::storage::{
    ByteRange, CloudStorage, Content, ContentType, Download, DownloadOptions, Entry, FolderAddress,
    FolderName, FolderPath, LinkUse, ListRequest, ObjectAddress, ObjectKey, Offer, SignedUrl,
    UploadOptions, UploadTarget,
};
use shared::domain::{Error, ErrorKind, Result};

use crate::opened::Opened;

/// Somebody who holds no credentials. Connections are not kept: every test has its own runtime.
static ANYBODY: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::builder().no_proxy().pool_max_idle_per_host(0);
    client.build().unwrap()
});

/// What arrives at a client.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) status: StatusCode,
    pub(crate) disposition: String,
    pub(crate) part: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Arrived {
    async fn read(response: Response) -> Self {
        let header = |name: HeaderName| {
            let value = response.headers().get(name);
            value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
        };
        Self {
            status: response.status(),
            disposition: header(CONTENT_DISPOSITION),
            part: header(CONTENT_RANGE),
            content_type: header(CONTENT_TYPE),
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    fn nothing(status: StatusCode) -> Self {
        Self {
            status,
            disposition: String::new(),
            part: String::new(),
            content_type: String::new(),
            body: Vec::new(),
        }
    }

    /// The name that a browser saves it under, if it is to be saved.
    pub(crate) fn saved_as(&self) -> Option<String> {
        let parameters = self.disposition.strip_prefix("attachment")?;
        let (_, name) = parameters.split_once("filename*=UTF-8''")?;
        Some(percent_decode_str(name).decode_utf8().unwrap().into_owned())
    }
}

impl Opened {
    pub(crate) fn object(&self, key: &str) -> ObjectAddress {
        ObjectAddress {
            bucket: self.bucket().to_owned(),
            id: String::new(),
            key: ObjectKey::parse("key", key).unwrap(),
        }
    }

    pub(crate) fn folder(&self, path: &str) -> FolderAddress {
        FolderAddress {
            bucket: self.bucket().to_owned(),
            id: String::new(),
            path: FolderPath::parse("path", path).unwrap(),
        }
    }

    /// An object by its id, with a key that is of something else.
    pub(crate) fn object_by_id(&self, id: &str, key: &str) -> ObjectAddress {
        ObjectAddress {
            id: id.to_owned(),
            ..self.object(key)
        }
    }

    /// A folder by its id, with a path that is of something else.
    pub(crate) fn folder_by_id(&self, id: &str, path: &str) -> FolderAddress {
        FolderAddress {
            id: id.to_owned(),
            ..self.folder(path)
        }
    }

    /// Everything in a folder. No page holds more than `count`.
    pub(crate) async fn list_pages(&self, folder: FolderAddress, count: u16) -> Result<Vec<Entry>> {
        let mut request = ListRequest {
            folder,
            cursor: None,
            count,
        };
        let mut entries = Vec::new();
        for _page in 0..1_000 {
            let page = self.drive.list_objects(&request).await?;
            assert!(page.entries.len() <= count.into(), "at most {count}");
            entries.extend(page.entries);
            request.cursor = page.next;
            if request.cursor.is_none() {
                return Ok(entries);
            }
        }
        panic!("the listing does not end");
    }

    /// Everything in the folder at `path`.
    pub(crate) async fn list(&self, path: &str) -> Vec<Entry> {
        self.list_pages(self.folder(path), 1_000).await.unwrap()
    }

    /// The paths of everything in a folder, sorted.
    pub(crate) async fn paths(&self, path: &str) -> Vec<String> {
        let entries = self.list(path).await.into_iter();
        let mut paths: Vec<_> = entries.map(|entry| entry.path).collect();
        paths.sort_unstable();
        paths
    }

    /// The one entry at `path`.
    pub(crate) async fn entry(&self, path: &str) -> Entry {
        let end = path.strip_suffix('/').unwrap_or(path).rfind('/');
        let above = &path[..end.unwrap_or(0)];
        let mut found = self.list(above).await;
        found.retain(|entry| entry.path == path);
        assert_eq!(found.len(), 1, "{path:?} is listed once");
        found.remove(0)
    }

    pub(crate) async fn create_in(&self, parent: &FolderAddress, name: &str) -> Result<()> {
        let name = FolderName::parse("folderName", name).unwrap();
        self.drive.create_folder(parent, &name).await
    }

    /// A new folder, whose parent is there.
    pub(crate) async fn create(&self, path: &str) {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.create_in(&self.folder(parent), name).await.unwrap();
    }

    pub(crate) async fn delete(&self, key: &str) -> Result<()> {
        self.drive.delete_object(&self.object(key)).await
    }

    /// Stores a file by following what is offered.
    pub(crate) async fn put(&self, key: &str, body: &[u8]) {
        let status = self.try_put(&self.object(key), body).await.unwrap();
        assert!(status.is_success(), "{key:?}: {status}");
    }

    pub(crate) async fn try_put(&self, object: &ObjectAddress, body: &[u8]) -> Result<StatusCode> {
        let options = for_upload(1, "text/plain");
        let offer = self.drive.upload_url(object, &options).await?;
        follow_upload(&*self.drive, object, &offer, &options.content_type, body).await
    }

    /// What a file holds, by a click on a link of ours.
    pub(crate) async fn get(&self, key: &str) -> Vec<u8> {
        let arrived = self.click(&self.object(key), &Download::default()).await;
        let arrived = arrived.unwrap();
        assert_eq!(arrived.status, StatusCode::OK, "{key:?}");
        arrived.body
    }

    /// What a click on a link of ours brings.
    pub(crate) async fn click(
        &self,
        object: &ObjectAddress,
        request: &Download,
    ) -> Result<Arrived> {
        click(&*self.drive, object, request).await
    }

    /// What the URL brings that is made for `hours`.
    pub(crate) async fn get_by_url(
        &self,
        object: &ObjectAddress,
        options: &DownloadOptions,
    ) -> Result<Arrived> {
        match self.drive.download_url(object, options).await? {
            Offer::Signed(signed) => Ok(fetch(&signed).await),
            Offer::Link(link) => {
                assert_eq!(link, LinkUse::download());
                let request = Download {
                    attachment: options.attachment,
                    range: None,
                    through_us: false,
                };
                self.click(object, &request).await
            }
        }
    }
}

/// A click on a link of ours, as the links function answers it.
pub(crate) async fn click(
    drive: &dyn CloudStorage,
    object: &ObjectAddress,
    request: &Download,
) -> Result<Arrived> {
    match drive.download(object, request).await? {
        Content::Redirect(url) => {
            let get = ANYBODY.get(url);
            let get = match request.range {
                Some(range) => get.header(RANGE, range_text(range)),
                None => get,
            };
            Ok(Arrived::read(get.send().await.unwrap()).await)
        }
        Content::Stream(content) => {
            let chunks: Vec<Bytes> = content.chunks.try_collect().await?;
            let body = chunks.concat();
            if let Some(length) = content.length {
                assert_eq!(length, body.len() as u64, "the length that was announced");
            }
            Ok(Arrived {
                status: match content.part {
                    Some(_) => StatusCode::PARTIAL_CONTENT,
                    None => StatusCode::OK,
                },
                disposition: if request.attachment {
                    content_disposition::attachment(&content.name)
                } else {
                    "inline".to_owned()
                },
                part: content.part.unwrap_or_default(),
                content_type: content.content_type.unwrap_or_default(),
                body,
            })
        }
        Content::OutOfRange(_) => Ok(Arrived::nothing(StatusCode::RANGE_NOT_SATISFIABLE)),
    }
}

/// A provider's URL, used by somebody who has nothing else.
pub(crate) async fn fetch(signed: &SignedUrl) -> Arrived {
    assert_eq!((signed.method, signed.headers.len()), ("GET", 0));
    Arrived::read(ANYBODY.get(&signed.url).send().await.unwrap()).await
}

/// Sends a body where the offer says, with the method and headers that it says.
pub(crate) async fn follow_upload(
    drive: &dyn CloudStorage,
    object: &ObjectAddress,
    offer: &Offer,
    content_type: &ContentType,
    body: &[u8],
) -> Result<StatusCode> {
    match offer {
        Offer::Signed(signed) => Ok(send(
            signed.method,
            &signed.url,
            &filled_headers(&signed.headers, body),
            body,
        )
        .await),
        Offer::Link(link) => {
            let headers = filled_headers(&link.headers, body);
            let size = announced(&headers, body);
            match drive.upload_target(object, content_type, size).await? {
                UploadTarget::Redirect(url) => Ok(send(link.method, &url, &headers, body).await),
                UploadTarget::Relay { bytes_max } => {
                    if header(&headers, "Content-Type") != Some(content_type.as_str()) {
                        return Ok(StatusCode::BAD_REQUEST);
                    }
                    if body.len() as u64 > bytes_max {
                        return Err(Error::too_large(bytes_max));
                    }
                    let body = Bytes::copy_from_slice(body);
                    drive.upload(object, content_type, body).await?;
                    Ok(StatusCode::CREATED)
                }
            }
        }
    }
}

pub(crate) fn filled_headers(headers: &[(String, String)], body: &[u8]) -> Vec<(String, String)> {
    let size = body.len().to_string();
    let last = (i64::try_from(body.len()).unwrap() - 1).to_string();
    let headers = headers.iter().map(|(name, value)| {
        let value = value.replace("{size}", &size).replace("{last}", &last);
        (name.clone(), value)
    });
    headers.collect()
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// The size that a request for a link of ours tells: the redirect comes before the body.
fn announced(headers: &[(String, String)], body: &[u8]) -> Option<u64> {
    match header(headers, "Content-Range") {
        Some(range) => range.rsplit_once('/').unwrap().1.parse().ok(),
        None => Some(body.len() as u64).filter(|size| *size > 0),
    }
}

/// Sends a body without any credentials.
pub(crate) async fn send(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> StatusCode {
    let mut request = ANYBODY
        .request(method.parse().unwrap(), url)
        // The client says no length of an empty body.
        .header("Content-Length", body.len())
        .body(body.to_vec());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap().status()
}

fn range_text(range: ByteRange) -> String {
    match range {
        ByteRange::From(first) => format!("bytes={first}-"),
        ByteRange::Between(first, last) => format!("bytes={first}-{last}"),
        ByteRange::Last(count) => format!("bytes=-{count}"),
    }
}

pub(crate) fn for_download(hours: u16, attachment: bool) -> DownloadOptions {
    DownloadOptions {
        lifetime: Duration::from_hours(hours.into()),
        attachment,
    }
}

pub(crate) fn for_upload(hours: u16, content_type: &str) -> UploadOptions {
    UploadOptions {
        lifetime: Duration::from_hours(hours.into()),
        content_type: ContentType::parse("contentType", content_type).unwrap(),
    }
}

#[track_caller]
pub(crate) fn assert_kind<T>(result: Result<T>, kind: ErrorKind, what: &str) -> Error {
    match result {
        Ok(_) => panic!("{what}: it succeeded, not {kind:?}"),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{what}: {error:?}");
            error
        }
    }
}
