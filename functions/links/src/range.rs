//! Parts of an object, as clients ask for them.

use http::HeaderMap;
use http::header::RANGE;
use shared::domain::Result;
use shared::domain::storage::{ByteRange, CloudStorage, ObjectAddress};

/// A part of a preview: at most so many bytes. Media elements ask for all that is left, take what
/// comes, and ask on.
pub(crate) const PREVIEW_PART_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The one range of bytes that a request asks for. Several, and what does not read, are ignored, as
/// RFC 9110 §14.2 allows: the whole is answered.
pub(crate) fn of(headers: &HeaderMap) -> Option<ByteRange> {
    let range = headers.get(RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match (first.trim(), last.trim()) {
        ("", last) => number(last).filter(|count| *count > 0).map(ByteRange::Last),
        (first, "") => number(first).map(ByteRange::From),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(ByteRange::Between(first, last))
        }
    }
}

/// The first `bytes_max` (at least 1) of `range`: a server may send less than was asked for
/// (RFC 9110 §15.3.7). Where an end that is longer begins, the drive has to say.
pub(crate) async fn beginning(
    range: ByteRange,
    bytes_max: u64,
    drive: &dyn CloudStorage,
    object: &ObjectAddress,
) -> Result<ByteRange> {
    let part = |first: u64, last: u64| {
        ByteRange::Between(first, last.min(first.saturating_add(bytes_max - 1)))
    };
    Ok(match range {
        ByteRange::From(first) => part(first, u64::MAX),
        ByteRange::Between(first, last) => part(first, last),
        ByteRange::Last(count) if count <= bytes_max => range,
        ByteRange::Last(count) => match drive.describe(object).await?.size {
            0 => range,
            size => part(size.saturating_sub(count), size - 1),
        },
    })
}
