//! What the elements of a page of ours show of a file.

use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use simulators::drives::Vendor;
use simulators::drives::tree::ROOT;
use testkit::{BUCKET, PUBLIC_URL, Response, TestApp, User};

use crate::{link_into, put_file, send, url_for};

const SANDBOX: &str = "default-src 'none'; sandbox";
const VIEWER: &str =
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";
const TEXT: &str = "text/plain; charset=utf-8";
const MIB: usize = 1024 * 1024;

async fn preview(app: &TestApp, url: &str, range: Option<&str>) -> Response {
    let headers: Vec<_> = range.iter().map(|range| ("range", *range)).collect();
    let url = format!("{url}?preview=1");
    send(app, Method::GET, &url, &headers, Vec::new()).await
}

async fn link_to(jane: &User<'_>, id: &str, key: &str) -> String {
    let day = json!({"key": key, "expireHours": 24});
    url_for(jane, "generate_download_url", id, day).await.0
}

/// A name, what the provider says of it, and what browsers are told.
const FILES: &[(&str, &str, Option<&str>)] = &[
    ("a.png", "image/png", Some("image/png")),
    ("a.PNG", "application/octet-stream", Some("image/png")),
    ("a.jpg", "text/html", Some("image/jpeg")),
    ("a.jpeg", "image/svg+xml", Some("image/jpeg")),
    ("a.gif", "image/gif", Some("image/gif")),
    ("a.webp", "image/webp", Some("image/webp")),
    ("a.avif", "image/avif", Some("image/avif")),
    ("a.bmp", "image/bmp", Some("image/bmp")),
    ("a.ico", "image/x-icon", Some("image/vnd.microsoft.icon")),
    ("a.mp4", "video/mp4", Some("video/mp4")),
    ("a.m4v", "video/x-m4v", Some("video/mp4")),
    ("a.webm", "video/webm", Some("video/webm")),
    ("a.mov", "video/quicktime", Some("video/quicktime")),
    ("a.ogv", "video/ogg", Some("video/ogg")),
    ("a.mp3", "audio/mpeg", Some("audio/mpeg")),
    ("a.m4a", "audio/mp4", Some("audio/mp4")),
    ("a.aac", "audio/aac", Some("audio/aac")),
    ("a.wav", "audio/x-wav", Some("audio/wav")),
    ("a.ogg", "audio/ogg", Some("audio/ogg")),
    ("a.oga", "audio/ogg", Some("audio/ogg")),
    ("a.opus", "audio/ogg", Some("audio/ogg")),
    ("a.flac", "audio/flac", Some("audio/flac")),
    ("a.pdf", "text/html", Some("application/pdf")),
    ("a.txt", "text/html; charset=utf-7", Some(TEXT)),
    ("a.md", "text/markdown", Some(TEXT)),
    ("a.csv", "text/csv", Some(TEXT)),
    ("a.json", "application/json", Some(TEXT)),
    ("a.yml", "application/yaml", Some(TEXT)),
    ("photo", "image/png", Some("image/png")),
    ("photo.v2", "image/jpeg; a=b", Some("image/jpeg")),
    ("notes", "text/plain; charset=iso-8859-1", Some(TEXT)),
    ("x.svg", "image/png", None),
    ("y.svg", "image/svg+xml", None),
    ("x.html", "image/png", None),
    ("x.htm", "text/plain", None),
    ("x.xhtml", "text/plain", None),
    ("x.xml", "text/plain", None),
    ("x.js", "text/plain", None),
    ("x.mjs", "text/plain", None),
    ("x.css", "text/plain", None),
    ("x.swf", "video/mp4", None),
    ("x.exe", "image/png", None),
    ("x.png.html", "image/png", None),
    ("drawing", "image/svg+xml", None),
    ("page", "text/html", None),
    ("page.v2", "application/xhtml+xml", None),
    ("letter.docx", "application/msword", None),
    ("all.zip", "application/zip", None),
    ("bytes", "application/octet-stream", None),
];

