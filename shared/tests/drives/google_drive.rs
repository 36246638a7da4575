//! Google Drive.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use jiff::SignedDuration;
use reqwest::{Client, StatusCode};
use shared::domain::storage::{
    ByteRange, CloudStorage, Content, ContentType, Download, DownloadOptions, Entry, EntryKind,
    FolderAddress, FolderName, ListRequest, ObjectAddress, Offer, SignedUrl, UploadOptions,
    UploadTarget,
};
use shared::domain::{Error, ErrorKind};
use shared::providers::google_drive::GoogleDriveStorage;
use simulators::drives::tree::{Kind, NodeId, ROOT};
use simulators::drives::{Fault, Scope, Vendor};

use super::{World, first_page, folder, object};

const SCOPE: &str = "https://www.googleapis.com/auth/drive";
const MY_DRIVE: &str = "My Drive";

/// Names that break what quotes or escapes too little, or too much.
const HOSTILE: [&str; 12] = [
    "it's",
    r"back\slash",
    r"\'",
    "100%",
    "%2F",
    "a#b?c",
    "a+b c",
    "' or name = 'x",
    "\"quoted\"",
    "🦀 crab",
    "a&b=c;d",
    " space ",
];

impl World {
    fn google(&self) -> GoogleDriveStorage {
        self.google_with(&[SCOPE])
    }

    fn google_with(&self, scopes: &[&str]) -> GoogleDriveStorage {
        let token = self.token(Vendor::GoogleDrive, scopes);
        GoogleDriveStorage::new(self.http(), token, self.clock())
    }

    fn add_folder(&self, parent: NodeId, name: &str) -> NodeId {
        let simulator = self.of(Vendor::GoogleDrive);
        let now = simulator.clock().now();
        simulator.tree().add_folder(parent, name, now)
    }

    fn add_file(&self, parent: NodeId, name: &str, content: &'static str) -> NodeId {
        let simulator = self.of(Vendor::GoogleDrive);
        let now = simulator.clock().now();
        simulator
            .tree()
            .add_file(parent, name, content, "text/plain", now)
    }

    fn add_other(&self, name: &str, what: &str, target: Option<NodeId>) -> NodeId {
        let simulator = self.of(Vendor::GoogleDrive);
        let now = simulator.clock().now();
        let what = what.to_owned();
        let kind = Kind::Other { what, target };
        simulator.tree().add(Some(ROOT), name, kind, now)
    }

    fn add_shared_drive(&self, name: &str) -> NodeId {
        let simulator = self.of(Vendor::GoogleDrive);
        let now = simulator.clock().now();
        simulator.tree().add_root(name, now)
    }

    fn is_trashed(&self, node: NodeId) -> bool {
        self.of(Vendor::GoogleDrive).tree().is_trashed(node)
    }

    fn break_api(&self, status: u16, retry_after: Option<u64>, times: Option<usize>) {
        let fault = Fault::Status {
            status,
            retry_after,
        };
        let switches = self.of(Vendor::GoogleDrive).switches();
        switches.add(fault, Scope::Api, times);
    }
}

fn by_id(bucket: &str, id: &str, key: &str) -> ObjectAddress {
    ObjectAddress {
        id: id.to_owned(),
        ..object(bucket, key)
    }
}

