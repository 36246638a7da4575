//! Pages of a bucket's keys, and of the buckets.

use std::ops::Bound;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    CommonPrefix, EncodingType, ListBucketsInput, ListBucketsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass,
};
use s3s::{S3Result, s3_error};

use super::s3_index::Keys;

const PAGE_KEYS_MAX: i32 = 1000;
const PAGE_BUCKETS_MAX: i32 = 10_000;
const TOKEN_CHECK_BYTES: usize = 8;

/// What S3 leaves as it is with `encoding-type=url`; a space becomes `+`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b'/')
    .remove(b' ');

/// The second version's answer, without the bucket's name.
pub(super) fn version_2(keys: &Keys, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let encoding = Encoding::asked(input.encoding_type.as_ref())?;
    let after = match &input.continuation_token {
        Some(token) => Some(read_token(token)?),
        None => input.start_after.clone(),
    };
    let query = Query::new(
        input.prefix,
        input.delimiter,
        after,
        input.max_keys,
        encoding,
    )?;
    let page = query.page(keys);
    Ok(ListObjectsV2Output {
        key_count: Some(page.count),
        max_keys: Some(query.max_keys),
        is_truncated: Some(page.is_truncated),
        next_continuation_token: page
            .is_truncated
            .then(|| write_token(page.last.unwrap_or_default())),
        contents: Some(page.contents),
        common_prefixes: Some(page.common_prefixes),
        prefix: Some(encoding.apply(&query.prefix)),
        delimiter: query.delimiter.map(|text| encoding.apply(&text)),
        start_after: input.start_after.map(|text| encoding.apply(&text)),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    })
}

/// The first version's answer, without the bucket's name.
pub(super) fn version_1(keys: &Keys, input: ListObjectsInput) -> S3Result<ListObjectsOutput> {
    let encoding = Encoding::asked(input.encoding_type.as_ref())?;
    let query = Query::new(
        input.prefix,
        input.delimiter,
        input.marker,
        input.max_keys,
        encoding,
    )?;
    let page = query.page(keys);
    // Without a delimiter the last key is the next marker, and the answer has it already.
    let has_next = page.is_truncated && query.delimiter.is_some();
    Ok(ListObjectsOutput {
        max_keys: Some(query.max_keys),
        is_truncated: Some(page.is_truncated),
        next_marker: has_next.then(|| encoding.apply(page.last.unwrap_or_default())),
        contents: Some(page.contents),
        common_prefixes: Some(page.common_prefixes),
        prefix: Some(encoding.apply(&query.prefix)),
        delimiter: query.delimiter.map(|text| encoding.apply(&text)),
        marker: Some(encoding.apply(&query.after)),
        encoding_type: input.encoding_type,
        ..ListObjectsOutput::default()
    })
}

/// The page of all buckets that was asked for.
pub(super) fn buckets(
    all: ListBucketsOutput,
    input: ListBucketsInput,
    region: &str,
) -> S3Result<ListBucketsOutput> {
    let limit = match input.max_buckets {
        None => PAGE_BUCKETS_MAX,
        Some(limit @ 1..=PAGE_BUCKETS_MAX) => limit,
        Some(_) => {
            return Err(s3_error!(
                InvalidArgument,
                "Argument max-buckets must be an integer between 1 and 10000"
            ));
        }
    };
    let after = input.continuation_token.as_deref().map(read_token);
    let after = after.transpose()?.unwrap_or_default();
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let elsewhere = input.bucket_region.is_some_and(|asked| asked != region);

    let mut found = all.buckets.unwrap_or_default();
    found.retain(|bucket| {
        let name = bucket.name.as_deref().unwrap_or_default();
        !elsewhere && name.starts_with(prefix) && name > after.as_str()
    });
    found.sort_by(|one, other| one.name.cmp(&other.name));
    let limit = usize::try_from(limit).unwrap_or_default();
    let is_truncated = found.len() > limit;
    found.truncate(limit);
    let last = found.last().and_then(|bucket| bucket.name.as_deref());
    let continuation_token = last.filter(|_| is_truncated).map(write_token);
    for bucket in &mut found {
        bucket.bucket_region = Some(region.to_owned());
    }
    Ok(ListBucketsOutput {
        buckets: Some(found),
        continuation_token,
        prefix: input.prefix,
        ..all
    })
}

