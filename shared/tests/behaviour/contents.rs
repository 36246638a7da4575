//! Bytes, up and down.

use reqwest::StatusCode;
use shared::domain::ErrorKind;
use shared::domain::storage::{ByteRange, ContentType, Download, Folders, Offer, UploadTarget};

use crate::client::{follow_upload, for_download, for_upload};
use crate::opened::Opened;
use crate::{Gated, Kept, Outcome};

/// Every byte, and so much of it that nothing fits by chance.
fn bytes(count: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(count).collect()
}

async fn round_trip(opened: &Opened, key: &str, body: &[u8]) {
    opened.put(key, body).await;
    assert_eq!(opened.entry(key).await.size, body.len() as u64);
    assert!(opened.get(key).await == body, "{key:?} by a link of ours");
    for hours in [1, 168] {
        let options = for_download(hours, false);
        let arrived = opened.get_by_url(&opened.object(key), &options).await;
        let arrived = arrived.unwrap();
        assert_eq!(arrived.status, StatusCode::OK, "{key:?} for {hours} hours");
        assert!(arrived.body == body, "{key:?} for {hours} hours");
    }
}

pub(crate) async fn a_file_is_read_back_byte_for_byte(opened: &Opened) -> Outcome {
    round_trip(opened, "bytes.bin", &bytes(1_000)).await;
    opened.create("deep").await;
    opened.create("deep/er").await;
    round_trip(opened, "deep/er/bytes.bin", &bytes(777)).await;
    Kept
}

pub(crate) async fn a_file_may_be_empty(opened: &Opened) -> Outcome {
    round_trip(opened, "empty.bin", b"").await;
    Kept
}

pub(crate) async fn a_megabyte_goes_through(opened: &Opened) -> Outcome {
    round_trip(opened, "large.bin", &bytes(1_000_003)).await;
    Kept
}

pub(crate) async fn a_file_is_overwritten(opened: &Opened) -> Outcome {
    for body in [&b"first"[..], b"second, and longer", b"3", b""] {
        round_trip(opened, "a.txt", body).await;
        assert_eq!(opened.paths("").await, ["a.txt"]);
    }
    Kept
}

pub(crate) async fn a_part_is_read(opened: &Opened) -> Outcome {
    opened.put("digits.txt", b"0123456789").await;
    let object = opened.object("digits.txt");
    for attachment in [false, true] {
        for (range, part, body) in [
            (ByteRange::From(8), "bytes 8-9/10", "89"),
            (ByteRange::Between(0, 0), "bytes 0-0/10", "0"),
            (ByteRange::Between(2, 4), "bytes 2-4/10", "234"),
            (ByteRange::Between(7, 99), "bytes 7-9/10", "789"),
            (ByteRange::Last(3), "bytes 7-9/10", "789"),
        ] {
            let request = Download {
                attachment,
                range: Some(range),
                through_us: false,
            };
            let arrived = opened.click(&object, &request).await.unwrap();
            assert_eq!(arrived.status, StatusCode::PARTIAL_CONTENT, "{range:?}");
            assert_eq!(arrived.part, part, "{range:?}");
            assert_eq!(arrived.body, body.as_bytes(), "{range:?}");
        }
        let request = Download {
            attachment,
            range: Some(ByteRange::From(10)),
            through_us: false,
        };
        let arrived = opened.click(&object, &request).await.unwrap();
        assert_eq!(arrived.status, StatusCode::RANGE_NOT_SATISFIABLE);
    }
    Kept
}

/// A URL is made, not tried: it may be the URL that answers.
pub(crate) async fn a_missing_file_cannot_be_read(opened: &Opened) -> Outcome {
    for key in ["missing.txt", "missing/below.txt"] {
        let object = opened.object(key);
        let by_url = opened.get_by_url(&object, &for_download(1, false)).await;
        let by_long_url = opened.get_by_url(&object, &for_download(168, false)).await;
        let clicked = opened.click(&object, &Download::default()).await;
        let request = Download {
            attachment: true,
            range: Some(ByteRange::From(1)),
            through_us: false,
        };
        let saved = opened.click(&object, &request).await;
        for arrived in [by_url, by_long_url, clicked, saved] {
            match arrived {
                Ok(arrived) => assert_eq!(arrived.status, StatusCode::NOT_FOUND, "{key:?}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{key:?}: {error:?}"),
            }
        }
    }
    Kept
}

