//! How the drives' APIs are reached: one HTTP client for all, fixed hosts, bounded answers.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, RANGE, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use tokio::time::Instant;
use url::Url;

use super::failure::{BUSY, Refusal};
use crate::domain::storage::{ByteRange, Content, ContentStream};
use crate::domain::{Error, Result};

/// A JSON answer: at most this many bytes. A page of 1,000 entries has about one MB.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// No connection after so long: another try would do no better.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// An answer is complete after so long, or given up.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two parts of a streamed body.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(15);
/// A provider that asks for a pause is given it once, if it is no longer than this.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// The HTTP client of every drive's API. It follows no redirect, reads no proxy from the
/// environment, and is built when it is first used.
pub struct DriveHttp {
    hosts: Hosts,
    client: OnceLock<Client>,
}

/// Where the providers' hosts are.
#[derive(Debug, Clone)]
pub enum Hosts {
    /// At their own names, over TLS.
    Public,
    /// For a run on one's own machine: `https://HOST/PATH` is at `ROOT/HOST/PATH`.
    Simulated(String),
}

impl Hosts {
    /// The URL of `path` (which begins with a slash and is encoded) on the provider's `host`.
    pub fn url(&self, host: &str, path: &str) -> Result<Url> {
        let url = match self {
            Self::Public => format!("https://{host}{path}"),
            Self::Simulated(root) => format!("{root}/{host}{path}"),
        };
        Url::parse(&url)
            .map_err(|error| Error::internal("a provider's URL is malformed").because(error))
    }

    /// A URL that a provider answered leads, over TLS and without a user, to a host below one of its
    /// `domains`, each of which begins with a dot.
    pub(super) fn is_below(&self, url: &str, domains: &[&str]) -> bool {
        let url = match self {
            Self::Public => url.to_owned(),
            // There, the host is the first segment.
            Self::Simulated(root) => {
                let below = url
                    .strip_prefix(root)
                    .and_then(|rest| rest.strip_prefix('/'));
                match below {
                    Some(below) => format!("https://{below}"),
                    None => return false,
                }
            }
        };
        Url::parse(&url).is_ok_and(|url| {
            url.scheme() == "https"
                && url.username().is_empty()
                && url.password().is_none()
                && url.port().is_none()
                && url
                    .host_str()
                    .is_some_and(|host| domains.iter().any(|domain| host.ends_with(domain)))
        })
    }
}

/// An answer of a drive's API, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header's text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// When the provider wants to be asked again.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }

    /// Tells the client when to repeat, if the provider told us.
    pub(super) fn with_retry_after(&self, error: Error) -> Error {
        match self.retry_after() {
            Some(after) => error.retry_in(after),
            None => error,
        }
    }

    /// The body of a success. What does not read as `T` is a provider that is not well.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // serde repeats values; its category does not.
            Error::unavailable(BUSY).because(format!(
                "the provider's answer does not read: {:?} error",
                error.classify()
            ))
        })
    }
}

/// What a request for an object's bytes was answered.
pub(super) enum Media {
    /// The bytes, or the part of them that was asked for. Only the head is read.
    Bytes(Response),
    /// The part begins behind the object's end, which is at so many bytes.
    OutOfRange(Option<u64>),
}

impl Media {
    /// This, as the bytes of the object `name`.
    pub(super) fn of(self, name: String) -> Content {
        match self {
            Self::Bytes(response) => Content::Stream(streamed(response, name)),
            Self::OutOfRange(size) => Content::OutOfRange(size),
        }
    }
}

impl DriveHttp {
    /// A client for providers at `hosts`.
    pub fn new(hosts: Hosts) -> Self {
        Self {
            hosts,
            client: OnceLock::new(),
        }
    }

    /// Where the providers' hosts are.
    pub(super) fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// A request to `path` (which begins with a slash and is encoded) on the provider's `host`.
    pub(crate) fn request(&self, method: Method, host: &str, path: &str) -> Result<RequestBuilder> {
        let url = self.hosts.url(host, path)?;
        Ok(self.client()?.request(method, url))
    }

    /// A request to a URL that [`Hosts::url`] made.
    pub(super) fn request_to(&self, method: Method, url: &str) -> Result<RequestBuilder> {
        Ok(self.client()?.request(method, url))
    }

