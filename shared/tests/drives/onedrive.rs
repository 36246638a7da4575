//! OneDrive, as the product sees it.

mod contents;
mod failures;
mod identity;

use bytes::Bytes;
use jiff::SignedDuration;
use reqwest::{Client, Response};
use shared::domain::storage::{
    CloudStorage, Content, ContentType, Download, Entry, EntryKind, FolderAddress, FolderName,
    ListRequest, ObjectAddress, Offer, UploadOptions, UploadTarget,
};
use shared::domain::{Error, ErrorKind};
use shared::providers::onedrive::OneDriveStorage;
use simulators::drives::tree::{Kind, NodeId, ROOT};
use simulators::drives::{Fault, Scope, Simulator, Vendor};

use super::{World, first_page, folder, object};

const SCOPES: [&str; 2] = ["Files.ReadWrite.All", "offline_access"];

/// Names that OneDrive takes and that URLs and queries could stumble over.
const HOSTILE: [&str; 10] = [
    "a b.txt",
    "50%.txt",
    "%2F",
    "a#b.txt",
    "a+b&c=d.txt",
    "it's",
    "'; drop",
    "ünïcödé-é.txt",
    "🦀 crab.txt",
    "$skiptoken=x,y;(z)@~!",
];

fn open(world: &World, scopes: &[&str]) -> OneDriveStorage {
    let token = world.token(Vendor::OneDrive, scopes);
    OneDriveStorage::new(world.http(), token, world.clock())
}

fn vendor(world: &World) -> &Simulator {
    world.of(Vendor::OneDrive)
}

fn add_file(world: &World, parent: NodeId, name: &str, content: &str) -> NodeId {
    let (vendor, content) = (vendor(world), content.to_owned());
    let now = vendor.clock().now();
    vendor
        .tree()
        .add_file(parent, name, content, "text/plain", now)
}

fn add_folder(world: &World, parent: NodeId, name: &str) -> NodeId {
    let now = vendor(world).clock().now();
    vendor(world).tree().add_folder(parent, name, now)
}

fn by_id(id: &str) -> ObjectAddress {
    ObjectAddress {
        id: id.to_owned(),
        ..object("", "ignored")
    }
}

fn folder_by_id(id: &str) -> FolderAddress {
    FolderAddress {
        id: id.to_owned(),
        ..folder("", "")
    }
}

async fn create(drive: &OneDriveStorage, parent: FolderAddress, name: &str) -> Result<(), Error> {
    let name = FolderName::parse("folderName", name).unwrap();
    drive.create_folder(&parent, &name).await
}

async fn download(drive: &OneDriveStorage, object: ObjectAddress) -> Result<Content, Error> {
    drive.download(&object, &Download::default()).await
}

/// Where a body of one byte goes.
async fn target(drive: &OneDriveStorage, key: &str) -> Result<UploadTarget, Error> {
    let content_type = ContentType::default();
    drive
        .upload_target(&object("", key), &content_type, Some(1))
        .await
}

/// Everything in a folder, with what each page held.
async fn list(drive: &OneDriveStorage, folder: FolderAddress, count: u16) -> Vec<Vec<Entry>> {
    let mut request = ListRequest {
        folder,
        cursor: None,
        count,
    };
    let mut pages = Vec::new();
    loop {
        let page = drive.list_objects(&request).await.unwrap();
        pages.push(page.entries);
        match page.next {
            Some(cursor) => request.cursor = Some(cursor),
            None => return pages,
        }
    }
}

/// The one entry of that name in a folder.
async fn entry(drive: &OneDriveStorage, folder: FolderAddress, name: &str) -> Entry {
    let entries = list(drive, folder, 1_000).await.concat();
    let mut found = entries.into_iter().filter(|entry| entry.name == name);
    let entry = found.next().unwrap();
    assert!(found.next().is_none(), "{name} is there once");
    entry
}

