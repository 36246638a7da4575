//! Bytes that must come through us, whatever URLs a provider has.

use bytes::Bytes;
use futures_util::TryStreamExt;
use shared::domain::storage::{ByteRange, Content, ContentStream, Download, ObjectAddress};
use shared::domain::{Error, ErrorKind, Result};

use crate::client::{assert_kind, follow_upload, for_upload};
use crate::opened::Opened;
use crate::{Gated, Kept, Outcome};

async fn ask(opened: &Opened, object: &ObjectAddress, range: Option<ByteRange>) -> Result<Content> {
    let request = Download {
        attachment: false,
        range,
        through_us: true,
    };
    opened.drive.download(object, &request).await
}

/// What was announced, and what came.
async fn stream(
    opened: &Opened,
    object: &ObjectAddress,
    range: Option<ByteRange>,
) -> (ContentStream, Vec<u8>) {
    match ask(opened, object, range).await.unwrap() {
        Content::Stream(mut content) => {
            let chunks = std::mem::replace(&mut content.chunks, Box::pin(nothing()));
            let chunks: Vec<Bytes> = chunks.try_collect().await.unwrap();
            (content, chunks.concat())
        }
        Content::Redirect(_) => panic!("{object:?}: a redirect"),
        Content::OutOfRange(_) => panic!("{object:?}: out of range"),
    }
}

fn nothing() -> impl futures_util::Stream<Item = Result<Bytes>> {
    futures_util::stream::empty::<Result<Bytes, Error>>()
}

pub(crate) async fn the_whole_comes_through_us(opened: &Opened) -> Outcome {
    opened.create("deep").await;
    for key in ["digits.txt", "deep/e\u{301} + 100%25 #1.txt"] {
        opened.put(key, b"0123456789").await;
        let (content, bytes) = stream(opened, &opened.object(key), None).await;
        assert_eq!(bytes, b"0123456789");
        assert_eq!((content.length, content.part), (Some(10), None));
        assert_eq!(content.name, opened.entry(key).await.name);
    }
    Kept
}

pub(crate) async fn a_part_comes_through_us(opened: &Opened) -> Outcome {
    opened.put("digits.txt", b"0123456789").await;
    let object = opened.object("digits.txt");
    for (range, part, body) in [
        (ByteRange::From(0), "bytes 0-9/10", "0123456789"),
        (ByteRange::From(8), "bytes 8-9/10", "89"),
        (ByteRange::Between(0, 0), "bytes 0-0/10", "0"),
        (ByteRange::Between(2, 4), "bytes 2-4/10", "234"),
        (ByteRange::Between(7, 99), "bytes 7-9/10", "789"),
        (
            ByteRange::Between(0, 8_388_607),
            "bytes 0-9/10",
            "0123456789",
        ),
        (ByteRange::Last(3), "bytes 7-9/10", "789"),
        (ByteRange::Last(99), "bytes 0-9/10", "0123456789"),
    ] {
        let (content, bytes) = stream(opened, &object, Some(range)).await;
        assert_eq!(bytes, body.as_bytes(), "{range:?}");
        assert_eq!(content.part.as_deref(), Some(part), "{range:?}");
        assert_eq!(content.length, Some(body.len() as u64), "{range:?}");
        assert_eq!(content.name, "digits.txt");
    }
    for range in [ByteRange::From(10), ByteRange::Between(10, 20)] {
        match ask(opened, &object, Some(range)).await.unwrap() {
            Content::OutOfRange(size) => assert!(matches!(size, None | Some(10)), "{size:?}"),
            Content::Redirect(_) | Content::Stream(_) => panic!("{range:?} is behind the end"),
        }
    }
    Kept
}

pub(crate) async fn an_empty_file_comes_through_us(opened: &Opened) -> Outcome {
    opened.put("empty.txt", b"").await;
    let object = opened.object("empty.txt");
    let (content, bytes) = stream(opened, &object, None).await;
    assert_eq!((content.length, content.part), (Some(0), None));
    assert!(bytes.is_empty());
    for range in [
        ByteRange::From(0),
        ByteRange::Between(0, 9),
        ByteRange::Last(1),
    ] {
        let answer = ask(opened, &object, Some(range)).await.unwrap();
        let is_behind = matches!(answer, Content::OutOfRange(None | Some(0)));
        assert!(is_behind, "{range:?}");
    }
    Kept
}

pub(crate) async fn a_megabyte_comes_through_us(opened: &Opened) -> Outcome {
    let body: Vec<u8> = (0..=u8::MAX).cycle().take(1_000_003).collect();
    opened.put("large.bin", &body).await;
    let object = opened.object("large.bin");
    let (content, bytes) = stream(opened, &object, None).await;
    assert_eq!(content.length, Some(1_000_003));
    assert!(bytes == body);
    let range = ByteRange::Between(70_000, 900_000);
    let (content, bytes) = stream(opened, &object, Some(range)).await;
    assert_eq!(content.part.as_deref(), Some("bytes 70000-900000/1000003"));
    assert!(bytes == body[70_000..=900_000]);
    Kept
}

pub(crate) async fn a_file_comes_through_us_by_its_id(opened: &Opened) -> Outcome {
    if !opened.capabilities().ids {
        return Gated;
    }
    opened.put("meant.txt", b"meant").await;
    opened.put("other.txt", b"other").await;
    let file = opened.entry("meant.txt").await;
    for key in ["other.txt", "missing/below"] {
        let object = opened.object_by_id(&file.id, key);
        let (content, bytes) = stream(opened, &object, None).await;
        assert_eq!(bytes, b"meant", "{key:?}");
        assert_eq!(content.name, "meant.txt", "{key:?}");
    }
    Kept
}

/// Nobody else answers for the URL.
pub(crate) async fn what_is_no_file_does_not_come_through_us(opened: &Opened) -> Outcome {
    opened.create("folder").await;
    opened.put("folder/inside.txt", b"x").await;
    for key in [
        "missing.txt",
        "missing/below.txt",
        "folder",
        "folder/",
        "folder/inside.txt/",
    ] {
        for range in [None, Some(ByteRange::From(1))] {
            let answer = ask(opened, &opened.object(key), range).await;
            assert_kind(answer, ErrorKind::NotFound, key);
        }
    }
    Kept
}

pub(crate) async fn a_kept_type_comes_through_us(opened: &Opened) -> Outcome {
    if !opened.capabilities().binds_content_type {
        return Gated;
    }
    let object = opened.object("typed");
    let options = for_upload(1, "image/x-test");
    let offer = opened.drive.upload_url(&object, &options).await.unwrap();
    let content_type = &options.content_type;
    let status = follow_upload(&*opened.drive, &object, &offer, content_type, b"x").await;
    assert!(status.unwrap().is_success());
    let (content, _) = stream(opened, &object, None).await;
    assert_eq!(content.content_type.as_deref(), Some("image/x-test"));
    Kept
}
