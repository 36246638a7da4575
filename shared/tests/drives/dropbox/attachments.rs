//! Files that browsers are to save: they come through us.

use futures_util::TryStreamExt;
use shared::domain::storage::{
    ByteRange, CloudStorage, Content, ContentStream, Download, ObjectAddress,
};
use shared::domain::{ErrorKind, Result};
use shared::providers::dropbox::DropboxStorage;
use simulators::drives::tree::{Kind, ROOT};
use simulators::drives::{Fault, Scope};

use super::{HOSTILE, assert_kind, by_id, list_all};
use crate::{World, first_page, object};

async fn save(
    drive: &DropboxStorage,
    address: &ObjectAddress,
    range: Option<ByteRange>,
) -> Result<Content> {
    let request = Download {
        attachment: true,
        range,
        through_us: false,
    };
    drive.download(address, &request).await
}

async fn stream(
    drive: &DropboxStorage,
    address: &ObjectAddress,
    range: Option<ByteRange>,
) -> ContentStream {
    match save(drive, address, range).await.unwrap() {
        Content::Stream(content) => content,
        Content::Redirect(_) => panic!("a link's disposition is not documented"),
        Content::OutOfRange(size) => panic!("behind {size:?}"),
    }
}

async fn text(content: ContentStream) -> String {
    let chunks: Vec<_> = content.chunks.try_collect().await.unwrap();
    String::from_utf8(chunks.concat()).unwrap()
}

#[tokio::test]
async fn a_file_that_is_to_be_saved_comes_through_us_with_its_name() {
    let world = World::start().await;
    for name in HOSTILE {
        world.put_file(ROOT, name, "text");
    }
    let drive = world.dropbox();
    for name in HOSTILE {
        let content = stream(&drive, &object("Dropbox", name), None).await;
        assert_eq!(content.name, name);
        assert_eq!(
            content.content_type.as_deref(),
            Some("application/octet-stream"),
        );
        assert_eq!((content.length, &content.part), (Some(4), &None));
        assert_eq!(text(content).await, "text");
    }
    for entry in list_all(&drive, first_page("", "", 10)).await {
        let content = stream(&drive, &by_id(&entry.id), None).await;
        assert_eq!(content.name, entry.name, "an id does not tell the name");
    }
}

#[tokio::test]
async fn a_part_is_streamed_as_it_was_asked_for() {
    let world = World::start().await;
    world.put_file(ROOT, "a.txt", "0123456789");
    let drive = world.dropbox();
    let address = object("", "a.txt");
    for (range, part, bytes) in [
        (ByteRange::From(8), "bytes 8-9/10", "89"),
        (ByteRange::Between(2, 4), "bytes 2-4/10", "234"),
        (ByteRange::Between(2, 99), "bytes 2-9/10", "23456789"),
        (ByteRange::Last(3), "bytes 7-9/10", "789"),
    ] {
        let content = stream(&drive, &address, Some(range)).await;
        assert_eq!(content.part.as_deref(), Some(part));
        assert_eq!(content.length, Some(bytes.len() as u64), "{range:?}");
        assert_eq!(text(content).await, bytes, "{range:?}");
    }
    let beyond = save(&drive, &address, Some(ByteRange::From(10))).await;
    assert!(matches!(beyond.unwrap(), Content::OutOfRange(Some(10))));
}

#[tokio::test]
async fn a_file_of_the_team_is_streamed_too() {
    let world = World::start().await;
    let now = world.simulator().clock().now();
    let team = world.simulator().tree().add_root("Team", now);
    world.put_file(team, "plan.txt", "the plan");
    let drive = world.dropbox();
    let content = stream(&drive, &object("Team space", "plan.txt"), None).await;
    assert_eq!(text(content).await, "the plan");
    let home = save(&drive, &object("Dropbox", "plan.txt"), None).await;
    assert_kind(home, ErrorKind::NotFound);
}

#[tokio::test]
async fn what_cannot_be_streamed_says_why() {
    let world = World::start().await;
    world.put_folder(ROOT, "folder");
    world.put_file(ROOT, "a.txt", "text");
    let kind = Kind::Other {
        what: "paper".to_owned(),
        target: None,
    };
    let now = world.simulator().clock().now();
    world
        .simulator()
        .tree()
        .add(Some(ROOT), "notes.paper", kind, now);
    let drive = world.dropbox();
    for (key, kind) in [
        ("missing", ErrorKind::NotFound),
        ("folder", ErrorKind::NotFound),
        ("folder/", ErrorKind::NotFound),
        ("a.txt/", ErrorKind::NotFound),
        ("back\\slash", ErrorKind::NotFound),
        ("notes.paper", ErrorKind::Invalid),
    ] {
        let refused = assert_kind(save(&drive, &object("", key), None).await, kind);
        let described = assert_kind(drive.describe(&object("", key)).await, kind);
        assert_eq!(described.public(), refused.public(), "{key}");
    }
    assert_kind(
        save(&drive, &by_id("id:a/b"), None).await,
        ErrorKind::NotFound,
    );

    let busy = Fault::Status {
        status: 429,
        retry_after: Some(60),
    };
    let address = object("", "a.txt");
    world.simulator().switches().add(busy, Scope::Api, Some(1));
    let error = assert_kind(save(&drive, &address, None).await, ErrorKind::Unavailable);
    assert_eq!(error.causes(), "files/download: 429");
    let blind = world.dropbox_with(&["files.metadata.read"]);
    let refused = save(&blind, &address, None).await;
    assert_kind(refused, ErrorKind::AccessRefused);
    world.simulator().grants().revoke_all();
    let dead = save(&drive, &address, None).await;
    assert_kind(dead, ErrorKind::AccessExpired);
}