async fn list(storage: &GoogleDriveStorage, bucket: &str, path: &str) -> Vec<Entry> {
    let request = first_page(bucket, path, 1_000);
    storage.list_objects(&request).await.unwrap().entries
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

async fn create_folder(
    storage: &GoogleDriveStorage,
    parent: &FolderAddress,
    name: &str,
) -> Result<(), Error> {
    let name = FolderName::parse("folderName", name).unwrap();
    storage.create_folder(parent, &name).await
}

async fn download(
    storage: &GoogleDriveStorage,
    address: &ObjectAddress,
    range: Option<ByteRange>,
) -> Result<Content, Error> {
    let request = Download {
        attachment: false,
        range,
    };
    storage.download(address, &request).await
}

/// A streamed object's bytes, its name, and which part they are.
async fn read(content: Content) -> (Bytes, String, Option<String>) {
    let Content::Stream(mut content) = content else {
        panic!("nothing is streamed");
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = content.chunks.next().await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    assert_eq!(content.length, Some(bytes.len() as u64));
    (bytes.into(), content.name, content.part)
}

async fn text_of(storage: &GoogleDriveStorage, address: &ObjectAddress) -> String {
    let content = download(storage, address, None).await.unwrap();
    let (bytes, _, part) = read(content).await;
    assert_eq!(part, None);
    String::from_utf8(bytes.into()).unwrap()
}

async fn upload_url(
    storage: &GoogleDriveStorage,
    address: &ObjectAddress,
    content_type: &str,
) -> Result<SignedUrl, Error> {
    let options = UploadOptions {
        lifetime: Duration::from_hours(24),
        content_type: ContentType::parse("contentType", content_type).unwrap(),
    };
    let offer = storage.upload_url(address, &options).await?;
    Ok(offer.signed().expect("Google's own URL"))
}

/// What somebody without any token does with an upload URL.
async fn put(url: &SignedUrl, body: &'static str) -> StatusCode {
    assert_eq!(url.method, "PUT");
    let mut request = Client::new().put(&url.url).body(body);
    for (name, value) in &url.headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap().status()
}

fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    result.err().expect("a refusal").kind()
}

#[tokio::test]
async fn buckets_are_my_drive_and_the_shared_drives() {
    let world = World::start().await;
    let storage = world.google();
    // More than one page of them.
    for number in 0..120 {
        world.add_shared_drive(&format!("Team {number}"));
    }
    let buckets = storage.list_buckets(true).await.unwrap();
    assert_eq!(buckets.len(), 121);
    assert_eq!(
        (buckets[0].id.as_str(), buckets[0].name.as_str()),
        ("root", MY_DRIVE)
    );
    assert_eq!(buckets[120].name, "Team 119");
    assert_eq!(
        buckets[120].created,
        Some("2026-11-24T10:00:00Z".parse().unwrap())
    );

    for bucket in ["", "root", MY_DRIVE] {
        create_folder(&storage, &folder(bucket, ""), "mine")
            .await
            .unwrap();
    }
    assert_eq!(list(&storage, "", "").await.len(), 3);
    for bucket in [&buckets[120].id, &buckets[120].name] {
        create_folder(&storage, &folder(bucket, ""), "ours")
            .await
            .unwrap();
    }
    assert_eq!(list(&storage, "Team 119", "").await.len(), 2);
    assert_eq!(list(&storage, "Team 118", "").await.len(), 0);
    let unknown = first_page("Team 120", "", 10);
    assert_eq!(
        kind(storage.list_objects(&unknown).await),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn a_listing_is_read_page_by_page() {
    let world = World::start().await;
    let storage = world.google();
    let docs = world.add_folder(ROOT, "docs");
    for number in 0..5 {
        world.add_file(docs, &format!("file {number}"), "12345");
    }
    world.add_folder(docs, "zzz");
    world.add_file(ROOT, "elsewhere", "");

    let mut request = first_page(MY_DRIVE, "docs", 2);
    let mut entries = Vec::new();
    let mut pages = 0;
    loop {
        let page = storage.list_objects(&request).await.unwrap();
        assert!(page.entries.len() <= 2);
        entries.extend(page.entries);
        pages += 1;
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(
        names(&entries),
        ["zzz", "file 0", "file 1", "file 2", "file 3", "file 4"]
    );
    assert_eq!(
        (entries[0].path.as_str(), entries[0].size),
        ("docs/zzz/", 0)
    );
    assert_eq!(entries[0].kind, EntryKind::Folder);
    assert_eq!(
        (entries[1].path.as_str(), entries[1].size),
        ("docs/file 0", 5)
    );
    assert_eq!(entries[1].kind, EntryKind::File);
    assert_eq!(
        entries[1].modified,
        Some("2026-11-24T10:00:00Z".parse().unwrap())
    );
}

#[tokio::test]
async fn a_folder_is_listed_by_its_id() {
    let world = World::start().await;
    let storage = world.google();
    let docs = world.add_folder(ROOT, "docs");
    world.add_file(docs, "a", "");
    world.add_folder(ROOT, "empty");
    world.add_file(ROOT, "file", "");
    let entries = list(&storage, "", "").await;
    assert_eq!(names(&entries), ["docs", "empty", "file"]);

    let request = |id: &str| ListRequest {
        folder: FolderAddress {
            id: id.to_owned(),
            ..folder("", "somewhere")
        },
        cursor: None,
        count: 10,
    };
    let page = storage
        .list_objects(&request(&entries[0].id))
        .await
        .unwrap();
    assert_eq!(names(&page.entries), ["a"]);
    assert_eq!(page.entries[0].path, "somewhere/a");
    let page = storage
        .list_objects(&request(&entries[1].id))
        .await
        .unwrap();
    assert!(page.entries.is_empty());
    // A file is no folder, and what is in the trash is gone.
    let listed = storage.list_objects(&request(&entries[2].id)).await;
    assert_eq!(kind(listed), ErrorKind::NotFound);
    storage.delete_object(&object("", "empty/")).await.unwrap();
    let listed = storage.list_objects(&request(&entries[1].id)).await;
    assert_eq!(kind(listed), ErrorKind::NotFound);
}

#[tokio::test]
async fn hostile_names_are_names() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "x", "bystander");
    for name in HOSTILE {
        create_folder(&storage, &folder("", ""), name)
            .await
            .unwrap();
        let key = format!("{name}/{name}");
        let url = upload_url(&storage, &object("", &key), "text/plain")
            .await
            .unwrap();
        assert_eq!(put(&url, "content").await, StatusCode::OK, "{name:?}");
        let entries = list(&storage, "", name).await;
        assert_eq!(names(&entries), [name]);
        assert_eq!(entries[0].path, key);
        assert_eq!(
            text_of(&storage, &object("", &key)).await,
            "content",
            "{name:?}"
        );
        storage.delete_object(&object("", &key)).await.unwrap();
        assert!(list(&storage, "", name).await.is_empty(), "{name:?}");
    }
    assert_eq!(list(&storage, "", "").await.len(), HOSTILE.len() + 1);
}

#[tokio::test]
async fn a_path_means_the_oldest_entry_of_exactly_this_name() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "A", "capital");
    world.advance(SignedDuration::from_secs(1));
    world.add_folder(ROOT, "a");
    world.add_file(ROOT, "a", "older");
    world.advance(SignedDuration::from_secs(1));
    world.add_file(ROOT, "a", "newer");

    assert_eq!(text_of(&storage, &object("", "a")).await, "older");
    let entries = list(&storage, "", "").await;
    assert_eq!(names(&entries), ["a", "A", "a", "a"]);
    assert_eq!(
        text_of(&storage, &by_id("", &entries[3].id, "a")).await,
        "newer"
    );
    storage.delete_object(&object("", "a")).await.unwrap();
    assert_eq!(text_of(&storage, &object("", "a")).await, "newer");
    storage.delete_object(&object("", "a")).await.unwrap();
    // The folder is another thing.
    assert_eq!(
        kind(storage.delete_object(&object("", "a")).await),
        ErrorKind::NotFound
    );
    storage.delete_object(&object("", "a/")).await.unwrap();
    assert_eq!(names(&list(&storage, "", "").await), ["A"]);
}

