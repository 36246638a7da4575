//! Listings of many entries, page by page.

use shared::domain::ErrorKind;
use shared::domain::storage::{Entry, EntryKind, ListRequest};

use crate::client::assert_kind;
use crate::opened::Opened;
use crate::{Kept, Outcome};

/// Twenty files and five folders; what they are called, sorted.
async fn fill(opened: &Opened) -> Vec<String> {
    opened.create("many").await;
    let mut paths = Vec::new();
    for number in 0..25 {
        let path = format!("many/{number:02}");
        if number % 5 == 0 {
            opened.create(&path).await;
            paths.push(path + "/");
        } else {
            opened.put(&path, b"x").await;
            paths.push(path);
        }
    }
    paths.sort_unstable();
    paths
}

fn paths(entries: &[Entry]) -> Vec<&str> {
    let mut paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
    paths.sort_unstable();
    paths
}

pub(crate) async fn every_entry_is_seen_once(opened: &Opened) -> Outcome {
    let expected = fill(opened).await;
    for count in [10, 24, 25, 26, 1_000] {
        let folder = opened.folder("many");
        let entries = opened.list_pages(folder, count).await.unwrap();
        assert_eq!(paths(&entries), expected, "by {count}");
        let folders = entries.iter().filter(|it| it.kind == EntryKind::Folder);
        assert_eq!(folders.count(), 5, "by {count}");
    }
    Kept
}

pub(crate) async fn a_page_may_hold_one_entry(opened: &Opened) -> Outcome {
    let expected = fill(opened).await;
    let entries = opened.list_pages(opened.folder("many"), 1).await.unwrap();
    assert_eq!(paths(&entries), expected);
    Kept
}

pub(crate) async fn a_cursor_outlives_the_process(opened: &Opened) -> Outcome {
    let expected = fill(opened).await;
    let mut request = ListRequest {
        folder: opened.folder("many"),
        cursor: None,
        count: 7,
    };
    let mut entries = Vec::new();
    loop {
        let drive = opened.open_again();
        let page = drive.list_objects(&request).await.unwrap();
        entries.extend(page.entries);
        request.cursor = page.next;
        if request.cursor.is_none() {
            break;
        }
    }
    assert_eq!(paths(&entries), expected);
    Kept
}

pub(crate) async fn a_garbage_cursor_is_refused(opened: &Opened) -> Outcome {
    fill(opened).await;
    for cursor in ["garbage", "../other?x=1&y", "%00", "\u{e9}\"}{", " "] {
        let request = ListRequest {
            folder: opened.folder("many"),
            cursor: Some(cursor.to_owned()),
            count: 7,
        };
        let listed = opened.drive.list_objects(&request).await;
        let error = assert_kind(listed, ErrorKind::Invalid, cursor);
        assert!(error.public().starts_with("continuationToken"), "{error:?}");
    }
    Kept
}