/// Where folders are prefixes, the marker that makes one is an object like all others.
pub(crate) async fn a_folder_cannot_be_read(opened: &Opened) -> Outcome {
    if opened.capabilities().folders == Folders::Prefixes {
        return Gated;
    }
    opened.create("folder").await;
    for key in ["folder", "folder/"] {
        for attachment in [false, true] {
            let request = Download {
                attachment,
                range: None,
                through_us: false,
            };
            let error = opened.click(&opened.object(key), &request).await.err();
            let kind = error.map(|error| error.kind());
            assert_eq!(kind, Some(ErrorKind::NotFound), "{key:?}");
        }
    }
    Kept
}

pub(crate) async fn a_file_to_save_has_its_name(opened: &Opened) -> Outcome {
    for name in [
        "plain.txt",
        "Gr\u{fc}\u{df}e + 100%; 'a', b.txt",
        "\u{1f600}.pdf",
    ] {
        opened.put(name, b"text").await;
        let object = opened.object(name);
        let request = Download {
            attachment: true,
            range: None,
            through_us: false,
        };
        let clicked = opened.click(&object, &request).await.unwrap();
        let by_url = opened.get_by_url(&object, &for_download(1, true)).await;
        for arrived in [clicked, by_url.unwrap()] {
            assert_eq!(arrived.saved_as().as_deref(), Some(name), "{arrived:?}");
            assert_eq!(arrived.body, b"text");
        }
    }
    Kept
}

/// The provider refuses another type than was asked for, or stores the one that was asked for.
pub(crate) async fn a_content_type_is_kept(opened: &Opened) -> Outcome {
    if !opened.capabilities().binds_content_type {
        return Gated;
    }
    let object = opened.object("typed");
    let options = for_upload(1, "image/x-test");
    let mut offer = opened.drive.upload_url(&object, &options).await.unwrap();
    let headers = match &mut offer {
        Offer::Signed(signed) => &mut signed.headers,
        Offer::Link(link) => &mut link.headers,
    };
    for (name, value) in headers {
        if name == "Content-Type" {
            "text/html".clone_into(value);
        }
    }
    let content_type = &options.content_type;
    let status = follow_upload(&*opened.drive, &object, &offer, content_type, b"x").await;
    let status = status.unwrap();
    if status.is_success() {
        let options = for_download(1, false);
        let arrived = opened.get_by_url(&object, &options).await.unwrap();
        assert_eq!(arrived.content_type, "image/x-test");
    } else {
        assert!(opened.list("").await.is_empty(), "{status}");
    }
    Kept
}

pub(crate) async fn no_upload_is_larger_than_declared(opened: &Opened) -> Outcome {
    let Some(bytes_max) = opened.capabilities().upload_bytes_max else {
        return Gated;
    };
    let object = opened.object("huge.bin");
    let content_type = ContentType::default();
    let target = |size| {
        opened
            .drive
            .upload_target(&object, &content_type, Some(size))
    };
    assert!(target(bytes_max).await.is_ok());
    match target(bytes_max + 1).await {
        Ok(UploadTarget::Relay { bytes_max: relayed }) => {
            assert_eq!(relayed, bytes_max);
            let options = for_upload(1, "text/plain");
            let offer = opened.drive.upload_url(&object, &options).await.unwrap();
            let body = vec![0; usize::try_from(bytes_max).unwrap()];
            let content_type = &options.content_type;
            let stored = follow_upload(&*opened.drive, &object, &offer, content_type, &body).await;
            assert!(stored.unwrap().is_success(), "all that is declared fits");
        }
        Ok(UploadTarget::Redirect(_)) => panic!("the provider will not take it"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}"),
    }
    Kept
}