#[tokio::test]
async fn a_name_with_a_slash_is_reached_by_its_id() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "/1/2", "found");
    let entries = list(&storage, "", "").await;
    assert_eq!(
        (entries[0].name.as_str(), entries[0].path.as_str()),
        ("/1/2", "//1/2")
    );
    let by_path = download(&storage, &object("", &entries[0].path), None).await;
    assert_eq!(kind(by_path), ErrorKind::NotFound);
    let address = by_id("", &entries[0].id, &entries[0].path);
    assert_eq!(text_of(&storage, &address).await, "found");
}

#[tokio::test]
async fn a_shortcut_is_listed_as_what_it_points_to_and_deleted_as_itself() {
    let world = World::start().await;
    let storage = world.google();
    let docs = world.add_folder(ROOT, "docs");
    let file = world.add_file(docs, "file", "content");
    let to_docs = world.add_other("z docs", "shortcut", Some(docs));
    let to_file = world.add_other("a file", "shortcut", Some(file));
    world.add_other("nowhere", "shortcut", None);

    let entries = list(&storage, "", "").await;
    assert_eq!(names(&entries), ["docs", "z docs", "a file"]);
    assert_eq!(entries[1].path, "z docs/");
    assert!(entries[1].id.starts_with(&entries[0].id));
    assert_eq!(names(&list(&storage, "", "z docs").await), ["file"]);
    assert_eq!(
        text_of(&storage, &object("", "z docs/file")).await,
        "content"
    );
    assert_eq!(text_of(&storage, &object("", "a file")).await, "content");
    let address = by_id("", &entries[2].id, &entries[2].path);
    assert_eq!(text_of(&storage, &address).await, "content");
    // Writing goes to the target, too.
    let url = upload_url(&storage, &address, "text/plain").await.unwrap();
    assert_eq!(put(&url, "changed").await, StatusCode::OK);
    assert_eq!(text_of(&storage, &object("", "docs/file")).await, "changed");

    storage.delete_object(&address).await.unwrap();
    assert!(world.is_trashed(to_file) && !world.is_trashed(file));
    storage.delete_object(&object("", "z docs/")).await.unwrap();
    assert!(world.is_trashed(to_docs) && !world.is_trashed(docs));
}

