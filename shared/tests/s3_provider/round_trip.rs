//! Signed URLs used as a client uses them, and the bytes and names that come back.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use reqwest::{Client, StatusCode};
use shared::domain::storage::{CloudStorage, DownloadOptions, EntryKind, FolderName};
use shared::domain::{Clock, ErrorKind};
use shared::net::Egress;
use shared::providers::s3::{Connection, Flavour, RegionCache, S3Storage};

use crate::{
    Setup, clock_off_by, download, first_page, object, object_in, open, policy, put, s3, upload,
};

/// Names that some part of the way would like to change.
const NAMES: &[&str] = &[
    "plain.txt",
    "with space.txt",
    "plus+plus.txt",
    "50% of 100%25.txt",
    "hash#question?and&equals=.txt",
    "quotes\"'and`ticks.txt",
    "semi;colon:comma,at@dollar$.txt",
    "brackets[]{}()<>|^~.txt",
    "back\\slash.txt",
    "émoji 📷👩‍👩‍👧.jpg",
    "e\u{301} combining, not é",
    "שלום عليكم.txt",
    "日本語.txt",
    "-_.!*",
];

async fn send(url: &str, content_type: &str, body: &[u8]) -> StatusCode {
    let request = Client::new()
        .put(url)
        .header("content-type", content_type)
        .body(body.to_owned());
    request.send().await.unwrap().status()
}

async fn get(url: &str) -> (StatusCode, Vec<u8>) {
    let answer = Client::new().get(url).send().await.unwrap();
    (answer.status(), answer.bytes().await.unwrap().to_vec())
}

/// Up by one URL, seen in the listing, down by two others, deleted, gone.
async fn round_trip(drive: &S3Storage, key: &str) {
    let body: Vec<u8> = (0..=255).cycle().take(1_000 + key.len()).collect();
    let up = drive
        .upload_url(&object(key), &upload("image/x-test"))
        .await
        .unwrap()
        .signed()
        .unwrap();
    assert_eq!(
        (up.method, &up.headers[..]),
        ("PUT", &[("Content-Type".into(), "image/x-test".into())][..])
    );
    assert_eq!(
        send(&up.url, "image/x-test", &body).await,
        StatusCode::OK,
        "{key}"
    );

    let (parent, name) = key.rsplit_once('/').unwrap();
    let page = drive
        .list_objects(&first_page(&format!("{parent}/")))
        .await
        .unwrap();
    let entry = page
        .entries
        .iter()
        .find(|entry| entry.path == key)
        .unwrap_or_else(|| panic!("{key}: {page:?}"));
    assert_eq!(
        (entry.name.as_str(), entry.size, entry.kind),
        (name, body.len() as u64, EntryKind::File)
    );
    assert!(entry.modified.is_some());

    let address = object(&entry.path);
    let plain = drive
        .download_url(&address, &download(false))
        .await
        .unwrap()
        .signed()
        .unwrap()
        .url;
    assert_eq!(get(&plain).await, (StatusCode::OK, body.clone()), "{key}");
    let saved = drive
        .download_url(&address, &download(true))
        .await
        .unwrap()
        .signed()
        .unwrap()
        .url;
    assert_eq!(get(&saved).await, (StatusCode::OK, body), "{key}");

    drive.delete_object(&address).await.unwrap();
    assert_eq!(get(&plain).await.0, StatusCode::NOT_FOUND, "{key}");
    drive.delete_object(&address).await.unwrap();
}

#[tokio::test]
async fn names_and_bytes_survive_the_way() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    for name in NAMES {
        round_trip(&drive, &format!("folder of {name}/{name}")).await;
    }
    for key in [
        "a/tab\tline\nend\u{1}.txt",
        "a/ space at both ends ",
        "a///empty//components",
        "a/€\u{fffd}\u{85}",
    ] {
        round_trip(&drive, key).await;
    }
}

#[tokio::test]
async fn a_key_may_have_1024_bytes() {
    let (server, _root) = s3().await;
    let components = ["x", "é", "日", "📷"].map(|c| c.repeat(255 / c.len()));
    let key = components.join("/");
    let key = format!("{key}{}", "y".repeat(1_024 - key.len()));
    round_trip(&open(&server.url()), &key).await;
    let one_component = format!("a/{}.jpeg", "日".repeat(339));
    assert_eq!(one_component.len(), 1_024);
    round_trip(&open(&server.url()), &one_component).await;
}

#[tokio::test]
async fn an_attachment_is_named() {
    let (server, _root) = s3().await;
    let address = object("2026/Prüfung \"1\".pdf");
    let down = open(&server.url())
        .download_url(&address, &download(true))
        .await
        .unwrap()
        .signed()
        .unwrap();
    let query = down.url.split_once('?').unwrap().1;
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("response-content-disposition="))
        .unwrap();
    assert_eq!(
        percent_decode_str(value).decode_utf8().unwrap(),
        "attachment; filename=\"Pr_fung _1_.pdf\"; filename*=UTF-8''Pr%C3%BCfung%20%221%22.pdf"
    );
}