/// The URL that a click on our download link answers.
async fn click(drive: &OneDriveStorage, object: &ObjectAddress) -> String {
    match download(drive, object.clone()).await.unwrap() {
        Content::Redirect(url) => url,
        _ => panic!("OneDrive redirects"),
    }
}

async fn get(url: &str) -> Response {
    Client::new().get(url).send().await.unwrap()
}

async fn text(drive: &OneDriveStorage, object: &ObjectAddress) -> String {
    let answer = get(&click(drive, object).await).await;
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// Uploads as a client does that follows the offer.
async fn upload(drive: &OneDriveStorage, object: &ObjectAddress, body: &str) {
    let options = UploadOptions {
        lifetime: std::time::Duration::from_hours(24),
        content_type: ContentType::parse("contentType", "text/plain").unwrap(),
    };
    let Offer::Link(link) = drive.upload_url(object, &options).await.unwrap() else {
        panic!("no URL of OneDrive lives a day");
    };
    let size = body.len() as u64;
    let target = drive.upload_target(object, &options.content_type, Some(size));
    let url = match target.await.unwrap() {
        UploadTarget::Redirect(url) => url,
        UploadTarget::Relay { bytes_max } => {
            assert!(size <= bytes_max, "{size}");
            let body = Bytes::copy_from_slice(body.as_bytes());
            return drive
                .upload(object, &options.content_type, body)
                .await
                .unwrap();
        }
    };
    let mut request = Client::new().request(link.method.parse().unwrap(), url);
    for (name, value) in link.headers {
        let value = value
            .replace("{size}", &size.to_string())
            .replace("{last}", &(size - 1).to_string());
        request = request.header(name, value);
    }
    let answer = request.body(body.to_owned()).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// From now on, a request that is sent meets a failing provider.
fn fail_all(world: &World) {
    let fault = Fault::Status {
        status: 500,
        retry_after: None,
    };
    vendor(world).switches().add(fault, Scope::Api, None);
}

#[track_caller]
fn assert_kind<T>(result: Result<T, Error>, kind: ErrorKind) {
    match result {
        Ok(_) => panic!("{kind:?} was to come"),
        Err(error) => assert_eq!(error.kind(), kind, "{error:?}"),
    }
}

#[tokio::test]
async fn buckets_are_the_users_drives_by_name_or_id() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let now = vendor(&world).clock().now();
    let team = vendor(&world).tree().add_root("Team files", now);
    add_file(&world, team, "plan.txt", "plan");
    add_file(&world, ROOT, "mine.txt", "mine");

    let buckets = drive.list_buckets(true).await.unwrap();
    let names: Vec<_> = buckets.iter().map(|bucket| bucket.name.as_str()).collect();
    assert_eq!(names, ["OneDrive", "Team files"]);
    assert_eq!(buckets[1].region, None);
    for (bucket, file) in [
        ("", "mine.txt"),
        ("OneDrive", "mine.txt"),
        (&buckets[0].id, "mine.txt"),
        ("Team files", "plan.txt"),
        (&buckets[1].id, "plan.txt"),
    ] {
        let page = drive.list_objects(&first_page(bucket, "", 10)).await;
        assert_eq!(page.unwrap().entries[0].name, file, "{bucket:?}");
    }
    let unknown_id = format!("b!{}", "x".repeat(64));
    for bucket in [
        "team files",
        "Other",
        "drive-1",
        "8E2F5A1047C3B961",
        &unknown_id,
    ] {
        let page = drive.list_objects(&first_page(bucket, "", 10)).await;
        assert_kind(page, ErrorKind::NotFound);
        let created = create(&drive, folder(bucket, ""), "x");
        assert_kind(created.await, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_listing_is_read_page_by_page_to_its_end() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let docs = add_folder(&world, ROOT, "docs");
    for name in ["e", "B", "d", "a", "c"] {
        add_file(&world, docs, name, name);
    }
    add_folder(&world, docs, "bb");
    add_folder(&world, docs, "z");

    for count in [1, 2, 3, 7, 1_000] {
        let pages = list(&drive, folder("", "docs"), count).await;
        assert_eq!(pages.len(), 7_usize.div_ceil(count.into()));
        for page in &pages {
            assert!(page.len() <= count.into());
            let is_file = |entry: &Entry| entry.kind == EntryKind::File;
            assert!(page.is_sorted_by_key(is_file), "{page:?}");
        }
        let mut paths: Vec<_> = pages.concat().into_iter().map(|one| one.path).collect();
        paths.sort_by_key(|path| path.to_lowercase());
        let expected = [
            "docs/a", "docs/B", "docs/bb/", "docs/c", "docs/d", "docs/e", "docs/z/",
        ];
        assert_eq!(paths, expected);
    }
    let file = entry(&drive, folder("", "docs/"), "d").await;
    assert_eq!((file.size, file.kind), (1, EntryKind::File));
    assert_eq!(file.modified, Some(vendor(&world).clock().now()));
    let inner = entry(&drive, folder("", ""), "docs").await;
    assert_eq!((inner.size, inner.path.as_str()), (0, "docs/"));
    assert_eq!(list(&drive, folder("", "docs/z"), 9).await, [[]]);
}

#[tokio::test]
async fn an_id_addresses_what_a_path_does() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let outer = add_folder(&world, ROOT, "a b");
    let inner = add_folder(&world, outer, "50% #1");
    add_file(&world, inner, "f.txt", "inner");

    let outer = entry(&drive, folder("", ""), "a b").await;
    let by_path = list(&drive, folder("", "a b/50% #1"), 10).await;
    let inner = entry(&drive, folder_by_id(&outer.id), "50% #1").await;
    assert_eq!(inner.path, "a b/50% #1/");
    assert_eq!(list(&drive, folder_by_id(&inner.id), 10).await, by_path);

    // The id wins.
    let file = &by_path[0][0];
    assert_eq!(file.path, "a b/50% #1/f.txt");
    assert_eq!(text(&drive, &by_id(&file.id)).await, "inner");
    upload(&drive, &by_id(&file.id), "changed").await;
    assert_eq!(text(&drive, &object("", &file.path)).await, "changed");
    drive.delete_object(&by_id(&file.id)).await.unwrap();
    let gone = drive.delete_object(&by_id(&file.id)).await;
    assert_kind(gone, ErrorKind::NotFound);
}

#[tokio::test]
async fn hostile_names_come_back_as_they_went() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    for name in HOSTILE {
        create(&drive, folder("", ""), name).await.unwrap();
        let made = entry(&drive, folder("", ""), name).await;
        assert_eq!(made.path, format!("{name}/"));
        let key = format!("{name}/{name}");
        upload(&drive, &object("", &key), name).await;
        let file = entry(&drive, folder("", &made.path), name).await;
        assert_eq!(file.path, key);
        let same = entry(&drive, folder_by_id(&made.id), name).await;
        assert_eq!(same, file);
        assert_eq!(text(&drive, &object("", &file.path)).await, name);
        drive.delete_object(&object("", &file.path)).await.unwrap();
        let gone = download(&drive, object("", &key)).await;
        assert_kind(gone, ErrorKind::NotFound);
        drive.delete_object(&object("", &made.path)).await.unwrap();
    }
    assert_eq!(list(&drive, folder("", ""), 10).await, [[]]);
}

#[tokio::test]
async fn a_folder_is_made_once() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let (root, docs) = (folder("", ""), folder("", "docs"));
    create(&drive, root.clone(), "docs").await.unwrap();
    for taken in ["docs", "DOCS"] {
        let again = create(&drive, root.clone(), taken).await;
        assert_kind(again, ErrorKind::Duplicate);
    }
    create(&drive, docs.clone(), "inner").await.unwrap();
    let inner = entry(&drive, docs, "inner").await;
    create(&drive, folder_by_id(&inner.id), "deep")
        .await
        .unwrap();
    let deep = entry(&drive, folder("", "docs/inner"), "deep").await;
    assert_eq!(deep.path, "docs/inner/deep/");

    let nowhere = create(&drive, folder("", "none"), "x");
    assert_kind(nowhere.await, ErrorKind::NotFound);
    // OneDrive itself refuses this one.
    let refused = create(&drive, root.clone(), "ends in a dot.");
    let error = refused.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.public().starts_with("folderName:"), "{error}");
}