#[tokio::test]
async fn a_document_of_googles_is_listed_but_has_no_bytes() {
    let world = World::start().await;
    let storage = world.google();
    world.add_other("letter", "application/vnd.google-apps.document", None);
    let entries = list(&storage, "", "").await;
    assert_eq!((entries[0].kind, entries[0].size), (EntryKind::File, 0));
    let error = download(&storage, &object("", "letter"), None)
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        error.public(),
        "key: is a Google document, which has no bytes of its own"
    );
    let upload = upload_url(&storage, &object("", "letter"), "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::Invalid);
    storage.delete_object(&object("", "letter")).await.unwrap();
    assert!(list(&storage, "", "").await.is_empty());
}

#[tokio::test]
async fn a_resource_key_is_part_of_the_id() {
    let world = World::start().await;
    let storage = world.google();
    let old = world.add_folder(ROOT, "old");
    let file = world.add_file(old, "file", "content");
    for (node, key) in [(old, "0-old_Key"), (file, "0-file_Key")] {
        world
            .of(Vendor::GoogleDrive)
            .tree()
            .set_resource_key(node, key);
    }
    let entries = list(&storage, "", "old").await;
    let (id, key) = entries[0].id.split_once('/').unwrap();
    assert_eq!(key, "0-file_Key");
    assert_eq!(text_of(&storage, &object("", "old/file")).await, "content");
    assert_eq!(
        text_of(&storage, &by_id("", &entries[0].id, "x")).await,
        "content"
    );
    for bad in [id.to_owned(), format!("{id}/0-old_Key")] {
        let downloaded = download(&storage, &by_id("", &bad, "old/file"), None).await;
        assert_eq!(kind(downloaded), ErrorKind::NotFound);
    }
    let url = upload_url(&storage, &object("", "old/file"), "text/plain")
        .await
        .unwrap();
    assert_eq!(put(&url, "changed").await, StatusCode::OK);
    create_folder(&storage, &folder("", "old"), "new")
        .await
        .unwrap();
    storage
        .delete_object(&object("", "old/file"))
        .await
        .unwrap();
    assert_eq!(names(&list(&storage, "", "old").await), ["new"]);
}