    fn client(&self) -> Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .https_only(matches!(self.hosts, Hosts::Public))
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build()
            .map_err(|error| {
                Error::internal("the HTTP client could not be built").because(error)
            })?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends a request and reads the whole answer. A provider that says when to come again is given
    /// that pause once, if it is short. Errors: `Unavailable` if no answer came.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer> {
        let again = request.try_clone();
        let answer = read(open(request.timeout(ANSWER_TIMEOUT)).await?).await?;
        let pause = answer
            .retry_after()
            .filter(|pause| matches!(answer.status.as_u16(), 429 | 503) && *pause <= PAUSE_MAX);
        match (pause, again) {
            (Some(pause), Some(again)) => {
                tokio::time::sleep_until(Instant::now() + pause).await;
                read(open(again.timeout(ANSWER_TIMEOUT)).await?).await
            }
            _ => Ok(answer),
        }
    }

    /// Sends a request and reads the whole answer, whatever it is. The caller sets the timeout.
    pub(super) async fn send_once(&self, request: RequestBuilder) -> Result<Answer> {
        self.send_bounded(request, ANSWER_BYTES_MAX).await
    }

    /// As `send_once`, for an answer of at most `bytes_max`. Errors: `Unavailable` for a longer one.
    pub(crate) async fn send_bounded(
        &self,
        request: RequestBuilder,
        bytes_max: usize,
    ) -> Result<Answer> {
        read_bounded(open(request).await?, bytes_max).await
    }

    /// The request that failed with `error` never left: there was no connection.
    pub(super) fn was_not_sent(error: &Error) -> bool {
        std::error::Error::source(error)
            .and_then(|cause| cause.downcast_ref::<reqwest::Error>())
            .is_some_and(|error| error.is_connect() || error.is_builder())
    }

    /// Asks for an object's bytes, or for a `range` of them. `refused` reads every other answer.
    pub(super) async fn open_media(
        &self,
        request: RequestBuilder,
        range: Option<ByteRange>,
        refused: impl FnOnce(&Answer) -> Error,
    ) -> Result<Media> {
        let request = match range {
            Some(range) => request.header(RANGE, range_text(range)),
            None => request,
        };
        let response = open(request).await?;
        let is_part = response.status() == StatusCode::PARTIAL_CONTENT;
        if is_part && (range.is_none() || !response.headers().contains_key(CONTENT_RANGE)) {
            let what = "the provider's answer is a part of nobody knows what";
            return Err(Error::unavailable(BUSY).because(what));
        }
        if response.status().is_success() {
            return Ok(Media::Bytes(response));
        }
        let answer = read(response).await?;
        if answer.status == StatusCode::RANGE_NOT_SATISFIABLE && range.is_some() {
            let size = answer.header("content-range").strip_prefix("bytes */");
            return Ok(Media::OutOfRange(size.and_then(|size| size.parse().ok())));
        }
        Err(refused(&answer))
    }

    /// Asks for an object's bytes, or for a `range` of them, at a URL that the answer to `operation`
    /// handed over. It carries its own permission and is followed once, to a host below one of the
    /// provider's `domains` and nowhere else.
    pub(super) async fn open_handed_over(
        &self,
        operation: &'static str,
        url: &str,
        domains: &[&str],
        range: Option<ByteRange>,
    ) -> Result<Media> {
        let refusal = |status, code| Refusal::new(operation, status, code);
        if !self.hosts.is_below(url, domains) {
            return Err(Error::unavailable(BUSY).because(refusal(200, "foreign_location")));
        }
        let request = self.client()?.request(Method::GET, url);
        self.open_media(request, range, |answer| {
            let error = match answer.status {
                StatusCode::NOT_FOUND => Error::not_found(),
                // The permission is seconds old: what is refused now may be given to the next.
                _ => answer.with_retry_after(Error::unavailable(BUSY)),
            };
            error.because(refusal(answer.status.as_u16(), "content"))
        })
        .await
    }
}

/// A range as `Range` has it (RFC 9110 §14.2).
pub(super) fn range_text(range: ByteRange) -> String {
    match range {
        ByteRange::From(first) => format!("bytes={first}-"),
        ByteRange::Between(first, last) => format!("bytes={first}-{last}"),
        ByteRange::Last(count) => format!("bytes=-{count}"),
    }
}

/// The bytes of the object `name`, as they come.
pub(super) fn streamed(response: Response, name: String) -> ContentStream {
    let header = |name: HeaderName| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let content_type = header(CONTENT_TYPE);
    let length = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let part = header(CONTENT_RANGE).filter(|_| response.status() == StatusCode::PARTIAL_CONTENT);
    let chunks = stream::try_unfold(response, |mut response| async {
        let chunk = response.chunk().await.map_err(unreachable)?;
        Ok(chunk.map(|chunk| (chunk, response)))
    });
    ContentStream {
        content_type,
        name,
        length,
        part,
        chunks: Box::pin(chunks),
    }
}

async fn open(request: RequestBuilder) -> Result<Response> {
    request.send().await.map_err(unreachable)
}

async fn read(response: Response) -> Result<Answer> {
    read_bounded(response, ANSWER_BYTES_MAX).await
}

/// Reads an answer to its end, or to what is too much.
async fn read_bounded(mut response: Response, bytes_max: usize) -> Result<Answer> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > bytes_max {
            return Err(Error::unavailable(BUSY).because("the provider's answer is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: body.freeze(),
    })
}

/// No answer. The URL stays out of the log: upload URLs are secrets.
fn unreachable(error: reqwest::Error) -> Error {
    Error::unavailable("The storage provider does not answer.").because(error.without_url())
}

/// `Retry-After` in seconds; the form as a date is not used by these providers.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;

    #[tokio::test]
    async fn a_url_to_a_host_that_is_not_the_providers_is_not_followed() {
        let http = DriveHttp::new(Hosts::Public);
        for url in [
            "https://content.example/a?token=secret",
            "http://x.content.example.com/a",
            "https://127.0.0.1/a",
            "",
        ] {
            let media = http.open_handed_over("Test", url, &[".content.example.com"], None);
            let error = media.await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{url}");
            assert_eq!(error.causes(), "Test: 200 foreign_location", "{url}");
        }
    }
}