#[tokio::test]
async fn deleting_takes_what_is_inside_along() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let docs = add_folder(&world, ROOT, "docs");
    let inner = add_folder(&world, docs, "inner");
    add_file(&world, inner, "a.txt", "a");
    add_file(&world, ROOT, "b.txt", "b");

    // The slash says what is meant, and nothing else goes.
    for wrong in ["docs", "b.txt/"] {
        let deleted = drive.delete_object(&object("", wrong)).await;
        assert_kind(deleted, ErrorKind::NotFound);
    }
    drive.delete_object(&object("", "docs/")).await.unwrap();
    let left: Vec<_> = list(&drive, folder("", ""), 9).await.concat();
    assert_eq!(left.len(), 1);
    drive.delete_object(&object("", "b.txt")).await.unwrap();
    let again = drive.delete_object(&object("", "b.txt")).await;
    assert_kind(again, ErrorKind::NotFound);
    let page = drive.list_objects(&first_page("", "docs", 9)).await;
    assert_kind(page, ErrorKind::NotFound);
}

#[tokio::test]
async fn somebody_elses_file_that_was_added_is_described_and_downloaded() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let now = vendor(&world).clock().now();
    let theirs = vendor(&world).tree().add_root("Theirs", now);
    let file = add_file(&world, theirs, "plan.txt", "plan");
    let kind = Kind::Other {
        what: "remote".to_owned(),
        target: Some(file),
    };
    vendor(&world)
        .tree()
        .add(Some(ROOT), "The plan.txt", kind, now);

    let address = object("", "The plan.txt");
    let description = drive.describe(&address).await.unwrap();
    assert_eq!(description.name, "The plan.txt");
    assert_eq!(description.size, 4);
    assert_eq!(description.content_type.as_deref(), Some("text/plain"));
    assert_eq!(text(&drive, &address).await, "plan");
}

