//! What listings show, and how things are addressed.

use super::{
    READ, all, assert_kind, by_id, download, entry, fetch, folder_by_id, list, name, now, open,
    open_with, put_file, put_folder, stored, upload,
};
use crate::{World, first_page, folder, object};
use jiff::{SignedDuration, Timestamp};
use shared::domain::ErrorKind;
use shared::domain::storage::{Bucket, CloudStorage, EntryKind, ListRequest};
use simulators::drives::tree::{Kind, ROOT};
use simulators::drives::{Fault, Scope, Vendor};

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
    for _ in 0..40 {
        at = put_folder(&world, at, "d");
    }
    let page = drive
        .list_objects(&first_page("", &"d/".repeat(30), 10))
        .await;
    assert_eq!(page.unwrap().entries.len(), 1);
    let page = drive
        .list_objects(&first_page("", &"d/".repeat(31), 10))
        .await;
    let error = assert_kind(page, ErrorKind::Invalid);
    assert!(error.public().contains("give the id"), "{error:?}");
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
    let here = put_folder(&world, ROOT, "here");
    put_file(&world, here, "file", "x");

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
    let parent = folder("", "gone");
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
