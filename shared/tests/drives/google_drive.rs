//! Google Drive.

mod contents;
mod failures;
mod names;

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
        through_us: false,
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
