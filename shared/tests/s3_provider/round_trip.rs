//! Signed URLs used as a client uses them, and the bytes and names that come back.

use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, StatusCode};
use shared::domain::ErrorKind;
use shared::domain::storage::{CloudStorage, EntryKind};

use crate::memory::Memory;
use crate::{
    Setup, clock_off_by, download, first_page, object, object_in, open, policy, s3s_fs, upload,
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
    let request = Client::new().put(url).header("content-type", content_type).body(body.to_owned());
    request.send().await.unwrap().status()
}

async fn get(url: &str) -> (StatusCode, Option<String>, Vec<u8>) {
    let answer = Client::new().get(url).send().await.unwrap();
    let disposition = answer.headers().get("content-disposition").map(|value| value.to_str().unwrap().to_owned());
    (answer.status(), disposition, answer.bytes().await.unwrap().to_vec())
}

/// Up by one URL, seen in the listing, down by two others, deleted, gone.
async fn round_trip(url: &str, names: impl IntoIterator<Item = String>, honours_disposition: bool) {
    let drive = open(url);
    for name in names {
        let key = format!("folder of {}/{name}", name.chars().next().unwrap());
        let body: Vec<u8> = (0..=255).cycle().take(1_000 + name.len()).collect();

        let up = drive.upload_url(&object(&key), &upload("image/x-test")).await.unwrap();
        assert_eq!((up.method, &up.headers[..]), ("PUT", &[("Content-Type".into(), "image/x-test".into())][..]));
        assert_eq!(send(&up.url, "image/x-test", &body).await, StatusCode::OK, "{key}");

        let parent = key.split_once('/').unwrap().0;
        let page = drive.list_objects(&first_page(parent)).await.unwrap();
        let entry = page.entries.iter().find(|entry| entry.path == key).unwrap_or_else(|| panic!("{key}: {page:?}"));
        assert_eq!((entry.name.as_str(), entry.size, entry.kind), (&*name, body.len() as u64, EntryKind::File));
        assert!(entry.modified.is_some());

        let plain = drive.download_url(&object(&entry.path), &download(false)).await.unwrap();
        assert_eq!(get(&plain.url).await, (StatusCode::OK, None, body.clone()), "{key}");
        let saved = drive.download_url(&object(&entry.path), &download(true)).await.unwrap();
        let (status, disposition, bytes) = get(&saved.url).await;
        assert_eq!((status, bytes == body), (StatusCode::OK, true), "{key}");
        if honours_disposition {
            let disposition = disposition.unwrap();
            assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
        }

        drive.delete_object(&object(&entry.path)).await.unwrap();
        assert_eq!(get(&plain.url).await.0, StatusCode::NOT_FOUND, "{key}");
        drive.delete_object(&object(&entry.path)).await.unwrap();
    }
}

#[tokio::test]
async fn names_and_bytes_survive_s3s_fs() {
    let (server, _folder) = s3s_fs().await;
    round_trip(&server.url(), NAMES.iter().map(ToString::to_string), false).await;
}

#[tokio::test]
async fn every_key_survives_a_server_that_keeps_any() {
    let (_memory, url) = Memory::start().await;
    let deep = format!("{}/{}/{}/{}", "a".repeat(255), "é".repeat(127), "b".repeat(255), "c".repeat(200));
    let special = ["tab\tline\nend\u{1}.txt", " space at both ends ", "//empty//components", "€\u{fffd}\u{85}", &deep];
    let names = NAMES.iter().chain(&special).map(ToString::to_string);
    round_trip(&url, names, true).await;
}

#[tokio::test]
async fn a_key_may_have_1024_bytes() {
    let (memory, url) = Memory::start().await;
    let components: Vec<String> = ["x", "é", "日", "📷"].map(|c| c.repeat(255 / c.len())).to_vec();
    let key = components.join("/");
    let key = format!("{key}{}", "y".repeat(1_024 - key.len()));
    let drive = open(&url);
    let up = drive.upload_url(&object(&key), &upload("text/plain")).await.unwrap();
    assert_eq!(send(&up.url, "text/plain", b"long").await, StatusCode::OK);
    assert_eq!(memory.keys(), [key.clone()]);
    let down = drive.download_url(&object(&key), &download(true)).await.unwrap();
    assert_eq!(get(&down.url).await.2, b"long");
}

#[tokio::test]
async fn an_attachment_is_named() {
    let (memory, url) = Memory::start().await;
    memory.put("2026/Prüfung \"1\".pdf", b"%PDF");
    let down = open(&url).download_url(&object("2026/Prüfung \"1\".pdf"), &download(true)).await.unwrap();
    let (_, disposition, _) = get(&down.url).await;
    assert_eq!(
        disposition.unwrap(),
        "attachment; filename=\"Pr_fung _1_.pdf\"; filename*=UTF-8''Pr%C3%BCfung%20%221%22.pdf"
    );
}

