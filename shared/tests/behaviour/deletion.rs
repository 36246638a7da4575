//! Files and folders, deleted.

use shared::domain::ErrorKind;
use shared::domain::storage::{Download, Folders};

use crate::client::assert_kind;
use crate::opened::Opened;
use crate::{Gated, Kept, Outcome};

/// Deleting what is not there: a success where folders are prefixes of keys.
async fn assert_missing(opened: &Opened, key: &str) {
    let deleted = opened.delete(key).await;
    match opened.capabilities().folders {
        Folders::Prefixes => deleted.unwrap(),
        Folders::Entries => {
            assert_kind(deleted, ErrorKind::NotFound, key);
        }
    }
}

pub(crate) async fn a_deleted_file_is_gone(opened: &Opened) -> Outcome {
    opened.put("a.txt", b"a").await;
    opened.put("a.txt.bak", b"b").await;
    opened.delete("a.txt").await.unwrap();
    assert_eq!(opened.paths("").await, ["a.txt.bak"]);
    let object = opened.object("a.txt");
    match opened.click(&object, &Download::default()).await {
        Ok(arrived) => assert_eq!(arrived.status, 404),
        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}"),
    }
    assert_missing(opened, "a.txt").await;
    opened.put("a.txt", b"new").await;
    assert_eq!(opened.get("a.txt").await, b"new");
    Kept
}

pub(crate) async fn what_is_missing_is_deleted_or_not_found(opened: &Opened) -> Outcome {
    opened.put("there.txt", b"x").await;
    for key in ["missing", "missing/", "missing/below", "there.txt/below"] {
        assert_missing(opened, key).await;
    }
    assert_eq!(opened.paths("").await, ["there.txt"]);
    Kept
}

pub(crate) async fn a_folder_is_deleted_with_all_that_is_in_it(opened: &Opened) -> Outcome {
    for folder in ["top", "top/deep", "top/empty", "top2"] {
        opened.create(folder).await;
    }
    for file in ["top/a", "top/deep/b", "top2/c", "topple", "beside"] {
        opened.put(file, b"x").await;
    }
    opened.delete("top/deep/").await.unwrap();
    assert_eq!(opened.paths("top").await, ["top/a", "top/empty/"]);
    opened.delete("top/").await.unwrap();
    assert_eq!(opened.paths("").await, ["beside", "top2/", "topple"]);
    assert_eq!(opened.paths("top2").await, ["top2/c"]);
    assert_missing(opened, "top/").await;
    assert_missing(opened, "top/a").await;
    Kept
}

pub(crate) async fn a_file_is_not_deleted_as_a_folder(opened: &Opened) -> Outcome {
    opened.put("file", b"x").await;
    assert_missing(opened, "file/").await;
    assert_eq!(opened.get("file").await, b"x");
    Kept
}

/// A slash that somebody forgot does not cost them a folder.
pub(crate) async fn a_folder_is_not_deleted_as_a_file(opened: &Opened) -> Outcome {
    opened.create("folder").await;
    opened.put("folder/in it", b"x").await;
    assert_missing(opened, "folder").await;
    assert_eq!(opened.paths("folder").await, ["folder/in it"]);
    Kept
}

pub(crate) async fn an_object_is_deleted_by_its_id(opened: &Opened) -> Outcome {
    if !opened.capabilities().ids {
        return Gated;
    }
    opened.create("folder").await;
    opened.put("folder/in it", b"x").await;
    opened.put("file", b"x").await;
    opened.put("stays", b"x").await;
    for path in ["file", "folder/"] {
        let entry = opened.entry(path).await;
        // The path is of something else, which stays.
        let object = opened.object_by_id(&entry.id, "stays");
        opened.drive.delete_object(&object).await.unwrap();
        let again = opened.drive.delete_object(&object).await;
        assert_kind(again, ErrorKind::NotFound, path);
    }
    assert_eq!(opened.paths("").await, ["stays"]);
    Kept
}
