//! Bytes come and go.

use super::{
    READ, assert_kind, by_id, download, entry, fetch, list, open, open_with, put_file, put_folder,
    stored, text_plain, upload,
};
use crate::{World, object};
use bytes::Bytes;
use jiff::SignedDuration;
use shared::domain::ErrorKind;
use shared::domain::storage::{
    CloudStorage, ContentType, DownloadOptions, Offer, UploadOptions, UploadTarget,
};
use simulators::drives::tree::ROOT;
use simulators::drives::{Fault, Scope, Vendor};
use std::time::Duration;

#[tokio::test]
async fn a_download_is_a_link_to_a_short_lived_url() {
    let world = World::start().await;
    let drive = open_with(&world, &[READ]);
    put_file(&world, ROOT, "report.txt", "0123456789");
    let address = object("", "report.txt");

    let options = DownloadOptions {
        lifetime: Duration::from_hours(1),
        attachment: false,
    };
    let offer = drive.download_url(&address, &options).await.unwrap();
    let Offer::Link(link) = offer else {
        panic!("Box signs nothing for an hour");
    };
    assert_eq!((link.method, link.headers.len()), ("GET", 0));

    let url = download(&drive, &address).await.unwrap();
    let path = url.strip_prefix(&world.server.url()).unwrap();
    assert!(path.starts_with("/dl.boxcloud.com/d/1/"), "{path}");

    let answer = fetch(&url).await;
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment;filename=\"report.txt\";filename*=UTF-8''report%2Etxt"
    );
    assert_eq!(answer.text().await.unwrap(), "0123456789");

    let part = reqwest::Client::new()
        .get(&url)
        .header("Range", "bytes=2-4");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 2-4/10");
    assert_eq!(part.text().await.unwrap(), "234");
    let behind = reqwest::Client::new()
        .get(&url)
        .header("Range", "bytes=10-");
    let behind = behind.send().await.unwrap();
    assert_eq!(behind.status(), 416);
    assert_eq!(behind.headers()["content-range"], "bytes */10");

    world.advance(SignedDuration::from_mins(15));
    assert!(!fetch(&url).await.status().is_success());
    // The next click gets another one.
    let url = download(&drive, &address).await.unwrap();
    assert_eq!(fetch(&url).await.text().await.unwrap(), "0123456789");
}

#[tokio::test]
async fn a_file_that_is_not_ready_is_unavailable_for_a_while() {
    let world = World::start().await;
    let drive = open(&world);
    put_file(&world, ROOT, "fresh", "x");
    let id = entry(&drive, "", "fresh").await.id;
    let fault = Fault::Status {
        status: 202,
        retry_after: Some(7),
    };
    let switches = world.of(Vendor::Box).switches();
    switches.add(fault, Scope::Api, Some(1));

    let error = download(&drive, &by_id(&id)).await;
    let error = assert_kind(error, ErrorKind::Unavailable);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    download(&drive, &by_id(&id)).await.unwrap();
}

#[tokio::test]
async fn an_upload_goes_through_us() {
    let world = World::start().await;
    let drive = open(&world);
    put_folder(&world, ROOT, "in");
    let address = object("", "in/new.txt");

    let options = UploadOptions {
        lifetime: Duration::from_hours(1),
        content_type: text_plain(),
    };
    let offer = drive.upload_url(&address, &options).await.unwrap();
    let Offer::Link(link) = offer else {
        panic!("Box signs no uploads");
    };
    assert_eq!(link.method, "PUT");
    assert_eq!(
        link.headers,
        [("Content-Type".to_owned(), "text/plain".to_owned())]
    );
    let target = drive.upload_target(&address, &text_plain(), Some(3)).await;
    let UploadTarget::Relay { bytes_max } = target.unwrap() else {
        panic!("Box has no URL for that");
    };
    assert_eq!(Some(bytes_max), drive.capabilities().upload_bytes_max);

    upload(&drive, &address, "new").await.unwrap();
    assert_eq!(stored(&world, "/in/new.txt"), Some(b"new".to_vec()));
    let id = entry(&drive, "in", "new.txt").await.id;

    // Over it: by its key, in other letters, and by its id. It stays the same file.
    upload(&drive, &address, "").await.unwrap();
    assert_eq!(stored(&world, "/in/new.txt"), Some(Vec::new()));
    upload(&drive, &object("", "IN/NEW.TXT"), "third")
        .await
        .unwrap();
    assert_eq!(stored(&world, "/in/new.txt"), Some(b"third".to_vec()));
    upload(&drive, &by_id(&id), "fourth\r\n--").await.unwrap();
    assert_eq!(
        stored(&world, "/in/new.txt"),
        Some(b"fourth\r\n--".to_vec())
    );
    assert_eq!(entry(&drive, "in", "new.txt").await.id, id);
    assert_eq!(list(&drive, "in").await.entries.len(), 1);
}

#[tokio::test]
async fn the_largest_upload_arrives_whole() {
    let world = World::start().await;
    let drive = open(&world);
    let bytes: Vec<u8> = (0..4_500_000_u32)
        .map(|n| n.to_le_bytes()[n as usize % 3])
        .collect();
    let body = Bytes::from(bytes.clone());
    let address = object("", "big.bin");
    drive
        .upload(&address, &ContentType::default(), body)
        .await
        .unwrap();
    let url = download(&drive, &address).await.unwrap();
    assert!(fetch(&url).await.bytes().await.unwrap() == bytes);
}

#[tokio::test]
async fn an_upload_never_takes_the_place_of_a_folder() {
    let world = World::start().await;
    let drive = open(&world);
    let taken = put_folder(&world, ROOT, "taken");
    put_file(&world, taken, "inside", "kept");

    let error = upload(&drive, &object("", "Taken"), "x").await;
    assert_kind(error, ErrorKind::Duplicate);
    let error = upload(&drive, &object("", "taken/"), "x").await;
    assert_kind(error, ErrorKind::NotFound);
    assert_eq!(stored(&world, "/taken/inside"), Some(b"kept".to_vec()));
}
