//! Dropbox's client against the simulator.

mod attachments;
mod contents;
mod failures;

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::{Client, Response, StatusCode};
use shared::domain::storage::{
    ByteRange, CloudStorage, Content, ContentType, Download, DownloadOptions, Entry, EntryKind,
    FolderAddress, FolderName, LinkUse, ListRequest, ObjectAddress, Offer, SignedUrl,
    UploadOptions, UploadTarget,
};
use shared::domain::{Error, ErrorKind};
use shared::providers::dropbox::DropboxStorage;
use simulators::drives::tree::{File, Kind, NodeId, ROOT};
use simulators::drives::{Fault, Scope, Simulator, Vendor};

use super::{World, first_page, folder, object};

const SCOPES: [&str; 4] = [
    "account_info.read",
    "files.metadata.read",
    "files.content.read",
    "files.content.write",
];
/// Names that have a meaning somewhere on the way.
const HOSTILE: [&str; 8] = [
    "it's \"quoted\".txt",
    "100% + #1?&=;.txt",
    "a b+c%20d.txt",
    "emoji \u{1f600}.txt",
    "Gr\u{fc}\u{df}e e\u{301}.txt",
    "id:looks-like-one",
    "<script>:*|",
    "{braces}[0]$x`",
];

impl World {
    fn dropbox(&self) -> DropboxStorage {
        self.dropbox_with(&SCOPES)
    }

    fn dropbox_with(&self, scopes: &[&str]) -> DropboxStorage {
        let token = self.token(Vendor::Dropbox, scopes);
        DropboxStorage::new(self.http(), token, self.clock())
    }

    fn simulator(&self) -> &Simulator {
        self.of(Vendor::Dropbox)
    }

    fn put_file(&self, parent: NodeId, name: &str, content: &'static str) -> NodeId {
        let now = self.simulator().clock().now();
        let mut tree = self.simulator().tree();
        tree.add_file(parent, name, content, "text/plain", now)
    }

    fn put_folder(&self, parent: NodeId, name: &str) -> NodeId {
        let now = self.simulator().clock().now();
        self.simulator().tree().add_folder(parent, name, now)
    }

    /// What is at a path that begins with a slash.
    fn content(&self, path: &str) -> Option<Vec<u8>> {
        let tree = self.simulator().tree();
        let node = tree.all().find(|node| tree.path(node.id) == path)?;
        node.file().map(|file| file.content.to_vec())
    }

    fn has(&self, path: &str) -> bool {
        let tree = self.simulator().tree();
        tree.all().any(|node| tree.path(node.id) == path)
    }
}

/// Every page of a folder.
async fn list_all(drive: &DropboxStorage, mut request: ListRequest) -> Vec<Entry> {
    let mut entries = Vec::new();
    loop {
        let page = drive.list_objects(&request).await.unwrap();
        entries.extend(page.entries);
        if page.next.is_none() {
            return entries;
        }
        request.cursor = page.next;
    }
}

fn by_id(id: &str) -> ObjectAddress {
    ObjectAddress {
        id: id.to_owned(),
        ..object("", "not what is meant")
    }
}

fn folder_by_id(id: &str) -> FolderAddress {
    FolderAddress {
        id: id.to_owned(),
        ..folder("", "not what is meant")
    }
}

fn name(text: &str) -> FolderName {
    FolderName::parse("folderName", text).unwrap()
}

fn hours(hours: u64) -> DownloadOptions {
    DownloadOptions {
        lifetime: Duration::from_hours(hours),
        attachment: false,
    }
}

fn upload_for(hours: u64) -> UploadOptions {
    UploadOptions {
        lifetime: Duration::from_hours(hours),
        content_type: ContentType::parse("contentType", "image/png").unwrap(),
    }
}

async fn signed_upload(drive: &DropboxStorage, address: &ObjectAddress) -> SignedUrl {
    let offer = drive.upload_url(address, &upload_for(1)).await.unwrap();
    offer.signed().unwrap()
}

