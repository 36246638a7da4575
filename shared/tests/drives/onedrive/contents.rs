//! Bytes that come and go at URLs of OneDrive.

use jiff::SignedDuration;
use reqwest::Client;
use reqwest::header::{AUTHORIZATION, CONTENT_RANGE, RANGE};
use serde_json::Value;
use shared::domain::ErrorKind;
use shared::domain::storage::{CloudStorage, ContentType, UploadTarget};
use simulators::drives::tree::ROOT;

use super::{
    SCOPES, World, add_file, add_folder, assert_kind, click, download, entry, folder, get, object,
    open, target, text, upload,
};

#[tokio::test]
async fn a_download_is_a_redirect_that_anybody_can_follow_for_an_hour() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    add_file(&world, ROOT, "a b.txt", "0123456789");
    add_folder(&world, ROOT, "docs");
    let key = object("", "a b.txt");
    assert_eq!(text(&drive, &key).await, "0123456789");

    let url = click(&drive, &key).await;
    let part = Client::new().get(&url).header(RANGE, "bytes=2-4");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()[CONTENT_RANGE], "bytes 2-4/10");
    assert_eq!(part.text().await.unwrap(), "234");
    let beyond = Client::new().get(&url).header(RANGE, "bytes=10-");
    assert_eq!(beyond.send().await.unwrap().status(), 416);
    let with_token = Client::new().get(&url).header(AUTHORIZATION, "Bearer x");
    assert_eq!(with_token.send().await.unwrap().status(), 401);

    world.advance(SignedDuration::from_mins(59));
    assert_eq!(get(&url).await.status(), 200);
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(get(&url).await.status(), 401);

    let drive = open(&world, &SCOPES);
    for missing in ["docs", "docs/", "none.txt", "a b.txt/", "docs/none"] {
        let found = download(&drive, object("", missing));
        assert_kind(found.await, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn an_upload_makes_or_replaces_a_file() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    add_folder(&world, ROOT, "docs");
    let key = object("", "docs/new file.txt");
    for content in ["first", "the second one", "", "third"] {
        upload(&drive, &key, content).await;
        assert_eq!(text(&drive, &key).await, content);
        let file = entry(&drive, folder("", "docs"), "new file.txt").await;
        assert_eq!(file.size, content.len() as u64);
    }
    let onto_folder = target(&drive, "docs").await;
    assert_kind(onto_folder, ErrorKind::Duplicate);
    let nowhere = target(&drive, "none/a").await;
    assert_kind(nowhere, ErrorKind::NotFound);
    let refused = target(&drive, "a.").await;
    assert_kind(refused, ErrorKind::Invalid);
}

#[tokio::test]
async fn an_upload_session_takes_fragments_in_order_for_a_quarter_of_an_hour() {
    const UNIT: usize = 320 * 1024;
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let (key, content_type) = (object("", "big"), ContentType::default());
    let session = async || {
        let target = drive.upload_target(&key, &content_type, Some(UNIT as u64 + 3));
        match target.await.unwrap() {
            UploadTarget::Redirect(url) => url,
            UploadTarget::Relay { .. } => panic!("a session takes it"),
        }
    };
    let put = async |url: &str, range: &str, length: usize| {
        let request = Client::new().put(url).header(CONTENT_RANGE, range);
        request.body(vec![b'x'; length]).send().await.unwrap()
    };
    let url = session().await;
    let (total, end) = (UNIT + 3, UNIT + 2);
    let first = format!("bytes 0-{}/{total}", UNIT - 1);
    let last = format!("bytes {UNIT}-{end}/{total}");
    assert_eq!(put(&url, &last, 3).await.status(), 416);
    assert_eq!(put(&url, &first, 3).await.status(), 400);
    assert_eq!(
        put(&url, &format!("bytes 0-9/{total}"), 10).await.status(),
        400
    );
    assert_eq!(put(&url, "0-9/10", 10).await.status(), 400);
    let with_token = Client::new().get(&url).header(AUTHORIZATION, "Bearer x");
    assert_eq!(with_token.send().await.unwrap().status(), 401);

    world.advance(SignedDuration::from_mins(14));
    let more = put(&url, &first, UNIT).await;
    assert_eq!(more.status(), 202);
    let more: Value = more.json().await.unwrap();
    assert_eq!(more["nextExpectedRanges"][0], format!("{UNIT}-"));
    // It begins anew with what comes.
    world.advance(SignedDuration::from_mins(14));
    let done = put(&url, &last, 3).await;
    assert_eq!(done.status(), 201);
    let item: Value = done.json().await.unwrap();
    assert_eq!(item["size"], total);
    assert_eq!(get(&url).await.status(), 404);

    let (idle, cancelled) = (session().await, session().await);
    assert_eq!(
        Client::new()
            .delete(&cancelled)
            .send()
            .await
            .unwrap()
            .status(),
        204
    );
    assert_eq!(put(&cancelled, "bytes 0-0/1", 1).await.status(), 404);
    world.advance(SignedDuration::from_mins(15));
    assert_eq!(put(&idle, "bytes 0-0/1", 1).await.status(), 404);
}
