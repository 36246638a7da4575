//! Objects that come through us.

use bytes::Bytes;
use futures_util::TryStreamExt;
use shared::domain::storage::{ByteRange, CloudStorage, Content, ContentStream, Download};
use shared::domain::{ErrorKind, Result};
use shared::providers::s3::S3Storage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::recorded::{Answer, Recorded};
use crate::{any_port, object, open, s3, upload};

async fn read(drive: &S3Storage, key: &str, range: Option<ByteRange>) -> Result<Content> {
    let request = Download {
        attachment: false,
        range,
        through_us: true,
    };
    drive.download(&object(key), &request).await
}

#[track_caller]
fn streamed(content: Content) -> ContentStream {
    match content {
        Content::Stream(content) => content,
        Content::Redirect(_) | Content::OutOfRange(_) => panic!("it is not streamed"),
    }
}

/// The limit on answers is for those that are read into memory.
#[tokio::test]
async fn an_object_may_be_larger_than_an_answer() {
    let (server, _folder) = s3().await;
    let drive = open(&server.url());
    let body = Bytes::from(vec![7; 9_000_001]);
    let offer = drive
        .upload_url(&object("large"), &upload("video/mp4"))
        .await
        .unwrap();
    let put = reqwest::Client::new()
        .put(offer.signed().unwrap().url)
        .header("content-type", "video/mp4")
        .body(body.clone());
    assert_eq!(put.send().await.unwrap().status(), 200);

    let content = streamed(read(&drive, "large", None).await.unwrap());
    assert_eq!(content.content_type.as_deref(), Some("video/mp4"));
    assert_eq!(content.length, Some(9_000_001));
    let chunks: Vec<Bytes> = content.chunks.try_collect().await.unwrap();
    assert!(chunks.concat() == body);
}

#[tokio::test]
async fn a_range_behind_the_end_tells_where_the_end_is() {
    let server = Recorded::start(|asked| match asked.header("range") {
        "bytes=10-" => Answer::error(
            416,
            "InvalidRange",
            "<RangeRequested>bytes=10-</RangeRequested><ActualObjectSize>10</ActualObjectSize>",
        ),
        "bytes=11-" => Answer::error(416, "InvalidRange", "").with("content-range", "bytes */10"),
        "bytes=12-" => Answer::error(416, "InvalidRange", ""),
        _ => Answer::error(416, "Unasked", ""),
    })
    .await;
    let drive = open(&server.url);
    for (first, size) in [(10, Some(10)), (11, Some(10)), (12, None)] {
        let answer = read(&drive, "a", Some(ByteRange::From(first))).await;
        match answer.unwrap() {
            Content::OutOfRange(told) => assert_eq!(told, size, "{first}"),
            Content::Redirect(_) | Content::Stream(_) => panic!("{first} is behind the end"),
        }
    }
    let unasked = read(&drive, "a", None).await.err().unwrap();
    assert_eq!(unasked.kind(), ErrorKind::Invalid, "{unasked:?}");
}

#[tokio::test]
async fn a_server_without_ranges_answers_the_whole() {
    let server = Recorded::start(|_| Answer::new(200, "0123456789")).await;
    let drive = open(&server.url);
    let content = read(&drive, "a", Some(ByteRange::From(4))).await.unwrap();
    let content = streamed(content);
    assert_eq!((content.length, content.part), (Some(10), None));
}

#[tokio::test]
async fn what_is_cut_is_not_taken_for_the_whole() {
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 16_384];
        let _read = socket.read(&mut head).await.unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234";
        socket.write_all(answer).await.unwrap();
    });
    let content = streamed(read(&open(&url), "a", None).await.unwrap());
    assert_eq!(content.length, Some(10));
    let mut chunks = content.chunks;
    assert_eq!(chunks.try_next().await.unwrap().unwrap(), "01234");
    let error = chunks.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