#[tokio::test]
async fn an_upload_url_binds_content_type_and_key() {
    let (server, _folder) = s3s_fs().await;
    let drive = open(&server.url());
    let up = drive.upload_url(&object("a/b.txt"), &upload("text/plain")).await.unwrap();

    assert_eq!(send(&up.url, "text/html", b"x").await, StatusCode::FORBIDDEN);
    let elsewhere = up.url.replace("/a/b.txt", "/a/c.txt");
    assert_ne!(elsewhere, up.url);
    assert_eq!(send(&elsewhere, "text/plain", b"x").await, StatusCode::FORBIDDEN);
    assert_eq!(get(&up.url).await.0, StatusCode::FORBIDDEN);
    assert_eq!(send(&up.url, "text/plain", b"x").await, StatusCode::OK);
}

#[tokio::test]
async fn a_download_url_binds_key_and_disposition() {
    let (memory, url) = Memory::start().await;
    memory.put("mine", b"1");
    memory.put("other", b"2");
    let down = open(&url).download_url(&object("mine"), &download(true)).await.unwrap();
    assert_eq!(get(&down.url).await.0, StatusCode::OK);
    assert_eq!(get(&down.url.replace("/mine?", "/other?")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(get(&down.url.replace("attachment", "inline")).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_url_ends_when_it_says() {
    let (server, _folder) = s3s_fs().await;
    let up = open(&server.url()).upload_url(&object("a.txt"), &upload("text/plain")).await.unwrap();
    assert_eq!(send(&up.url, "text/plain", b"x").await, StatusCode::OK);
    let hour = SignedDuration::from_hours(1);
    let until_end = up.expires.duration_since(Timestamp::now());
    assert!((hour - SignedDuration::from_secs(5)..=hour).contains(&until_end), "{until_end}");

    for (age_s, status) in [(3_590, StatusCode::OK), (3_605, StatusCode::FORBIDDEN)] {
        let setup = Setup { clock: clock_off_by(SignedDuration::from_secs(-age_s)), ..Setup::default() };
        let drive = setup.open(&server.url());
        let down = drive.download_url(&object("a.txt"), &download(false)).await.unwrap();
        assert_eq!(get(&down.url).await.0, status, "{age_s} s old");
        let up = drive.upload_url(&object("b.txt"), &upload("text/plain")).await.unwrap();
        assert_eq!(send(&up.url, "text/plain", b"x").await, status, "{age_s} s old");
    }
}

#[tokio::test]
async fn a_url_may_live_for_a_week() {
    let (memory, url) = Memory::start().await;
    memory.put("a", b"1");
    let mut options = download(false);
    options.lifetime = std::time::Duration::from_hours(168);
    let down = open(&url).download_url(&object("a"), &options).await.unwrap();
    assert!(down.url.contains("X-Amz-Expires=604800"), "{}", down.url);
    assert_eq!(get(&down.url).await.0, StatusCode::OK);
}

#[tokio::test]
async fn credentials_are_told_apart() {
    let (server, _folder) = s3s_fs().await;
    open(&server.url()).check_credentials().await.unwrap();

    let wrong = Setup { secret_key: "another secret", ..Setup::default() }.open(&server.url());
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
    let (server, _folder) = s3s_fs().await;
    let drive = open(&server.url());
    let missing = object_in("no-such-bucket", "a");
    let mut page = first_page("");
    page.folder.bucket.clone_from(&missing.bucket);
    let name = shared::domain::storage::FolderName::parse("folderName", "new").unwrap();
    for error in [
        drive.list_objects(&page).await.unwrap_err(),
        drive.create_folder(&page.folder, &name).await.unwrap_err(),
        drive.delete_object(&missing).await.unwrap_err(),
        drive.delete_object(&object_in("no-such-bucket", "a/")).await.unwrap_err(),
        drive.download_url(&missing, &download(false)).await.unwrap_err(),
        drive.upload_url(&missing, &upload("text/plain")).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
    }
}

#[tokio::test]
async fn a_bucket_name_that_is_none_sends_nothing() {
    let (server, _folder) = s3s_fs().await;
    let url = server.url();
    server.stop().await;
    let error = open(&url).delete_object(&object_in("Photos", "a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.public().starts_with("storageName: must be"), "{error}");
}

#[test]
fn a_connection_without_keys_is_none() {
    use shared::net::Egress;
    use shared::providers::s3::{Connection, Flavour, RegionCache, S3Storage};

    for (access_key, secret_key, field) in [("", "s", "accessKey"), ("a\nb", "s", "accessKey"), ("a", "", "secretKey")] {
        let connection = Connection {
            flavour: Flavour::Aws,
            access_key: access_key.into(),
            secret_key: secret_key.into(),
            service_url: None,
            region: None,
        };
        let opened = S3Storage::new(connection, &Egress::new(policy()), &RegionCache::new(), clock_off_by(SignedDuration::ZERO));
        let error = opened.err().unwrap();
        assert!(error.public().starts_with(field), "{error}");
    }
}
