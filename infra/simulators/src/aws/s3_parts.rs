//! What S3 asks of the parts of an upload, and s3s-fs does not.

use s3s::dto::{CompletedMultipartUpload, ListPartsInput, ListPartsOutput, Part};
use s3s::{S3Result, s3_error};

const NUMBER_MAX: i32 = 10_000;
const PAGE_PARTS_MAX: i32 = 1000;
/// The least size of every part but the last.
const PART_BYTES_MIN: i64 = 5 * 1024 * 1024;

pub(super) fn check_number(number: i32) -> S3Result<()> {
    if (1..=NUMBER_MAX).contains(&number) {
        return Ok(());
    }
    Err(s3_error!(
        InvalidArgument,
        "Part number must be an integer between 1 and 10000, inclusive"
    ))
}

/// Checks the parts that an upload shall be completed with against those that are there.
pub(super) fn check(wanted: Option<&CompletedMultipartUpload>, there: &[Part]) -> S3Result<()> {
    let wanted = wanted.and_then(|wanted| wanted.parts.as_deref());
    let wanted = wanted.filter(|parts| !parts.is_empty()).ok_or_else(|| {
        s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published \
             schema"
        )
    })?;
    if wanted
        .windows(2)
        .any(|pair| pair[0].part_number >= pair[1].part_number)
    {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    for (position, part) in wanted.iter().enumerate() {
        let found = there
            .iter()
            .find(|other| other.part_number == part.part_number && part.part_number.is_some())
            .ok_or_else(|| {
                s3_error!(
                    InvalidPart,
                    "One or more of the specified parts could not be found"
                )
            })?;
        if position + 1 < wanted.len() && found.size < Some(PART_BYTES_MIN) {
            return Err(s3_error!(
                EntityTooSmall,
                "Your proposed upload is smaller than the minimum allowed size"
            ));
        }
    }
    if wanted.last().and_then(|part| part.part_number) != i32::try_from(wanted.len()).ok() {
        return Err(s3_error!(
            NotImplemented,
            "This stand-in completes an upload only with parts numbered from 1 without a gap"
        ));
    }
    Ok(())
}

/// The page that was asked for of all parts, which s3s-fs lists in any order.
pub(super) fn page(all: ListPartsOutput, asked: ListPartsInput) -> ListPartsOutput {
    let marker = asked.part_number_marker.unwrap_or_default();
    let limit = asked.max_parts.unwrap_or(PAGE_PARTS_MAX);
    let limit = limit.clamp(0, PAGE_PARTS_MAX);
    let mut parts = all.parts.unwrap_or_default();
    parts.retain(|part| part.part_number > Some(marker));
    parts.sort_by_key(|part| part.part_number);
    let kept = usize::try_from(limit).unwrap_or_default();
    let is_truncated = parts.len() > kept;
    parts.truncate(kept);
    ListPartsOutput {
        key: Some(asked.key),
        max_parts: Some(limit),
        part_number_marker: Some(marker),
        is_truncated: Some(is_truncated),
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        parts: Some(parts),
        ..all
    }
}