/// The table's own type is told, and no browser guesses another, whatever is in the file.
#[tokio::test]
async fn the_name_decides_what_is_shown_and_as_what() {
    const HOSTILE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>\
                           <script>alert(2)</script>";
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::GoogleDrive).await;
    for (name, told, expected) in FILES {
        put_file(&app, Vendor::GoogleDrive, name, HOSTILE, told);
        let url = link_to(&jane, &id, name).await;
        let answer = preview(&app, &url, None).await;
        let Some(media_type) = expected else {
            answer.expect_problem(404, "NOT_FOUND");
            assert!(!answer.text().contains("script"), "{name}");
            continue;
        };
        assert_eq!((answer.status, answer.text()), (200, HOSTILE), "{name}");
        let policy = if *media_type == "application/pdf" {
            VIEWER
        } else {
            SANDBOX
        };
        for (header, value) in [
            ("content-type", *media_type),
            ("content-disposition", "inline"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", policy),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("accept-ranges", "bytes"),
            ("content-length", &HOSTILE.len().to_string()),
        ] {
            assert_eq!(answer.header(header), value, "{name}: {header}");
        }
    }
}

/// A page of ours asks no other host, whoever keeps the file.
#[tokio::test]
async fn every_providers_bytes_come_from_here() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in Vendor::ALL {
        let id = jane.connect_drive(vendor).await;
        put_file(&app, vendor, "a b.png", "0123456789", "image/png");
        let url = link_to(&jane, &id, "a b.png").await;
        shows_ten_digits(&app, &url).await;
    }
    let url = link_into_s3(&app, &jane, "a b.png", b"0123456789").await;
    shows_ten_digits(&app, &url).await;
}

async fn shows_ten_digits(app: &TestApp, url: &str) {
    let whole = preview(app, url, None).await;
    assert_eq!((whole.status, whole.text()), (200, "0123456789"), "{url}");
    assert_eq!(whole.header("content-type"), "image/png");
    assert_eq!(whole.header("content-length"), "10");
    assert!(!format!("{:?}", whole.headers).contains("canary"));
    let part = preview(app, url, Some("bytes=-3")).await;
    assert_eq!((part.status, part.text()), (206, "789"));
    assert_eq!(part.header("content-range"), "bytes 7-9/10");
    let beyond = preview(app, url, Some("bytes=10-")).await;
    assert_eq!((beyond.status, beyond.text()), (416, ""));
}

/// A link to an object that is there.
async fn link_into_s3(app: &TestApp, jane: &User<'_>, key: &str, body: &[u8]) -> String {
    let account = jane.connect_s3().await;
    let (signed, _) = url_for(
        jane,
        "generate_upload_url",
        &account,
        json!({"key": key, "contentType": "image/png", "storageName": BUCKET}),
    )
    .await;
    let put = reqwest::Client::new()
        .put(signed)
        .header("content-type", "image/png")
        .body(body.to_vec());
    assert_eq!(put.send().await.unwrap().status(), 200);
    link_into(app, &account, key).await
}

/// A film of 20 MiB, in which no MiB is like another.
async fn film(app: &TestApp, jane: &User<'_>) -> (String, Vec<u8>) {
    let bytes: Vec<u8> = (0..20 * MIB)
        .map(|at| u8::try_from((at + at / MIB) % 251).unwrap())
        .collect();
    let id = jane.connect_drive(Vendor::Box).await;
    let now = app.clock.now();
    app.drives
        .of(Vendor::Box)
        .tree()
        .add_file(ROOT, "film.mp4", bytes.clone(), "video/mp4", now);
    (link_to(jane, &id, "film.mp4").await, bytes)
}