#[tokio::test]
async fn an_upload_url_binds_content_type_and_key() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    let up = drive
        .upload_url(&object("a/b.txt"), &upload("text/plain"))
        .await
        .unwrap()
        .signed()
        .unwrap();

    assert_eq!(
        send(&up.url, "text/html", b"x").await,
        StatusCode::FORBIDDEN
    );
    let elsewhere = up.url.replace("/a/b.txt", "/a/c.txt");
    assert_ne!(elsewhere, up.url);
    assert_eq!(
        send(&elsewhere, "text/plain", b"x").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(get(&up.url).await.0, StatusCode::FORBIDDEN);
    assert_eq!(send(&up.url, "text/plain", b"x").await, StatusCode::OK);
}

#[tokio::test]
async fn a_download_url_binds_key_and_disposition() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    put(&drive, ["mine", "other"]).await;
    let down = drive
        .download_url(&object("mine"), &download(true))
        .await
        .unwrap()
        .signed()
        .unwrap();
    assert_eq!(get(&down.url).await.0, StatusCode::OK);
    assert_eq!(
        get(&down.url.replace("/mine?", "/other?")).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        get(&down.url.replace("attachment", "inline")).await.0,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_url_ends_when_it_says() {
    let (server, _root) = s3().await;
    let up = open(&server.url())
        .upload_url(&object("a.txt"), &upload("text/plain"))
        .await
        .unwrap()
        .signed()
        .unwrap();
    assert_eq!(send(&up.url, "text/plain", b"x").await, StatusCode::OK);
    let hour = SignedDuration::from_hours(1);
    let until_end = up.expires.duration_since(Timestamp::now());
    assert!(
        (hour - SignedDuration::from_secs(5)..=hour).contains(&until_end),
        "{until_end}"
    );

    for (age_s, status) in [(3_590, StatusCode::OK), (3_605, StatusCode::FORBIDDEN)] {
        let setup = Setup {
            clock: clock_off_by(SignedDuration::from_secs(-age_s)),
            ..Setup::default()
        };
        let drive = setup.open(&server.url());
        let down = drive
            .download_url(&object("a.txt"), &download(false))
            .await
            .unwrap()
            .signed()
            .unwrap();
        assert_eq!(get(&down.url).await.0, status, "{age_s} s old");
        let up = drive
            .upload_url(&object("b.txt"), &upload("text/plain"))
            .await
            .unwrap()
            .signed()
            .unwrap();
        assert_eq!(
            send(&up.url, "text/plain", b"x").await,
            status,
            "{age_s} s old"
        );
    }
}

#[tokio::test]
async fn a_url_may_live_for_a_week() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    put(&drive, ["a"]).await;
    let lifetime = Duration::from_hours(168);
    let options = DownloadOptions {
        lifetime,
        attachment: false,
    };
    let down = drive
        .download_url(&object("a"), &options)
        .await
        .unwrap()
        .signed()
        .unwrap();
    assert!(down.url.contains("X-Amz-Expires=604800"), "{}", down.url);
    assert_eq!(get(&down.url).await.0, StatusCode::OK);
}

#[tokio::test]
async fn credentials_are_told_apart() {
    let (server, _root) = s3().await;
    open(&server.url()).check_credentials().await.unwrap();

    let wrong = Setup {
        secret_key: "another secret",
        ..Setup::default()
    }
    .open(&server.url());
    for error in [
        wrong.check_credentials().await.unwrap_err(),
        wrong.list_buckets(true).await.unwrap_err(),
        wrong.list_objects(&first_page("")).await.unwrap_err(),
        wrong.delete_object(&object("a")).await.unwrap_err(),
        wrong.delete_object(&object("a/")).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::AccessRefused, "{error:?}");
        assert!(!format!("{error:?}").contains("another"), "{error:?}");
    }
}

#[tokio::test]
async fn a_missing_bucket_is_not_found() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    let missing = object_in("no-such-bucket", "a");
    let mut page = first_page("");
    page.folder.bucket.clone_from(&missing.bucket);
    let name = FolderName::parse("folderName", "new").unwrap();
    for error in [
        drive.list_objects(&page).await.unwrap_err(),
        drive.create_folder(&page.folder, &name).await.unwrap_err(),
        drive.delete_object(&missing).await.unwrap_err(),
        drive
            .delete_object(&object_in("no-such-bucket", "a/"))
            .await
            .unwrap_err(),
        drive
            .download_url(&missing, &download(false))
            .await
            .unwrap_err(),
        drive
            .upload_url(&missing, &upload("text/plain"))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    }
}

#[tokio::test]
async fn a_bucket_name_that_is_none_sends_nothing() {
    let (server, _root) = s3().await;
    let url = server.url();
    server.stop().await;
    let error = open(&url)
        .delete_object(&object_in("Photos", "a"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error.public().starts_with("storageName: must be"),
        "{error}"
    );
}

#[test]
fn a_connection_without_keys_is_none() {
    for (access_key, secret_key, field) in [
        ("", "s", "accessKey"),
        ("a\nb", "s", "accessKey"),
        ("a", "", "secretKey"),
    ] {
        let connection = Connection {
            flavour: Flavour::Aws,
            access_key: access_key.into(),
            secret_key: secret_key.into(),
            service_url: None,
        };
        let opened = S3Storage::new(
            connection,
            &Egress::new(policy()),
            &RegionCache::new(),
            Clock::system(),
        );
        let error = opened.err().unwrap();
        assert!(error.public().starts_with(field), "{error}");
    }
}