#[tokio::test]
async fn a_shared_drive_is_a_drive_like_any_other() {
    let world = World::start().await;
    let storage = world.google();
    world.add_shared_drive("Team's");
    create_folder(&storage, &folder("Team's", ""), "docs")
        .await
        .unwrap();
    create_folder(&storage, &folder("Team's", "docs"), "inner")
        .await
        .unwrap();
    let address = object("Team's", "docs/inner/a.txt");
    let url = upload_url(&storage, &address, "text/plain").await.unwrap();
    assert_eq!(put(&url, "first").await, StatusCode::OK);
    let url = upload_url(&storage, &address, "text/plain").await.unwrap();
    assert_eq!(put(&url, "second").await, StatusCode::OK);
    let entries = list(&storage, "Team's", "docs/inner").await;
    assert_eq!(names(&entries), ["a.txt"]);
    assert_eq!(text_of(&storage, &address).await, "second");
    assert_eq!(
        text_of(&storage, &by_id("", &entries[0].id, "x")).await,
        "second"
    );
    storage
        .delete_object(&object("Team's", "docs/"))
        .await
        .unwrap();
    assert!(list(&storage, "Team's", "").await.is_empty());
    assert_eq!(
        kind(download(&storage, &address, None).await),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn creating_a_folder_twice_makes_two() {
    let world = World::start().await;
    let storage = world.google();
    for _ in 0..2 {
        create_folder(&storage, &folder("", ""), "new")
            .await
            .unwrap();
    }
    let entries = list(&storage, "", "").await;
    assert_eq!(names(&entries), ["new", "new"]);
    let second = FolderAddress {
        id: entries[1].id.clone(),
        ..folder("", "new")
    };
    create_folder(&storage, &second, "inner").await.unwrap();
    assert!(list(&storage, "", "new").await.is_empty());

    let missing = create_folder(&storage, &folder("", "missing"), "x").await;
    assert_eq!(kind(missing), ErrorKind::NotFound);
    // Neither is a file a folder.
    world.add_file(ROOT, "file", "");
    let in_file = create_folder(&storage, &folder("", "file"), "x").await;
    assert_eq!(kind(in_file), ErrorKind::NotFound);
    let entries = list(&storage, "", "").await;
    let in_file = FolderAddress {
        id: entries[2].id.clone(),
        ..folder("", "file")
    };
    assert_eq!(
        kind(create_folder(&storage, &in_file, "x").await),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn what_is_deleted_lies_in_the_trash() {
    let world = World::start().await;
    let storage = world.google();
    let docs = world.add_folder(ROOT, "docs");
    let file = world.add_file(docs, "file", "content");
    let id = list(&storage, "", "docs").await[0].id.clone();
    storage.delete_object(&object("", "docs/")).await.unwrap();
    assert!(world.is_trashed(docs) && world.is_trashed(file));
    // It is not there any more, by whichever way.
    for address in [
        object("", "docs/"),
        object("", "docs/file"),
        by_id("", &id, "docs/file"),
        object("", "never"),
    ] {
        let deleted = storage.delete_object(&address).await;
        assert_eq!(kind(deleted), ErrorKind::NotFound, "{address:?}");
        let downloaded = download(&storage, &address, None).await;
        assert_eq!(kind(downloaded), ErrorKind::NotFound, "{address:?}");
    }
    let listed = storage.list_objects(&first_page("", "docs", 10)).await;
    assert_eq!(kind(listed), ErrorKind::NotFound);
    // The root stays.
    let root = storage.delete_object(&by_id("", "root", "x")).await;
    assert_eq!(kind(root), ErrorKind::AccessRefused);
}

#[tokio::test]
async fn bytes_are_streamed_whole_or_in_part() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "file.txt", "0123456789");
    let address = object("", "file.txt");
    let options = DownloadOptions {
        lifetime: Duration::from_hours(1),
        attachment: true,
    };
    let offer = storage.download_url(&address, &options).await.unwrap();
    let Offer::Link(link) = offer else {
        panic!("Google signs nothing");
    };
    assert_eq!((link.method, link.headers.len()), ("GET", 0));

    let content = download(&storage, &address, None).await.unwrap();
    let Content::Stream(stream) = &content else {
        panic!("nothing is streamed");
    };
    assert_eq!(stream.content_type.as_deref(), Some("text/plain"));
    let (bytes, name, part) = read(content).await;
    assert_eq!(
        (&bytes[..], name.as_str(), part),
        (&b"0123456789"[..], "file.txt", None)
    );

    for (range, part, text) in [
        (ByteRange::From(4), "bytes 4-9/10", "456789"),
        (ByteRange::Between(2, 3), "bytes 2-3/10", "23"),
        (ByteRange::Between(8, 99), "bytes 8-9/10", "89"),
        (ByteRange::Last(3), "bytes 7-9/10", "789"),
    ] {
        let content = download(&storage, &address, Some(range)).await.unwrap();
        let (bytes, _, found) = read(content).await;
        assert_eq!(
            (found.as_deref(), &bytes[..]),
            (Some(part), text.as_bytes())
        );
    }
    let behind = download(&storage, &address, Some(ByteRange::From(10)))
        .await
        .unwrap();
    assert!(matches!(behind, Content::OutOfRange(Some(10))));
}

#[tokio::test]
async fn an_upload_url_stores_a_body_without_any_token() {
    let world = World::start().await;
    let storage = world.google();
    world.add_folder(ROOT, "docs");
    let address = object("", "docs/page.html");
    let url = upload_url(&storage, &address, "text/html; charset=utf-8")
        .await
        .unwrap();
    assert_eq!(url.expires.to_string(), "2026-11-25T10:00:00Z");
    assert_eq!(
        url.headers,
        [(
            "Content-Type".to_owned(),
            "text/html; charset=utf-8".to_owned()
        )]
    );
    // Nothing is there before the body is.
    assert!(list(&storage, "", "docs").await.is_empty());
    assert_eq!(put(&url, "<p>").await, StatusCode::OK);
    // The session is over: it only tells how it ended.
    assert_eq!(put(&url, "<br>").await, StatusCode::OK);
    let content = download(&storage, &address, None).await.unwrap();
    let Content::Stream(stream) = &content else {
        panic!("nothing is streamed");
    };
    assert_eq!(
        stream.content_type.as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(&read(content).await.0[..], b"<p>");

    // What is there is overwritten, by its path and by its id.
    let id = list(&storage, "", "docs").await[0].id.clone();
    let url = upload_url(&storage, &address, "text/plain").await.unwrap();
    assert_eq!(put(&url, "second").await, StatusCode::OK);
    assert_eq!(text_of(&storage, &address).await, "second");
    let target = storage
        .upload_target(&by_id("", &id, "x"), &ContentType::default(), Some(5))
        .await
        .unwrap();
    let UploadTarget::Redirect(target) = target else {
        panic!("Google takes it itself");
    };
    let client = Client::new();
    let longer = client.put(&target).body("longer").send().await.unwrap();
    assert_eq!(longer.status(), StatusCode::BAD_REQUEST);
    let stored = client.put(&target).body("third").send().await.unwrap();
    assert_eq!(stored.status(), StatusCode::OK);
    assert_eq!(text_of(&storage, &address).await, "third");
    assert_eq!(list(&storage, "", "docs").await.len(), 1);

    for key in ["missing/file", "docs/page.html/x"] {
        let upload = upload_url(&storage, &object("", key), "text/plain").await;
        assert_eq!(kind(upload), ErrorKind::NotFound, "{key}");
    }
    let upload = upload_url(&storage, &object("", "docs/"), "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::Invalid);
}

#[tokio::test]
async fn an_upload_url_ends_after_a_week() {
    let world = World::start().await;
    let storage = world.google();
    let first = upload_url(&storage, &object("", "first"), "text/plain")
        .await
        .unwrap();
    let second = upload_url(&storage, &object("", "second"), "text/plain")
        .await
        .unwrap();
    // The token is long dead when the session still lives.
    world.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    assert_eq!(put(&first, "content").await, StatusCode::OK);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(put(&second, "content").await, StatusCode::NOT_FOUND);
    assert_eq!(names(&list(&world.google(), "", "").await), ["first"]);
}

#[tokio::test]
async fn a_dead_access_token_asks_for_a_refresh() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "file", "content");
    storage.check_credentials().await.unwrap();
    world.advance(SignedDuration::from_secs(3_598));
    storage.check_credentials().await.unwrap();
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(
        kind(storage.check_credentials().await),
        ErrorKind::AccessExpired
    );
    assert_eq!(
        kind(storage.list_buckets(false).await),
        ErrorKind::AccessExpired
    );
    let address = object("", "file");
    assert_eq!(
        kind(download(&storage, &address, None).await),
        ErrorKind::AccessExpired
    );
    let upload = upload_url(&storage, &address, "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::AccessExpired);
    assert_eq!(
        kind(storage.delete_object(&address).await),
        ErrorKind::AccessExpired
    );

    let storage = world.google();
    storage.check_credentials().await.unwrap();
    world.of(Vendor::GoogleDrive).grants().revoke_all();
    assert_eq!(
        kind(storage.check_credentials().await),
        ErrorKind::AccessExpired
    );
}

#[tokio::test]
async fn a_scope_that_was_not_given_is_refused() {
    let world = World::start().await;
    world.add_file(ROOT, "file", "content");
    let address = object("", "file");
    let nothing = world.google_with(&["openid"]);
    assert_eq!(
        kind(nothing.check_credentials().await),
        ErrorKind::AccessRefused
    );
    let listed = nothing.list_objects(&first_page("", "", 10)).await;
    assert_eq!(kind(listed), ErrorKind::AccessRefused);

    let readonly = world.google_with(&["https://www.googleapis.com/auth/drive.readonly"]);
    assert_eq!(text_of(&readonly, &address).await, "content");
    assert_eq!(
        kind(readonly.delete_object(&address).await),
        ErrorKind::AccessRefused
    );
    let created = create_folder(&readonly, &folder("", ""), "x").await;
    assert_eq!(kind(created), ErrorKind::AccessRefused);
    let upload = upload_url(&readonly, &address, "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::AccessRefused);
    let metadata = "https://www.googleapis.com/auth/drive.metadata.readonly";
    let metadata = world.google_with(&[metadata]);
    assert_eq!(list(&metadata, "", "").await.len(), 1);
    assert_eq!(
        kind(download(&metadata, &address, None).await),
        ErrorKind::AccessRefused
    );
}

#[tokio::test]
async fn a_provider_that_is_not_well_is_unavailable() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "file", "content");
    for status in [429, 500, 502, 503, 504] {
        world.break_api(status, None, Some(1));
        assert_eq!(
            kind(storage.check_credentials().await),
            ErrorKind::Unavailable,
            "{status}"
        );
        world.break_api(status, None, Some(1));
        let downloaded = download(&storage, &object("", "file"), None).await;
        assert_eq!(kind(downloaded), ErrorKind::Unavailable, "{status}");
    }
    for status in [429, 503] {
        world.break_api(status, Some(42), Some(1));
        let error = storage.check_credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(42)));
    }
    // A short pause is made, once.
    world.break_api(429, Some(1), Some(1));
    storage.check_credentials().await.unwrap();
}