/// Follows an offer to upload, as a client of ours does.
async fn send(signed: &SignedUrl, body: &'static str) -> Response {
    let method = signed.method.parse().unwrap();
    let mut request = Client::new().request(method, &signed.url).body(body);
    for (name, value) in &signed.headers {
        let value = value.replace("{size}", &body.len().to_string());
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

async fn get(url: &str) -> Response {
    reqwest::get(url).await.unwrap()
}

#[track_caller]
fn assert_kind<T>(result: Result<T, Error>, kind: ErrorKind) -> Error {
    let error = result.err().unwrap();
    assert_eq!(error.kind(), kind, "{error:?}");
    error
}

#[tokio::test]
async fn the_home_folder_is_the_one_bucket_of_a_person() {
    let world = World::start().await;
    let drive = world.dropbox();
    drive.check_credentials().await.unwrap();
    let buckets = drive.list_buckets(true).await.unwrap();
    assert_eq!(buckets.len(), 1);
    assert_eq!(buckets[0].name, "Dropbox");
    assert_eq!(buckets[0].region, None);

    world.put_file(ROOT, "a.txt", "A");
    for bucket in ["", "Dropbox", buckets[0].id.as_str()] {
        let page = drive
            .list_objects(&first_page(bucket, "", 10))
            .await
            .unwrap();
        assert_eq!(page.entries.len(), 1, "{bucket:?}");
    }
    for bucket in [
        "Team space",
        "dropbox",
        "1",
        "no such",
        "../x",
        "ns:3235641",
    ] {
        let listed = drive.list_objects(&first_page(bucket, "", 10)).await;
        assert_kind(listed, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_team_s_space_is_a_second_bucket() {
    let world = World::start().await;
    let now = world.simulator().clock().now();
    let team = world.simulator().tree().add_root("Team", now);
    world.put_file(team, "plan.txt", "the plan");
    world.put_file(ROOT, "mine.txt", "mine");
    let drive = world.dropbox();

    let buckets = drive.list_buckets(false).await.unwrap();
    let names: Vec<_> = buckets.iter().map(|bucket| bucket.name.as_str()).collect();
    assert_eq!(names, ["Dropbox", "Team space"]);
    assert_ne!(buckets[0].id, buckets[1].id);

    for bucket in ["Team space", buckets[1].id.as_str()] {
        let entries = list_all(&drive, first_page(bucket, "/", 1)).await;
        assert_eq!(entries.len(), 1, "{bucket:?}");
        assert_eq!(entries[0].path, "plan.txt");
        let offer = drive
            .download_url(&object(bucket, "plan.txt"), &hours(1))
            .await;
        let url = offer.unwrap().signed().unwrap().url;
        assert_eq!(get(&url).await.text().await.unwrap(), "the plan");
        let missing = drive.delete_object(&object(bucket, "mine.txt")).await;
        assert_kind(missing, ErrorKind::NotFound);
    }
    let home = list_all(&drive, first_page(&buckets[0].id, "/", 10)).await;
    assert_eq!(home[0].path, "mine.txt");

    let signed = signed_upload(&drive, &object("Team space", "new/plan.txt")).await;
    assert_eq!(send(&signed, "better").await.status(), StatusCode::OK);
    drive
        .create_folder(&folder("Team space", ""), &name("Shared"))
        .await
        .unwrap();
    let entries = list_all(&drive, first_page("Team space", "", 10)).await;
    let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["new/", "Shared/", "plan.txt"]);
}

#[tokio::test]
async fn a_listing_goes_page_by_page_by_path_and_by_id() {
    let world = World::start().await;
    let docs = world.put_folder(ROOT, "Docs");
    for index in 0..5 {
        world.put_file(docs, &format!("file {index}"), "x");
    }
    world.put_folder(docs, "deeper");
    world.put_file(ROOT, "beside", "x");
    let drive = world.dropbox();

    let first = drive
        .list_objects(&first_page("", "docs", 4))
        .await
        .unwrap();
    assert_eq!(first.entries.len(), 4);
    assert!(first.next.is_some());
    let entries = list_all(&drive, first_page("", "docs", 4)).await;
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(
        names,
        ["file 0", "file 1", "file 2", "file 3", "deeper", "file 4"]
    );
    assert_eq!(entries[0].path, "Docs/file 0");
    assert_eq!(entries[0].size, 1);
    assert_eq!(
        entries[0].modified.unwrap().to_string(),
        "2026-11-24T10:00:00Z"
    );
    assert_eq!(entries[4].path, "Docs/deeper/");
    assert_eq!(entries[4].kind, EntryKind::Folder);
    assert_eq!((entries[4].size, entries[4].modified), (0, None));

    let whole = drive
        .list_objects(&first_page("", "Docs/", 1_000))
        .await
        .unwrap();
    assert_eq!(whole.entries[0].name, "deeper", "folders come first");
    assert_eq!(whole.next, None);

    let root = list_all(&drive, first_page("Dropbox", "/", 1)).await;
    let id = &root.iter().find(|entry| entry.name == "Docs").unwrap().id;
    let request = ListRequest {
        folder: folder_by_id(id),
        cursor: None,
        count: 2,
    };
    let again = list_all(&drive, request).await;
    let mut paths: Vec<_> = again.iter().map(|entry| entry.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths.len(), 6);
    assert_eq!(paths[0], "Docs/deeper/");

    // What can only be exported has no bytes.
    let kind = Kind::Other {
        what: "paper".to_owned(),
        target: None,
    };
    let now = world.simulator().clock().now();
    world
        .simulator()
        .tree()
        .add(Some(docs), "notes.paper", kind, now);
    assert_eq!(list_all(&drive, first_page("", "Docs", 3)).await.len(), 6);
    let offer = drive
        .download_url(&object("", "Docs/notes.paper"), &hours(1))
        .await;
    assert_kind(offer, ErrorKind::Invalid);
}

#[tokio::test]
async fn what_is_no_folder_is_not_listed() {
    let world = World::start().await;
    world.put_file(ROOT, "file", "x");
    let drive = world.dropbox();
    for path in ["file", "missing", "file/below", "a//b", "//", "back\\slash"] {
        let listed = drive.list_objects(&first_page("", path, 10)).await;
        assert_kind(listed, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_folder_is_created_once() {
    let world = World::start().await;
    let drive = world.dropbox();
    drive
        .create_folder(&folder("", ""), &name("New"))
        .await
        .unwrap();
    assert!(world.has("/New"));
    for again in ["New", "new", "NEW"] {
        let created = drive.create_folder(&folder("", "/"), &name(again)).await;
        assert_kind(created, ErrorKind::Duplicate);
    }
    // The folders above are made.
    drive
        .create_folder(&folder("", "a/b"), &name("c"))
        .await
        .unwrap();
    assert!(world.has("/a/b/c"));
    // The parent by its id.
    let entries = list_all(&drive, first_page("", "a", 10)).await;
    drive
        .create_folder(&folder_by_id(&entries[0].id), &name("d"))
        .await
        .unwrap();
    assert!(world.has("/a/b/d"));

    world.put_file(ROOT, "file", "x");
    let below_a_file = drive.create_folder(&folder("", "file"), &name("x")).await;
    assert_kind(below_a_file, ErrorKind::Duplicate);
    let entries = list_all(&drive, first_page("", "", 10)).await;
    let file = entries.iter().find(|entry| entry.name == "file").unwrap();
    let below_a_file = drive
        .create_folder(&folder_by_id(&file.id), &name("x"))
        .await;
    assert_kind(below_a_file, ErrorKind::NotFound);
    for bad in ["back\\slash", "ends with space ", "thumbs.db"] {
        let created = drive.create_folder(&folder("", ""), &name(bad)).await;
        let error = assert_kind(created, ErrorKind::Invalid);
        assert!(error.public().starts_with("folderName"), "{error:?}");
    }
}

#[tokio::test]
async fn names_go_through_unchanged() {
    let world = World::start().await;
    let drive = world.dropbox();
    for text in HOSTILE {
        drive
            .create_folder(&folder("", ""), &name(text))
            .await
            .unwrap();
        assert!(world.has(&format!("/{text}")), "{text:?}");
        let key = format!("{text}/{text}");
        let signed = signed_upload(&drive, &object("", &key)).await;
        assert_eq!(send(&signed, text).await.status(), StatusCode::OK);
        assert_eq!(world.content(&format!("/{key}")).unwrap(), text.as_bytes());

        let entries = list_all(&drive, first_page("", text, 10)).await;
        assert_eq!(entries.len(), 1);
        assert_eq!((&entries[0].path, entries[0].name.as_str()), (&key, text));
        let address = object("", &entries[0].path);
        let url = drive
            .download_url(&address, &hours(1))
            .await
            .unwrap()
            .signed()
            .unwrap()
            .url;
        assert_eq!(get(&url).await.text().await.unwrap(), text);
        drive.delete_object(&address).await.unwrap();
        drive
            .delete_object(&object("", &format!("{text}/")))
            .await
            .unwrap();
        assert!(!world.has(&format!("/{text}")), "{text:?}");
    }
}

#[tokio::test]
async fn deleting_a_folder_deletes_what_is_in_it() {
    let world = World::start().await;
    let top = world.put_folder(ROOT, "top");
    let deep = world.put_folder(top, "deep");
    world.put_file(deep, "file", "x");
    world.put_file(ROOT, "single", "x");
    world.put_file(ROOT, "other", "x");
    let drive = world.dropbox();

    let not_a_folder = drive.delete_object(&object("", "single/")).await;
    assert_kind(not_a_folder, ErrorKind::NotFound);
    assert!(world.has("/single"));
    drive.delete_object(&object("", "single")).await.unwrap();
    assert!(!world.has("/single"));
    let not_a_file = drive.delete_object(&object("", "top")).await;
    assert_kind(not_a_file, ErrorKind::NotFound);
    assert!(world.has("/top/deep/file"));
    drive.delete_object(&object("", "top/")).await.unwrap();
    assert!(!world.has("/top/deep/file"));
    for missing in ["single", "top/", "top/deep/file", "a//b", "back\\slash"] {
        let deleted = drive.delete_object(&object("", missing)).await;
        assert_kind(deleted, ErrorKind::NotFound);
    }
    let entries = list_all(&drive, first_page("", "", 10)).await;
    drive.delete_object(&by_id(&entries[0].id)).await.unwrap();
    assert!(!world.has("/other"));
    assert_kind(
        drive.delete_object(&by_id(&entries[0].id)).await,
        ErrorKind::NotFound,
    );
}
