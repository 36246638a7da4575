//! The conditional headers. s3s-fs has none for reads, and for writes it checks before the body
//! arrives, so that of two writers with `If-None-Match: *` both would succeed.

use std::time::{Duration, SystemTime};

use s3s::dto::{
    CopyObjectInput, CopySource, ETagCondition, GetObjectInput, HeadObjectInput, MetadataDirective,
    Timestamp,
};
use s3s::{S3Result, s3_error};

use super::s3_index::Stored;

/// What must hold when an object is written or removed.
#[derive(Default)]
pub(super) struct WriteCondition {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

impl WriteCondition {
    pub(super) fn check(&self, stored: Option<&Stored>) -> S3Result<()> {
        match &self.if_none_match {
            Some(ETagCondition::Any) if stored.is_some() => return Err(failed()),
            Some(ETagCondition::ETag(_)) => {
                return Err(s3_error!(
                    NotImplemented,
                    "A header you provided implies functionality that is not implemented"
                ));
            }
            _ => {}
        }
        match (&self.if_match, stored) {
            (Some(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
            (Some(ETagCondition::ETag(wanted)), Some(stored))
                if !stored.e_tag.strong_cmp(wanted) =>
            {
                Err(failed())
            }
            _ => Ok(()),
        }
    }
}

/// What must hold for an object to be read.
pub(super) struct ReadCondition {
    must_match: Option<ETagCondition>,
    none_match: Option<ETagCondition>,
    modified_since: Option<Timestamp>,
    unmodified_since: Option<Timestamp>,
}

impl ReadCondition {
    pub(super) fn check(&self, stored: &Stored) -> S3Result<()> {
        let modified = whole_seconds(stored.modified);
        // An entity tag takes precedence over a date.
        let holds = match (&self.must_match, &self.unmodified_since) {
            (Some(ETagCondition::ETag(wanted)), _) => stored.e_tag.strong_cmp(wanted),
            (None, Some(date)) => modified <= *date,
            _ => true,
        };
        if !holds {
            return Err(failed());
        }
        let unchanged = match (&self.none_match, &self.modified_since) {
            (Some(ETagCondition::ETag(known)), _) => stored.e_tag.weak_cmp(known),
            (Some(ETagCondition::Any), _) => true,
            (None, Some(date)) => modified <= *date,
            (None, None) => false,
        };
        if unchanged {
            return Err(s3_error!(NotModified, "Not Modified"));
        }
        Ok(())
    }
}

impl From<&GetObjectInput> for ReadCondition {
    fn from(input: &GetObjectInput) -> Self {
        Self {
            must_match: input.if_match.clone(),
            none_match: input.if_none_match.clone(),
            modified_since: input.if_modified_since.clone(),
            unmodified_since: input.if_unmodified_since.clone(),
        }
    }
}

impl From<&HeadObjectInput> for ReadCondition {
    fn from(input: &HeadObjectInput) -> Self {
        Self {
            must_match: input.if_match.clone(),
            none_match: input.if_none_match.clone(),
            modified_since: input.if_modified_since.clone(),
            unmodified_since: input.if_unmodified_since.clone(),
        }
    }
}

/// Refuses a copy that would change nothing.
pub(super) fn check_copy(input: &CopyObjectInput) -> S3Result<()> {
    let directive = input.metadata_directive.as_ref();
    let replaces = directive.is_some_and(|it| it.as_str() == MetadataDirective::REPLACE);
    match &input.copy_source {
        CopySource::Bucket { bucket, key, .. }
            if **bucket == *input.bucket && **key == *input.key && !replaces =>
        {
            Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself \
                 without changing the object's metadata, storage class, website redirect location \
                 or encryption attributes."
            ))
        }
        _ => Ok(()),
    }
}

/// HTTP dates have no fractions: what a client echoes must not be earlier than what it was told.
fn whole_seconds(time: SystemTime) -> Timestamp {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()
}

fn failed() -> s3s::S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold"
    )
}