#[tokio::test]
async fn a_cursor_that_google_no_longer_takes_is_invalid() {
    let world = World::start().await;
    let storage = world.google();
    for name in ["a", "b"] {
        world.add_file(ROOT, name, "");
        world.add_folder(ROOT, "docs");
    }
    let mut request = first_page("", "", 1);
    let next = storage.list_objects(&request).await.unwrap().next;
    let refused = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(
            error.public().starts_with("continuationToken: "),
            "{error:?}"
        );
    };
    // Of another folder.
    let mut other = first_page("", "docs", 1);
    other.cursor.clone_from(&next);
    refused(storage.list_objects(&other).await.unwrap_err());
    for bad in ["x", "' or", "%&=?#", "é"] {
        request.cursor = Some(bad.to_owned());
        refused(storage.list_objects(&request).await.unwrap_err());
    }
    request.cursor = next;
    storage.list_objects(&request).await.unwrap();
    world.advance(SignedDuration::from_hours(6));
    refused(world.google().list_objects(&request).await.unwrap_err());
}

#[tokio::test]
async fn an_id_that_google_cannot_have_issued_is_not_found_and_not_sent() {
    let world = World::start().await;
    let storage = world.google();
    // Every request would be told otherwise.
    world.break_api(500, None, None);
    for bad in [
        "../about",
        "a/../b",
        "a b",
        "a'",
        "a?alt=media",
        "a%2Fb",
        "é",
        "a/b/c/d",
        "a/",
    ] {
        let address = by_id("", bad, "key");
        let folder = FolderAddress {
            id: bad.to_owned(),
            ..folder("", "")
        };
        let request = ListRequest {
            folder: folder.clone(),
            cursor: None,
            count: 10,
        };
        let options = DownloadOptions {
            lifetime: Duration::from_hours(1),
            attachment: false,
        };
        assert_eq!(
            kind(storage.list_objects(&request).await),
            ErrorKind::NotFound
        );
        assert_eq!(
            kind(create_folder(&storage, &folder, "x").await),
            ErrorKind::NotFound
        );
        assert_eq!(
            kind(storage.delete_object(&address).await),
            ErrorKind::NotFound
        );
        assert_eq!(
            kind(download(&storage, &address, None).await),
            ErrorKind::NotFound
        );
        let url = storage.download_url(&address, &options).await;
        assert_eq!(kind(url), ErrorKind::NotFound);
        let upload = upload_url(&storage, &address, "text/plain").await;
        assert_eq!(kind(upload), ErrorKind::NotFound);
    }
    world.of(Vendor::GoogleDrive).switches().reset();
    let unknown = by_id("", "1-_Sim000000000000000000000000fff", "key");
    assert_eq!(
        kind(download(&storage, &unknown, None).await),
        ErrorKind::NotFound
    );
    assert_eq!(
        kind(storage.delete_object(&unknown).await),
        ErrorKind::NotFound
    );
}

