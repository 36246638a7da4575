//! Files that are too large for one answer of ours.

use std::io;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response as Answer};
use futures_util::stream;
use http::{Method, Uri};
use serde_json::json;
use shared::domain::storage::STREAM_BYTES_MAX;
use simulators::drives::Vendor;
use simulators::drives::tree::ROOT;
use testkit::{PUBLIC_URL, Response, TestApp, User};
use tokio::net::TcpListener;

use crate::{link_into, send, url_for};

const MIB: usize = 1024 * 1024;

/// A file of so many zeros. They are only announced and pointed at: memory that nobody writes takes no
/// room.
fn put_zeros(app: &TestApp, vendor: Vendor, name: &str, size: u64) {
    let zeros = vec![0; usize::try_from(size).unwrap()];
    let now = app.clock.now();
    let drive = app.drives.of(vendor);
    drive.tree().add_file(ROOT, name, zeros, "video/mp4", now);
}

async fn link_to(jane: &User<'_>, id: &str, key: &str) -> String {
    let day = json!({"key": key, "expireHours": 24});
    url_for(jane, "generate_download_url", id, day).await.0
}

/// What would be answered, without the bytes.
async fn head(app: &TestApp, url: &str, range: Option<&str>) -> Response {
    let headers: Vec<_> = range.iter().map(|range| ("range", *range)).collect();
    send(app, Method::HEAD, url, &headers, Vec::new()).await
}

/// Ranges of a file that is one byte larger than an answer, and the part that each is answered with.
const RANGES: [(&str, &str); 6] = [
    ("bytes=0-", "bytes 0-199999999/200000001"),
    ("bytes=0-200000000", "bytes 0-199999999/200000001"),
    ("bytes=1-", "bytes 1-200000000/200000001"),
    ("bytes=200000000-", "bytes 200000000-200000000/200000001"),
    ("bytes=-200000000", "bytes 1-200000000/200000001"),
    ("bytes=-200000001", "bytes 0-199999999/200000001"),
];

#[tokio::test]
async fn a_drive_that_only_streams_has_large_files_in_parts() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::GoogleDrive).await;
    put_zeros(&app, Vendor::GoogleDrive, "fits.mp4", STREAM_BYTES_MAX);
    let fits = head(&app, &link_to(&jane, &id, "fits.mp4").await, None).await;
    assert_eq!(fits.status, 200);
    assert_eq!(fits.header("content-length"), "200000000");

    put_zeros(&app, Vendor::GoogleDrive, "film.mp4", STREAM_BYTES_MAX + 1);
    let url = link_to(&jane, &id, "film.mp4").await;
    for query in ["", "?download=1", "?preview=1"] {
        let whole = app.get_link(&format!("{url}{query}")).await;
        whole.expect_problem(413, "DEFAULT");
    }
    for (range, part) in RANGES {
        let answer = head(&app, &url, Some(range)).await;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.header("content-range"), part, "{range}");
    }
    let beyond = head(&app, &url, Some("bytes=200000001-")).await;
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), "bytes */200000001");
    let part = head(&app, &format!("{url}?preview=1"), Some("bytes=0-")).await;
    assert_eq!(
        part.header("content-range"),
        "bytes 0-8388607/200000001",
        "a preview's parts stay as small as they are"
    );
}

/// Dropbox shows it as it likes, but the file is there.
#[tokio::test]
async fn dropbox_s_own_link_saves_what_is_too_large_for_us() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Dropbox).await;
    put_zeros(&app, Vendor::Dropbox, "fits.mp4", STREAM_BYTES_MAX);
    let url = link_to(&jane, &id, "fits.mp4").await;
    let fits = head(&app, &format!("{url}?download=1"), None).await;
    assert_eq!(fits.status, 200);
    assert_eq!(fits.header("content-length"), "200000000");

    put_zeros(&app, Vendor::Dropbox, "film.mp4", STREAM_BYTES_MAX + 1);
    let url = link_to(&jane, &id, "film.mp4").await;
    let forced = format!("{url}?download=1");
    let answer = app.get_link(&forced).await;
    assert_eq!((answer.status, answer.text()), (302, ""));
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let location = answer.header("location");
    assert!(!location.starts_with(PUBLIC_URL), "{location}");
    let end = reqwest::Client::new().get(location);
    let end = end.header("range", "bytes=-3").send().await.unwrap();
    assert_eq!(end.status(), 206);
    assert_eq!(end.bytes().await.unwrap(), [0, 0, 0].as_slice());

    // Whoever asks for a part is given one.
    let part = head(&app, &forced, Some("bytes=0-")).await;
    assert_eq!(part.status, 206);
    assert_eq!(part.header("content-range"), "bytes 0-199999999/200000001");
    // No page of ours leads anywhere else.
    let preview = app.get_link(&format!("{url}?preview=1")).await;
    preview.expect_problem(413, "DEFAULT");
}

/// A storage server that has no bucket, and objects without an end.
async fn endless() -> String {
    async fn answer(uri: Uri) -> Answer {
        static CHUNK: [u8; MIB] = [0; MIB];
        if uri.path() == "/" {
            return "<ListAllMyBucketsResult></ListAllMyBucketsResult>".into_response();
        }
        let chunks = stream::repeat_with(|| io::Result::Ok(Bytes::from_static(&CHUNK)));
        Body::from_stream(chunks).into_response()
    }
    serve(Router::new().fallback(answer)).await
}

/// The URL at which `router` is served until the test ends.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

#[tokio::test]
async fn a_body_without_a_length_ends_where_an_answer_does() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mut connection = jane.s3_connection();
    connection["serviceUrl"] = json!(endless().await);
    let account = jane.post("/api/v1/desktop/insert", connection).await.json();
    let link = link_into(&app, account["id"].as_str().unwrap(), "film.mp4").await;
    let path = link.strip_prefix(PUBLIC_URL).unwrap();
    let ours = serve(shared::web::serve(links::routes(), app.app.clone())).await;

    let mut answer = reqwest::get(format!("{ours}{path}?preview=1"))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.content_length(), None);
    let mut came = 0;
    let end = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => came += chunk.len() as u64,
            end => break end,
        }
        assert!(came <= STREAM_BYTES_MAX, "{came} bytes");
    };
    assert!(end.is_err(), "nobody takes it for a whole: {came} bytes");
}

/// Nobody is sent a page whose button cannot work.
#[tokio::test]
async fn what_cannot_be_downloaded_at_once_is_not_sent() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for (vendor, size, outcome) in [
        (Vendor::GoogleDrive, STREAM_BYTES_MAX, "200"),
        (
            Vendor::GoogleDrive,
            STREAM_BYTES_MAX + 1,
            "499 DEFAULT key: must be a file of at most 200,000,000 bytes: this provider has no URL for larger ones",
        ),
        (Vendor::OneDrive, STREAM_BYTES_MAX + 1, "200"),
    ] {
        let id = jane.connect_drive(vendor).await;
        let name = format!("{size}.mp4");
        put_zeros(&app, vendor, &name, size);
        let body = json!({"email": "bob@example.com", "storageName": "", "key": name});
        let answer = jane.storage("send_download_url", &id, body).await;
        assert_eq!(answer.outcome(), outcome, "{vendor:?}");
    }
    assert_eq!(app.mailbox.messages_to("bob@example.com").len(), 2);
}
