//! URLs to an object's bytes, and the bytes themselves where no provider's URL can be had.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use jiff::Timestamp;

use super::ContentType;
use crate::domain::{Error, Result};

/// A generated URL lives at most this many hours (S3 signs for 7 days at most).
pub const URL_HOURS_MAX: u16 = 168;

/// A link of ours streams at most this many bytes in one answer: Lambda's 200 MB
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>).
pub const STREAM_BYTES_MAX: u64 = 200_000_000;

/// How to make a download URL.
#[derive(Debug, Clone)]
pub struct DownloadOptions {
    /// From now on, at most [`URL_HOURS_MAX`] hours.
    pub lifetime: Duration,
    /// Browsers save the object under its name instead of showing it.
    pub attachment: bool,
}

/// How to make an upload URL.
#[derive(Debug, Clone)]
pub struct UploadOptions {
    /// From now on, at most [`URL_HOURS_MAX`] hours.
    pub lifetime: Duration,
    /// What the client must send as `Content-Type`.
    pub content_type: ContentType,
}

/// What a drive can offer to somebody who wants a URL.
#[derive(Debug, Clone)]
pub enum Offer {
    /// The provider's own URL, good for the whole lifetime.
    Signed(SignedUrl),
    /// The provider signs nothing for so long. A link of ours does, which asks
    /// [`super::CloudStorage::download`] or [`super::CloudStorage::upload_target`] at each use.
    Link(LinkUse),
}

impl Offer {
    /// The provider's own URL, if that is what is offered.
    pub fn signed(self) -> Option<SignedUrl> {
        match self {
            Self::Signed(url) => Some(url),
            Self::Link(_) => None,
        }
    }
}

/// How a client uses a link of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkUse {
    /// The method to use.
    pub method: &'static str,
    /// Headers that the request must carry. `{size}` and `{last}` in a value stand for the body's
    /// byte count and that minus one.
    pub headers: Vec<(String, String)>,
}

impl LinkUse {
    /// A download: a plain `GET`.
    pub fn download() -> Self {
        Self {
            method: "GET",
            headers: Vec::new(),
        }
    }
}

/// A URL that carries its own permission. Its query is a secret for as long as it lives.
#[derive(Clone)]
pub struct SignedUrl {
    /// Where to send the request.
    pub url: String,
    /// The method to use.
    pub method: &'static str,
    /// Headers that the request must carry, as in [`LinkUse`].
    pub headers: Vec<(String, String)>,
    /// When the URL stops working.
    pub expires: Timestamp,
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SignedUrl({} [redacted] until {})",
            self.method, self.expires
        )
    }
}

/// A part of an object (RFC 9110 §14.1.2), as a client asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From this byte to the end.
    From(u64),
    /// From the first to the last, both included; the first is not behind the last.
    Between(u64, u64),
    /// So many at the end, at least 1.
    Last(u64),
}

/// How to download an object through a link of ours.
#[derive(Debug, Clone, Default)]
pub struct Download {
    /// Browsers save the object under its name instead of showing it.
    pub attachment: bool,
    /// The part that is wanted; all of it if `None`. A redirect is for the whole object: the client
    /// asks the provider for its part.
    pub range: Option<ByteRange>,
    /// The bytes must come through us: whoever asks may not be sent to another host.
    pub through_us: bool,
}

/// Where an object's bytes are.
pub enum Content {
    /// At this URL of the provider, for the next minutes and without any header of ours. It is a
    /// secret.
    Redirect(String),
    /// Here: the provider gives them only to who holds the token, or they must come through us.
    Stream(ContentStream),
    /// Nowhere: the range begins behind the object's end, which is at so many bytes.
    OutOfRange(Option<u64>),
}

/// An object's bytes, or a part of them, as they come from the provider.
pub struct ContentStream {
    /// What they are, as the provider says.
    pub content_type: Option<String>,
    /// The object's name.
    pub name: String,
    /// How many come.
    pub length: Option<u64>,
    /// If this is a part: the `Content-Range` of it (RFC 9110 §14.4).
    pub part: Option<String>,
    /// The bytes.
    pub chunks: Chunks,
}

/// Bytes as they come.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// The same bytes, whatever length was announced for them: `TooLarge` ends them in front of the chunk
/// that goes beyond `bytes_max`.
pub fn bounded(chunks: Chunks, bytes_max: u64) -> Chunks {
    let unfolded = stream::try_unfold((chunks, bytes_max), move |(mut chunks, left)| async move {
        let Some(chunk) = chunks.try_next().await? else {
            return Ok(None);
        };
        let left = left
            .checked_sub(chunk.len() as u64)
            .ok_or_else(|| Error::too_large(bytes_max))?;
        Ok(Some((chunk, (chunks, left))))
    });
    Box::pin(unfolded)
}

/// An upload that goes through us holds so many bytes: a Lambda function is called with at most 6 MB, in
/// which the body is written in base64, and this leaves room for the request around it
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub const RELAY_BYTES_MAX: u64 = 4_500_000;

/// Where an upload through a link of ours goes.
pub enum UploadTarget {
    /// To this URL of the provider, with the same method and headers. It is a secret.
    Redirect(String),
    /// Through us, up to so many bytes, to [`super::CloudStorage::upload`].
    Relay {
        /// The largest body.
        bytes_max: u64,
    },
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;
    use crate::domain::ErrorKind;

    /// What comes of a body that never ends.
    async fn of_endless(bytes_max: u64) -> Vec<Result<Bytes>> {
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(b"1234")));
        bounded(Box::pin(endless), bytes_max).collect().await
    }

    #[tokio::test]
    async fn a_body_without_an_end_ends_with_an_error() {
        for (bytes_max, chunks) in [(0, 0), (3, 0), (4, 1), (11, 2), (12, 3)] {
            let mut came = of_endless(bytes_max).await;
            let error = came.pop().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{bytes_max}");
            assert_eq!(came.len(), chunks, "{bytes_max}");
            assert!(came.iter().all(Result::is_ok), "{bytes_max}");
        }
    }

    #[tokio::test]
    async fn a_body_that_fits_comes_as_it_is() {
        let three = stream::iter([Ok("12".into()), Ok(Bytes::new()), Ok("345".into())]);
        let came: Vec<Bytes> = bounded(Box::pin(three), 5).try_collect().await.unwrap();
        assert_eq!(came.concat(), b"12345");
    }
}