#[tokio::test]
async fn a_film_comes_in_parts_of_eight_mebibytes() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (url, bytes) = film(&app, &jane).await;
    let size = bytes.len();
    for (range, first, last) in [
        ("bytes=0-", 0, 8 * MIB - 1),
        ("bytes=0-1", 0, 1),
        ("bytes=8388608-", 8 * MIB, 16 * MIB - 1),
        ("bytes=16777216-", 16 * MIB, size - 1),
        ("bytes=100-20971519", 100, 8 * MIB + 99),
        ("bytes=100-8388707", 100, 8 * MIB + 99),
        ("bytes=20971519-99999999999999", size - 1, size - 1),
        ("bytes=-100", size - 100, size - 1),
        ("bytes=-8388608", size - 8 * MIB, size - 1),
        ("bytes=-8388609", size - 8 * MIB - 1, size - 2),
        ("bytes=-99999999999", 0, 8 * MIB - 1),
    ] {
        let answer = preview(&app, &url, Some(range)).await;
        assert_eq!(answer.status, 206, "{range}");
        let part = format!("bytes {first}-{last}/{size}");
        assert_eq!(answer.header("content-range"), part, "{range}");
        let length = (last - first + 1).to_string();
        assert_eq!(answer.header("content-length"), length, "{range}");
        assert_eq!(answer.header("content-type"), "video/mp4", "{range}");
        assert!(answer.body == bytes[first..=last], "{range}");
    }
    for range in ["bytes=20971520-", "bytes=18446744073709551615-"] {
        let beyond = preview(&app, &url, Some(range)).await;
        assert_eq!(beyond.status, 416, "{range}");
        assert_eq!(beyond.header("content-range"), "bytes */20971520");
    }
    // Whoever asks for no part can take the whole.
    for range in [None, Some("bytes=0-1,3-4"), Some("bytes=a-")] {
        let whole = preview(&app, &url, range).await;
        assert_eq!(whole.status, 200, "{range:?}");
        assert!(whole.body == bytes, "{range:?}");
    }
}

#[tokio::test]
async fn a_head_is_answered_as_the_bytes_would_be_without_them() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let (url, _) = film(&app, &jane).await;
    let url = format!("{url}?preview=1");
    let whole = send(&app, Method::HEAD, &url, &[], Vec::new()).await;
    assert_eq!((whole.status, whole.text()), (200, ""));
    assert_eq!(whole.header("content-length"), "20971520");
    assert_eq!(whole.header("content-type"), "video/mp4");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let range = [("range", "bytes=0-")];
    let part = send(&app, Method::HEAD, &url, &range, Vec::new()).await;
    assert_eq!((part.status, part.text()), (206, ""));
    assert_eq!(part.header("content-range"), "bytes 0-8388607/20971520");
}

#[tokio::test]
async fn an_empty_file_is_shown() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in Vendor::ALL {
        let id = jane.connect_drive(vendor).await;
        put_file(&app, vendor, "empty.txt", "", "text/plain");
        let url = link_to(&jane, &id, "empty.txt").await;
        let whole = preview(&app, &url, None).await;
        assert_eq!((whole.status, whole.text()), (200, ""), "{vendor:?}");
        assert_eq!(whole.header("content-length"), "0", "{vendor:?}");
        for range in ["bytes=0-", "bytes=-1", "bytes=-9999999999"] {
            let answer = preview(&app, &url, Some(range)).await;
            assert_eq!(answer.status, 416, "{vendor:?} {range}");
        }
    }
}

#[tokio::test]
async fn only_a_good_link_to_a_file_shows_anything() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::OneDrive).await;
    let url = link_to(&jane, &id, "a.png").await;
    let missing = preview(&app, &url, None).await;
    missing.expect_problem(404, "NOT_FOUND");

    put_file(&app, Vendor::OneDrive, "a.png", "bytes", "image/png");
    for query in ["?preview=0", "?preview", "?preview=1x", "?Preview=1"] {
        let answer = app.get_link(&format!("{url}{query}")).await;
        assert_eq!(answer.status, 302, "{query}");
    }
    let both = app.get_link(&format!("{url}?preview=1&download=1")).await;
    assert_eq!((both.status, both.text()), (200, "bytes"));
    assert_eq!(both.header("content-disposition"), "inline");
    let forced = json!({"key": "a.png", "forceToDownload": true});
    let (forced, _) = url_for(&jane, "generate_download_url", &id, forced).await;
    let answer = preview(&app, &forced, None).await;
    assert_eq!((answer.status, answer.text()), (200, "bytes"));
    assert_eq!(answer.header("content-disposition"), "inline");

    let upload = json!({"key": "a.png", "contentType": "image/png"});
    let (upload, _) = url_for(&jane, "generate_upload_url", &id, upload).await;
    let answer = preview(&app, &upload, None).await;
    answer.expect_problem(404, "NOT_FOUND");
    let unknown = format!("{PUBLIC_URL}/v/{}/content", "A".repeat(43));
    let answer = preview(&app, &unknown, None).await;
    answer.expect_problem(404, "NOT_FOUND");
    app.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(preview(&app, &url, None).await.status, 410);
}