/// The simulator is as strict as Google is, or the client's parameters would prove nothing.
#[tokio::test]
async fn a_shared_drive_is_hidden_from_who_does_not_say_to_know_them() {
    let world = World::start().await;
    let storage = world.google();
    let team = world.add_shared_drive("Team");
    world.add_file(team, "file", "content");
    let drive = storage.list_buckets(false).await.unwrap()[1].id.clone();
    let file = list(&storage, "Team", "").await[0].id.clone();

    let token = world.of(Vendor::GoogleDrive).grant(&[SCOPE]).access_token;
    let files = format!("{}/www.googleapis.com/drive/v3/files", world.server.url());
    let status = async |path: &str, query: &[(&str, &str)]| {
        let request = Client::new()
            .get(format!("{files}{path}"))
            .bearer_auth(&token);
        request.query(query).send().await.unwrap().status().as_u16()
    };
    let path = format!("/{file}");
    assert_eq!(status(&path, &[]).await, 404);
    assert_eq!(status(&path, &[("supportsAllDrives", "true")]).await, 200);
    let q = format!("'{drive}' in parents");
    let all = [
        ("q", q.as_str()),
        ("corpora", "drive"),
        ("driveId", &drive),
        ("supportsAllDrives", "true"),
        ("includeItemsFromAllDrives", "true"),
    ];
    assert_eq!(status("", &all).await, 200);
    for left_out in 1..all.len() {
        let mut some = all.to_vec();
        some.remove(left_out);
        assert!(status("", &some).await >= 400, "{}", all[left_out].0);
    }
}