struct Query {
    prefix: String,
    delimiter: Option<String>,
    after: String,
    max_keys: i32,
    encoding: Encoding,
}

#[derive(Default)]
struct Page<'a> {
    contents: Vec<Object>,
    common_prefixes: Vec<CommonPrefix>,
    count: i32,
    is_truncated: bool,
    last: Option<&'a str>,
}

impl Query {
    fn new(
        prefix: Option<String>,
        delimiter: Option<String>,
        after: Option<String>,
        max_keys: Option<i32>,
        encoding: Encoding,
    ) -> S3Result<Self> {
        let max_keys = max_keys.unwrap_or(PAGE_KEYS_MAX);
        if max_keys < 0 {
            return Err(s3_error!(
                InvalidArgument,
                "Argument maxKeys must be an integer between 0 and 2147483647"
            ));
        }
        Ok(Self {
            prefix: prefix.unwrap_or_default(),
            delimiter: delimiter.filter(|text| !text.is_empty()),
            after: after.unwrap_or_default(),
            max_keys: max_keys.min(PAGE_KEYS_MAX),
            encoding,
        })
    }

    /// The items that follow `after`: keys, and the common prefixes that stand for several.
    fn page<'a>(&self, keys: &'a Keys) -> Page<'a> {
        let mut page = Page::default();
        if self.max_keys == 0 {
            return page;
        }
        let start = self.prefix.as_str().max(&self.after);
        for (key, stored) in keys.range::<str, _>((Bound::Included(start), Bound::Unbounded)) {
            let Some(rest) = key.strip_prefix(&self.prefix) else {
                break;
            };
            let end = self.delimiter.as_ref().and_then(|delimiter| {
                Some(self.prefix.len() + rest.find(delimiter)? + delimiter.len())
            });
            let item = &key[..end.unwrap_or(key.len())];
            if item <= self.after.as_str() || page.last == Some(item) {
                continue;
            }
            if page.count == self.max_keys {
                page.is_truncated = true;
                break;
            }
            page.count += 1;
            page.last = Some(item);
            let name = Some(self.encoding.apply(item));
            if end.is_some() {
                page.common_prefixes.push(CommonPrefix { prefix: name });
            } else {
                page.contents.push(Object {
                    key: name,
                    size: i64::try_from(stored.size).ok(),
                    last_modified: Some(stored.modified.into()),
                    e_tag: Some(stored.e_tag.clone()),
                    storage_class: Some(ObjectStorageClass::from_static(
                        ObjectStorageClass::STANDARD,
                    )),
                    ..Object::default()
                });
            }
        }
        page
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    None,
    Url,
}

impl Encoding {
    fn asked(asked: Option<&EncodingType>) -> S3Result<Self> {
        match asked.map(EncodingType::as_str) {
            None => Ok(Self::None),
            Some(EncodingType::URL) => Ok(Self::Url),
            Some(_) => Err(s3_error!(
                InvalidArgument,
                "Invalid Encoding Method specified in Request"
            )),
        }
    }

    fn apply(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Url => utf8_percent_encode(text, PLAIN)
                .to_string()
                .replace(' ', "+"),
        }
    }
}

/// A token says where a listing goes on. It is opaque, so that no client gets used to making one.
fn write_token(last: &str) -> String {
    let mut token = token_check(last);
    token.extend_from_slice(last.as_bytes());
    BASE64URL_NOPAD.encode(&token)
}

fn read_token(token: &str) -> S3Result<String> {
    let read = || {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (check, last) = bytes.split_at_checked(TOKEN_CHECK_BYTES)?;
        let last = std::str::from_utf8(last).ok()?;
        (check == token_check(last)).then(|| last.to_owned())
    };
    read().ok_or_else(|| {
        s3_error!(
            InvalidArgument,
            "The continuation token provided is incorrect"
        )
    })
}

fn token_check(last: &str) -> Vec<u8> {
    digest(&SHA256, last.as_bytes()).as_ref()[..TOKEN_CHECK_BYTES].to_owned()
}