#[tokio::test]
async fn somebody_elses_folder_that_was_added_opens_and_is_taken_out_alone() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let now = vendor(&world).clock().now();
    let theirs = vendor(&world).tree().add_root("Theirs", now);
    let shared = add_folder(&world, theirs, "Project");
    add_file(&world, shared, "plan.txt", "plan");
    let (added, notes) = {
        let mut tree = vendor(&world).tree();
        let mut add = |name, what: &str, target| {
            let what = what.to_owned();
            tree.add(Some(ROOT), name, Kind::Other { what, target }, now)
        };
        (
            add("Shared project", "remote", Some(shared)),
            add("Notes", "package", None),
        )
    };

    let root = list(&drive, folder("", ""), 10).await.concat();
    assert_eq!(root.len(), 1, "a notebook is no file: {root:?}");
    assert_eq!(root[0].path, "Shared project/");
    let plan = entry(&drive, folder_by_id(&root[0].id), "plan.txt").await;
    assert_eq!(text(&drive, &by_id(&plan.id)).await, "plan");
    create(&drive, folder_by_id(&root[0].id), "new")
        .await
        .unwrap();

    drive.delete_object(&by_id(&root[0].id)).await.unwrap();
    let tree = vendor(&world).tree();
    assert!(tree.get(added).is_none());
    assert!(tree.get(notes).is_some());
    assert!(tree.child(shared, "new").is_some());
}
