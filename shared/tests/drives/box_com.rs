//! Box.

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use shared::domain::storage::{
    Bucket, CloudStorage, Content, ContentType, Download, DownloadOptions, Entry, EntryKind,
    FolderAddress, FolderName, ListRequest, ObjectAddress, Offer, Page, UploadOptions,
    UploadTarget,
};
use shared::domain::{Error, ErrorKind};
use shared::providers::box_com::BoxStorage;
use simulators::drives::tree::{Kind, NodeId, ROOT};
use simulators::drives::{Fault, Scope, Simulator, Vendor};

use crate::{World, first_page, folder, object};

const WRITE: &str = "root_readwrite";
const READ: &str = "root_readonly";

/// Names that Box takes and that something on the way could trip over.
const HOSTILE: [&str; 12] = [
    "it's \"quoted\".txt",
    "100% #1?.txt",
    "a+b c&d=e;f.txt",
    "%2e%2e%2f.txt",
    " leading space",
    "🎉 fête.txt",
    "日本語.txt",
    "<script>.html",
    "a:b|c*d.txt",
    "${x}{size}",
    "e\u{301}.txt",
    "--boundary--",
];

fn open(world: &World) -> BoxStorage {
    open_with(world, &[WRITE])
}

fn open_with(world: &World, scopes: &[&str]) -> BoxStorage {
    let token = world.token(Vendor::Box, scopes);
    BoxStorage::new(world.http(), token, world.clock())
}

fn now(simulator: &Simulator) -> Timestamp {
    simulator.clock().now()
}

fn put_file(world: &World, parent: NodeId, name: &str, content: &str) -> NodeId {
    let simulator = world.of(Vendor::Box);
    let at = now(simulator);
    let content = content.to_owned();
    simulator
        .tree()
        .add_file(parent, name, content, "text/plain", at)
}

fn put_folder(world: &World, parent: NodeId, name: &str) -> NodeId {
    let simulator = world.of(Vendor::Box);
    let at = now(simulator);
    simulator.tree().add_folder(parent, name, at)
}

/// The content of a file, if it is there.
fn stored(world: &World, path: &str) -> Option<Vec<u8>> {
    let tree = world.of(Vendor::Box).tree();
    let node = tree.all().find(|node| tree.path(node.id) == path)?;
    node.file().map(|file| file.content.to_vec())
}

fn by_id(id: &str) -> ObjectAddress {
    ObjectAddress {
        id: id.to_owned(),
        ..object("", "elsewhere")
    }
}

fn folder_by_id(id: &str) -> FolderAddress {
    FolderAddress {
        id: id.to_owned(),
        ..folder("", "elsewhere")
    }
}

fn name(text: &str) -> FolderName {
    FolderName::parse("folderName", text).unwrap()
}

async fn list(drive: &BoxStorage, path: &str) -> Page {
    drive
        .list_objects(&first_page("", path, 1_000))
        .await
        .unwrap()
}

async fn entry(drive: &BoxStorage, folder: &str, name: &str) -> Entry {
    let page = list(drive, folder).await;
    let found = page.entries.into_iter().find(|entry| entry.name == name);
    found.unwrap_or_else(|| panic!("{name:?} is not listed"))
}

async fn all(drive: &BoxStorage, mut request: ListRequest) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    loop {
        let page = drive.list_objects(&request).await.unwrap();
        assert!(page.entries.len() <= usize::from(request.count));
        pages.push(page.entries.into_iter().map(|entry| entry.path).collect());
        request.cursor = page.next;
        if request.cursor.is_none() {
            return pages;
        }
    }
}

fn text_plain() -> ContentType {
    ContentType::parse("contentType", "text/plain").unwrap()
}

async fn upload(drive: &BoxStorage, object: &ObjectAddress, body: &str) -> Result<(), Error> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    drive.upload(object, &text_plain(), body).await
}

async fn download(drive: &BoxStorage, object: &ObjectAddress) -> Result<String, Error> {
    match drive.download(object, &Download::default()).await? {
        Content::Redirect(url) => Ok(url),
        Content::Stream(_) | Content::OutOfRange(_) => panic!("Box has URLs"),
    }
}

/// What a browser reads.
async fn fetch(url: &str) -> reqwest::Response {
    reqwest::get(url).await.unwrap()
}

#[track_caller]
fn assert_kind<T>(result: Result<T, Error>, kind: ErrorKind) -> Error {
    match result {
        Ok(_) => panic!("it succeeded, not {kind:?}"),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{error:?}");
            error
        }
    }
}

