//! Folders, made and listed.

use shared::domain::ErrorKind;
use shared::domain::storage::{EntryKind, Folders};

use crate::client::assert_kind;
use crate::opened::Opened;
use crate::{Kept, Outcome};

pub(crate) async fn an_empty_drive_lists_nothing(opened: &Opened) -> Outcome {
    for path in ["", "/"] {
        assert!(opened.list(path).await.is_empty(), "{path:?}");
    }
    Kept
}

pub(crate) async fn a_new_folder_is_listed_and_is_empty(opened: &Opened) -> Outcome {
    opened.create("Pictures").await;
    let entries = opened.list("").await;
    assert_eq!(entries.len(), 1);
    let folder = &entries[0];
    assert_eq!(folder.kind, EntryKind::Folder);
    assert_eq!((folder.name.as_str(), folder.size), ("Pictures", 0));
    assert_eq!(folder.path, "Pictures/");
    assert_eq!(folder.id.is_empty(), !opened.capabilities().ids);
    // With and without slashes.
    for path in ["Pictures", "/Pictures", "Pictures/", "/Pictures/"] {
        assert!(opened.list(path).await.is_empty(), "{path:?}");
    }
    Kept
}

pub(crate) async fn a_folder_lists_what_is_directly_in_it(opened: &Opened) -> Outcome {
    opened.create("a").await;
    opened.create("a/b").await;
    opened.create("a/b/c").await;
    opened.put("a/b/file", b"12345").await;
    opened.put("a/beside", b"1").await;
    assert_eq!(opened.paths("").await, ["a/"]);
    assert_eq!(opened.paths("a").await, ["a/b/", "a/beside"]);
    assert_eq!(opened.paths("a/b").await, ["a/b/c/", "a/b/file"]);
    let file = opened.entry("a/b/file").await;
    assert_eq!((file.name.as_str(), file.size), ("file", 5));
    assert_eq!(file.kind, EntryKind::File);
    assert!(file.modified.is_some());
    Kept
}

pub(crate) async fn a_folder_that_is_there_is_created_again(opened: &Opened) -> Outcome {
    opened.create("again").await;
    opened.put("again/kept.txt", b"kept").await;
    let second = opened.create_in(&opened.folder(""), "again").await;
    let capabilities = opened.capabilities();
    let folders = if capabilities.duplicate_names {
        second.unwrap();
        2
    } else if capabilities.folders == Folders::Prefixes {
        second.unwrap();
        1
    } else {
        assert_kind(second, ErrorKind::Duplicate, "the second");
        1
    };
    assert_eq!(opened.paths("").await, vec!["again/"; folders]);
    assert_eq!(opened.get("again/kept.txt").await, b"kept");
    Kept
}

pub(crate) async fn a_folder_is_created_in_a_missing_one(opened: &Opened) -> Outcome {
    let parent = opened.folder("not/there");
    let created = opened.create_in(&parent, "new").await;
    if opened.capabilities().makes_parents {
        created.unwrap();
        assert_eq!(opened.paths("").await, ["not/"]);
        assert_eq!(opened.paths("not/there").await, ["not/there/new/"]);
    } else {
        assert_kind(created, ErrorKind::NotFound, "the parent");
        assert!(opened.list("").await.is_empty(), "nothing was made");
    }
    Kept
}

pub(crate) async fn a_missing_folder_is_empty_or_not_found(opened: &Opened) -> Outcome {
    opened.create("there").await;
    for path in ["missing", "there/missing", "missing/below"] {
        let listed = opened.list_pages(opened.folder(path), 10).await;
        match opened.capabilities().folders {
            Folders::Prefixes => assert!(listed.unwrap().is_empty(), "{path:?}"),
            Folders::Entries => {
                assert_kind(listed, ErrorKind::NotFound, path);
            }
        }
    }
    Kept
}

pub(crate) async fn a_file_is_not_listed_as_a_folder(opened: &Opened) -> Outcome {
    opened.put("file.txt", b"x").await;
    for path in ["file.txt", "file.txt/below"] {
        let listed = opened.list_pages(opened.folder(path), 10).await;
        match opened.capabilities().folders {
            Folders::Prefixes => assert!(listed.unwrap().is_empty(), "{path:?}"),
            Folders::Entries => {
                assert_kind(listed, ErrorKind::NotFound, path);
            }
        }
    }
    Kept
}

pub(crate) async fn folders_come_first(opened: &Opened) -> Outcome {
    for name in ["1.txt", "m.txt", "z.txt"] {
        opened.put(name, b"x").await;
    }
    for name in ["0", "n", "zz"] {
        opened.create(name).await;
    }
    let entries = opened.list("").await;
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind).collect();
    let (folders, files) = kinds.split_at(3);
    assert_eq!(folders, [EntryKind::Folder; 3]);
    assert_eq!(files, [EntryKind::File; 3]);
    Kept
}
