//! Pages of keys.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;
use percent_encoding::percent_decode;

use super::api::Api;
use super::bucket_name::BucketName;
use super::errors::Failure;
use crate::domain::storage::{Entry, EntryKind, ListRequest, Page, last_component, path_of_key};
use crate::domain::{Error, Result};

/// Keys as they are, decoded where the service encoded them.
pub(super) struct Keys {
    /// Prefixes that end at the delimiter, the folders.
    pub folders: Vec<String>,
    /// The objects.
    pub files: Vec<File>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// An object in a listing.
pub(super) struct File {
    /// Its key.
    pub key: String,
    size: u64,
    modified: Option<Timestamp>,
}

/// One page of the keys under `prefix`, at most `count`.
pub(super) async fn keys(
    api: &Api,
    bucket: &BucketName,
    prefix: &str,
    delimiter: Option<&str>,
    cursor: Option<&str>,
    count: i32,
) -> Result<Keys> {
    let list = |encoding: Option<EncodingType>| {
        api.call("ListObjectsV2", Some(bucket), move |client| {
            client
                .list_objects_v2()
                .bucket(bucket.as_str())
                .prefix(prefix)
                .set_delimiter(delimiter.map(str::to_owned))
                .set_continuation_token(cursor.map(str::to_owned))
                .set_encoding_type(encoding.clone())
                .max_keys(count)
                .send()
        })
    };
    // XML cannot hold every character that a key can, so services encode keys on request. Some
    // servers only claim to and answer keys as they are, so the unknown ones are asked when the
    // plain answer cannot be read.
    let mut output = list(api.is_vendors_own().then_some(EncodingType::Url)).await;
    if !api.is_vendors_own() && output.as_ref().is_err_and(Failure::is_unreadable) {
        output = list(Some(EncodingType::Url)).await;
    }
    match output {
        Ok(output) => read(output, prefix),
        // The only argument that is not of our own making.
        Err(failure)
            if cursor.is_some() && matches!(failure.code(), "InvalidArgument" | "InvalidToken") =>
        {
            let error = Error::invalid(
                "continuationToken",
                "is no longer valid; list from the beginning",
            );
            Err(error.because(failure))
        }
        Err(failure) => Err(failure.into_error()),
    }
}

/// One page of a folder.
pub(super) async fn page(api: &Api, bucket: &BucketName, request: &ListRequest) -> Result<Page> {
    let prefix = request.folder.path.as_str();
    let keys = keys(
        api,
        bucket,
        prefix,
        Some("/"),
        request.cursor.as_deref(),
        request.count.into(),
    )
    .await?;
    let folders = keys
        .folders
        .iter()
        .map(|prefix| entry(prefix, EntryKind::Folder, 0, None));
    // The marker of the folder itself; that of one inside shows as a folder already.
    let files = keys.files.iter().filter(|file| !file.key.ends_with('/'));
    let files = files.map(|file| entry(&file.key, EntryKind::File, file.size, file.modified));
    Ok(Page {
        entries: folders.chain(files).collect(),
        next: keys.next,
    })
}

fn entry(key: &str, kind: EntryKind, size: u64, modified: Option<Timestamp>) -> Entry {
    Entry {
        id: String::new(),
        name: last_component(key).to_owned(),
        path: path_of_key(key),
        size,
        modified,
        kind,
    }
}

fn read(output: ListObjectsV2Output, prefix: &str) -> Result<Keys> {
    let encoded = output.encoding_type == Some(EncodingType::Url);
    // Some servers take a leading slash off the prefix. Nobody may see, let alone delete, what
    // they answer then.
    let key = |text: Option<String>| -> Result<Option<String>> {
        let text = text.ok_or_else(|| misread("an entry without a key"))?;
        let key = if encoded { decode(&text)? } else { text };
        Ok(Some(key).filter(|key| key.starts_with(prefix)))
    };
    let next = output
        .next_continuation_token
        .filter(|_| output.is_truncated.unwrap_or(true));
    if next.is_none() && output.is_truncated == Some(true) {
        return Err(misread("truncated without a token"));
    }
    let mut keys = Keys {
        folders: Vec::new(),
        files: Vec::new(),
        next,
    };
    for folder in output.common_prefixes.unwrap_or_default() {
        keys.folders.extend(key(folder.prefix)?);
    }
    for file in output.contents.unwrap_or_default() {
        let size = file
            .size
            .and_then(|size| size.try_into().ok())
            .unwrap_or_default();
        let modified = file.last_modified.and_then(|time| timestamp(&time));
        keys.files.extend(key(file.key)?.map(|key| File {
            key,
            size,
            modified,
        }));
    }
    Ok(keys)
}

/// A time of the SDK's; `None` where it lies outside of our calendar.
pub(super) fn timestamp(time: &aws_sdk_s3::primitives::DateTime) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(time.subsec_nanos()).ok()?;
    Timestamp::new(time.secs(), nanoseconds).ok()
}

/// Undoes `encoding-type=url`: form encoding, so `+` is a space.
fn decode(text: &str) -> Result<String> {
    let spaced = text.replace('+', " ");
    String::from_utf8(percent_decode(spaced.as_bytes()).collect())
        .map_err(|_| misread("a key that is not UTF-8"))
}

fn misread(what: &'static str) -> Error {
    Error::unavailable("The storage provider's listing could not be read.").because(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_to_the_bytes_they_were_made_of() {
        for (text, key) in [
            ("plain.txt", "plain.txt"),
            ("a+b%2Bc%20d", "a b+c d"),
            ("100%25+caf%C3%A9", "100% café"),
            ("e%CC%81/%F0%9F%93%B7%01", "e\u{301}/📷\u{1}"),
            ("50%", "50%"),
        ] {
            assert_eq!(decode(text).unwrap(), key);
        }
        assert!(decode("%FF").is_err());
    }
}