#[tokio::test]
async fn there_is_one_bucket() {
    let world = World::start().await;
    let drive = open_with(&world, &[READ]);
    put_file(&world, ROOT, "a.txt", "a");

    drive.check_credentials().await.unwrap();
    let bucket = Bucket {
        id: "0".to_owned(),
        name: "All Files".to_owned(),
        region: None,
        created: None,
    };
    assert_eq!(drive.list_buckets(true).await.unwrap(), [bucket]);

    for bucket in ["", "0", "All Files"] {
        let page = drive.list_objects(&first_page(bucket, "", 10)).await;
        assert_eq!(page.unwrap().entries.len(), 1, "{bucket:?}");
    }
    for bucket in ["1", "all", "../0", "All Files/"] {
        let page = drive.list_objects(&first_page(bucket, "", 10)).await;
        assert_kind(page, ErrorKind::NotFound);
        let url = download(&drive, &object(bucket, "a.txt")).await;
        assert_kind(url, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_listing_tells_what_box_knows() {
    let world = World::start().await;
    let drive = open(&world);
    let photos = put_folder(&world, ROOT, "Photos");
    put_file(&world, photos, "b.jpg", "12345");
    put_folder(&world, photos, "2026");
    world.advance(SignedDuration::from_mins(5));
    put_file(&world, photos, "a.jpg", "");

    let page = list(&drive, "Photos").await;

    assert_eq!(page.next, None);
    let paths: Vec<_> = page.entries.iter().map(|e| e.path.as_str()).collect();
    assert_eq!(paths, ["Photos/2026/", "Photos/a.jpg", "Photos/b.jpg"]);
    let [folder, empty, file] = &page.entries[..] else {
        panic!("{page:?}");
    };
    assert_eq!((folder.kind, folder.size), (EntryKind::Folder, 0));
    assert!(folder.id.starts_with("folder:"), "{folder:?}");
    assert_eq!((file.kind, file.size), (EntryKind::File, 5));
    assert!(file.id.starts_with("file:"), "{file:?}");
    assert_eq!(file.name, "b.jpg");
    // Box says 02:00 and minus eight hours.
    let at = |time: &str| Some(time.parse::<Timestamp>().unwrap());
    assert_eq!(file.modified, at("2026-11-24T10:00:00Z"));
    assert_eq!(empty.modified, at("2026-11-24T10:05:00Z"));
    assert_eq!(empty.size, 0);

    // The size of the folder above is that of its content, in Box's own answer.
    let photos = entry(&drive, "", "Photos").await;
    assert_eq!(photos.size, 0);
}

#[tokio::test]
async fn pages_end_when_box_says_so() {
    let world = World::start().await;
    let drive = open(&world);
    let folder = put_folder(&world, ROOT, "many");
    for number in 0..5 {
        put_file(&world, folder, &format!("{number}.txt"), "x");
    }
    put_folder(&world, folder, "sub");
    // A bookmark: it takes a place on a page, and is not shown.
    let kind = Kind::Other {
        what: "web_link".to_owned(),
        target: None,
    };
    let simulator = world.of(Vendor::Box);
    let at = now(simulator);
    simulator.tree().add(Some(folder), "bookmark", kind, at);

    let pages = all(&drive, first_page("", "many/", 3)).await;
    assert_eq!(
        pages,
        [
            vec!["many/sub/", "many/0.txt", "many/1.txt"],
            vec!["many/2.txt", "many/3.txt", "many/4.txt"],
            vec![],
        ]
    );

    let id = entry(&drive, "", "many").await.id;
    let request = ListRequest {
        folder: folder_by_id(&id),
        cursor: None,
        count: 3,
    };
    assert_eq!(all(&drive, request).await, pages);
}

#[tokio::test]
async fn a_cursor_is_for_its_folder_and_its_time() {
    let world = World::start().await;
    let drive = open(&world);
    for folder in ["one", "two"] {
        let folder = put_folder(&world, ROOT, folder);
        put_file(&world, folder, "a", "");
        put_file(&world, folder, "b", "");
    }
    let cursor = drive
        .list_objects(&first_page("", "one", 1))
        .await
        .unwrap()
        .next;
    assert!(cursor.is_some());

    let with = |path: &str, cursor: Option<String>| ListRequest {
        cursor,
        ..first_page("", path, 1)
    };
    let page = drive.list_objects(&with("one", cursor.clone())).await;
    assert_eq!(page.unwrap().entries[0].name, "b");

    for request in [
        with("two", cursor.clone()),
        with("one", Some("unknown&limit=1".to_owned())),
    ] {
        let error = assert_kind(drive.list_objects(&request).await, ErrorKind::Invalid);
        assert!(error.public().starts_with("continuationToken:"));
    }
    world
        .of(Vendor::Box)
        .clock()
        .advance(SignedDuration::from_hours(25));
    let drive = open(&world);
    let error = drive.list_objects(&with("one", cursor)).await;
    let error = assert_kind(error, ErrorKind::Invalid);
    assert!(error.public().starts_with("continuationToken:"));
}

#[tokio::test]
async fn ids_win_over_paths() {
    let world = World::start().await;
    let drive = open(&world);
    let a = put_folder(&world, ROOT, "a");
    let b = put_folder(&world, a, "b");
    put_file(&world, b, "c.txt", "deep");

    let b = entry(&drive, "a", "b").await;
    let request = ListRequest {
        folder: folder_by_id(&b.id),
        cursor: None,
        count: 10,
    };
    let page = drive.list_objects(&request).await.unwrap();
    // The path is the folder's own, not the request's.
    assert_eq!(page.entries[0].path, "a/b/c.txt");

    let root = ListRequest {
        folder: folder_by_id("folder:0"),
        cursor: None,
        count: 10,
    };
    let page = drive.list_objects(&root).await.unwrap();
    assert_eq!(page.entries[0].path, "a/");

    let file = entry(&drive, "a/b", "c.txt").await;
    let url = download(&drive, &by_id(&file.id)).await.unwrap();
    assert_eq!(fetch(&url).await.text().await.unwrap(), "deep");
}

#[tokio::test]
async fn a_file_and_a_folder_may_have_the_same_number() {
    let world = World::start().await;
    let drive = open(&world);
    put_file(&world, ROOT, "file", "kept");
    put_folder(&world, ROOT, "folder");
    let file = entry(&drive, "", "file").await;
    let folder = entry(&drive, "", "folder").await;
    let number = |id: &str| id.split_once(':').unwrap().1.to_owned();
    assert_eq!(number(&file.id), number(&folder.id));

    drive.delete_object(&by_id(&folder.id)).await.unwrap();

    assert_eq!(stored(&world, "/file"), Some(b"kept".to_vec()));
    let again = drive.delete_object(&by_id(&folder.id)).await;
    assert_kind(again, ErrorKind::NotFound);
    drive.delete_object(&by_id(&file.id)).await.unwrap();
    assert_eq!(stored(&world, "/file"), None);
}

#[tokio::test]
async fn what_cannot_be_an_id_is_never_sent() {
    let world = World::start().await;
    let drive = open(&world);
    let fault = Fault::Status {
        status: 500,
        retry_after: None,
    };
    world
        .of(Vendor::Box)
        .switches()
        .add(fault, Scope::All, None);
    for id in [
        "123",
        "file:",
        "file:1/content",
        "file:1?x",
        "file:..",
        "web_link:1",
        "folder: 1",
        "file:１",
        "FILE:1",
    ] {
        assert_kind(drive.delete_object(&by_id(id)).await, ErrorKind::NotFound);
        assert_kind(download(&drive, &by_id(id)).await, ErrorKind::NotFound);
        assert_kind(upload(&drive, &by_id(id), "x").await, ErrorKind::NotFound);
        let parent = folder_by_id(id);
        let created = drive.create_folder(&parent, &name("x")).await;
        assert_kind(created, ErrorKind::NotFound);
    }
    // A folder's id where a file is meant, and the other way round.
    assert_kind(
        download(&drive, &by_id("folder:1")).await,
        ErrorKind::NotFound,
    );
    let created = drive
        .create_folder(&folder_by_id("file:1"), &name("x"))
        .await;
    assert_kind(created, ErrorKind::NotFound);
    // An id that Box may have given out is asked for.
    assert_kind(
        drive.delete_object(&by_id("file:1")).await,
        ErrorKind::Unavailable,
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::start().await;
    let drive = open(&world);
    let folder = put_folder(&world, ROOT, "here");
    put_file(&world, folder, "file", "x");

    for path in ["gone", "here/gone", "here/file", "gone/gone", "here//x"] {
        let page = drive.list_objects(&first_page("", path, 10)).await;
        assert_kind(page, ErrorKind::NotFound);
    }
    // A key without a slash is a file's, one with a slash a folder's.
    for key in ["gone", "here", "here/file/", "here/gone", "//"] {
        let deleted = drive.delete_object(&object("", key)).await;
        assert_kind(deleted, ErrorKind::NotFound);
    }
    for id in [
        "file:999",
        "folder:999",
        "file:0",
        "file:99999999999999999999",
    ] {
        let deleted = drive.delete_object(&by_id(id)).await;
        assert_kind(deleted, ErrorKind::NotFound);
    }
    assert_kind(
        download(&drive, &object("", "here/gone")).await,
        ErrorKind::NotFound,
    );
    let parent = crate::folder("", "gone");
    assert_kind(
        drive.create_folder(&parent, &name("x")).await,
        ErrorKind::NotFound,
    );
    assert_kind(
        upload(&drive, &object("", "gone/x"), "x").await,
        ErrorKind::NotFound,
    );
    assert_eq!(stored(&world, "/here/file"), Some(b"x".to_vec()));
}

#[tokio::test]
async fn folders_are_created_once() {
    let world = World::start().await;
    let drive = open(&world);
    drive
        .create_folder(&folder("All Files", ""), &name("New"))
        .await
        .unwrap();
    drive
        .create_folder(&folder("", "new"), &name("inner"))
        .await
        .unwrap();
    assert_eq!(list(&drive, "New").await.entries[0].path, "New/inner/");

    // The same name, and one that differs in case only.
    for taken in ["New", "nEW"] {
        let again = drive.create_folder(&folder("", ""), &name(taken)).await;
        assert_kind(again, ErrorKind::Duplicate);
    }
    let id = entry(&drive, "", "New").await.id;
    drive
        .create_folder(&folder_by_id(&id), &name("by id"))
        .await
        .unwrap();
    assert_eq!(list(&drive, "New").await.entries.len(), 2);
}

#[tokio::test]
async fn names_that_box_does_not_take_are_refused_as_such() {
    let world = World::start().await;
    let drive = open(&world);
    let long = "x".repeat(256);
    for bad in ["back\\slash", "trailing ", "tab\t", &long] {
        let created = drive.create_folder(&folder("", ""), &name(bad)).await;
        let error = assert_kind(created, ErrorKind::Invalid);
        assert!(error.public().starts_with("folderName:"), "{error:?}");
        let error = upload(&drive, &object("", bad), "x").await;
        let error = assert_kind(error, ErrorKind::Invalid);
        assert!(error.public().starts_with("key:"), "{error:?}");
        assert!(!format!("{error:?}").contains(bad), "{error:?}");
    }
}

#[tokio::test]
async fn hostile_names_go_through_unharmed() {
    let world = World::start().await;
    let drive = open(&world);
    for hostile in HOSTILE {
        drive
            .create_folder(&folder("", ""), &name(hostile))
            .await
            .unwrap();
        let key = format!("{hostile}/{hostile}");
        upload(&drive, &object("", &key), hostile).await.unwrap();
        assert_eq!(
            stored(&world, &format!("/{key}")),
            Some(hostile.as_bytes().to_vec())
        );

        let listed = list(&drive, hostile).await.entries;
        let [file] = &listed[..] else {
            panic!("{listed:?}");
        };
        assert_eq!((&file.name[..], &file.path[..]), (hostile, &key[..]));

        let url = download(&drive, &object("", &file.path)).await.unwrap();
        let answer = fetch(&url).await;
        assert_eq!(answer.text().await.unwrap(), hostile);

        let folder = entry(&drive, "", hostile).await;
        drive
            .delete_object(&object("", &folder.path))
            .await
            .unwrap();
    }
    assert!(list(&drive, "").await.entries.is_empty());
}

#[tokio::test]
async fn a_folder_goes_with_all_that_is_in_it_but_never_the_root() {
    let world = World::start().await;
    let drive = open(&world);
    let outer = put_folder(&world, ROOT, "outer");
    let inner = put_folder(&world, outer, "inner");
    put_file(&world, inner, "file", "x");
    put_file(&world, ROOT, "other", "kept");

    drive.delete_object(&object("", "outer/")).await.unwrap();
    assert_eq!(stored(&world, "/outer/inner/file"), None);

    let root = drive.delete_object(&by_id("folder:0")).await;
    assert_kind(root, ErrorKind::AccessRefused);
    assert_eq!(stored(&world, "/other"), Some(b"kept".to_vec()));

    drive.delete_object(&object("", "OTHER")).await.unwrap();
    let again = drive.delete_object(&object("", "other")).await;
    assert_kind(again, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_long_way_is_walked_page_by_page() {
    let world = World::start().await;
    let drive = open(&world);
    for number in 0..1_200 {
        put_folder(&world, ROOT, &format!("{number:04}"));
    }
    let last = put_folder(&world, ROOT, "zzz");
    put_file(&world, last, "found", "yes");

    let url = download(&drive, &object("", "ZZZ/found")).await.unwrap();
    assert_eq!(fetch(&url).await.text().await.unwrap(), "yes");
}

#[tokio::test]
async fn a_way_has_an_end() {
    let world = World::start().await;
    let drive = open(&world);
    let mut at = ROOT;
    for _ in 0..70 {
        at = put_folder(&world, at, "d");
    }
    let page = drive
        .list_objects(&first_page("", &"d/".repeat(60), 10))
        .await;
    assert_eq!(page.unwrap().entries.len(), 1);
    let page = drive
        .list_objects(&first_page("", &"d/".repeat(61), 10))
        .await;
    let error = assert_kind(page, ErrorKind::Invalid);
    assert!(error.public().contains("give the id"), "{error:?}");
}

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

#[tokio::test]
async fn a_token_that_box_no_longer_takes_may_be_refreshed() {
    let world = World::start().await;
    let drive = open(&world);
    put_file(&world, ROOT, "a", "x");
    drive.check_credentials().await.unwrap();
    world.advance(SignedDuration::from_hours(1));
    let expired = drive.check_credentials().await;
    assert_kind(expired, ErrorKind::AccessExpired);
    assert_kind(drive.list_buckets(false).await, ErrorKind::AccessExpired);
    assert_kind(
        upload(&drive, &object("", "b"), "x").await,
        ErrorKind::AccessExpired,
    );

    let drive = open(&world);
    world.of(Vendor::Box).grants().revoke_all();
    for result in [
        drive.list_objects(&first_page("", "", 1)).await.map(drop),
        download(&drive, &object("", "a")).await.map(drop),
        drive.delete_object(&object("", "a")).await,
        drive.create_folder(&folder("", ""), &name("x")).await,
    ] {
        assert_kind(result, ErrorKind::AccessExpired);
    }
}

#[tokio::test]
async fn a_token_for_reading_writes_nothing() {
    let world = World::start().await;
    let drive = open_with(&world, &[READ]);
    put_file(&world, ROOT, "a", "x");
    let parent = folder("", "");
    for result in [
        drive.create_folder(&parent, &name("x")).await,
        drive.delete_object(&object("", "a")).await,
        upload(&drive, &object("", "b"), "x").await,
        upload(&drive, &object("", "a"), "y").await,
    ] {
        assert_kind(result, ErrorKind::AccessRefused);
    }
    assert_eq!(stored(&world, "/a"), Some(b"x".to_vec()));

    let nothing = open_with(&world, &["manage_webhook"]);
    nothing.check_credentials().await.unwrap();
    let page = nothing.list_objects(&first_page("", "", 1)).await;
    assert_kind(page, ErrorKind::AccessRefused);
}

#[tokio::test]
async fn a_busy_or_failing_box_is_unavailable() {
    let world = World::start().await;
    let drive = open(&world);
    let switches = world.of(Vendor::Box).switches();
    for (status, retry_after, told) in [
        (429, Some(90), 90),
        (429, None, 2),
        (500, None, 2),
        (502, None, 2),
        (503, Some(30), 30),
    ] {
        let fault = Fault::Status {
            status,
            retry_after,
        };
        switches.add(fault, Scope::Api, Some(1));
        let error = assert_kind(drive.check_credentials().await, ErrorKind::Unavailable);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(told)));
    }
    switches.add(Fault::LoseAnswer, Scope::Api, Some(1));
    assert_kind(drive.check_credentials().await, ErrorKind::Unavailable);

    // A short pause is made here; an upload is repeated as well.
    let fault = Fault::Status {
        status: 429,
        retry_after: Some(0),
    };
    switches.add(fault, Scope::Api, Some(1));
    upload(&drive, &object("", "a"), "x").await.unwrap();
    assert_eq!(stored(&world, "/a"), Some(b"x".to_vec()));
}

#[tokio::test]
async fn no_error_tells_a_secret() {
    let world = World::start().await;
    let token = world.token(Vendor::Box, &[READ]);
    let drive = BoxStorage::new(world.http(), token, world.clock());
    put_file(&world, ROOT, "private-name", "private-body");
    let error = upload(&drive, &object("", "private-name"), "private-body").await;
    let text = format!("{:?}", assert_kind(error, ErrorKind::AccessRefused));
    assert!(
        text.contains("UploadFile: 403 insufficient_scope"),
        "{text}"
    );
    for secret in ["canary", "private", "127.0.0.1"] {
        assert!(!text.contains(secret), "{text}");
    }
}
