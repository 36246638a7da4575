//! Paths and ids, as listings show them, passed back.

use shared::domain::ErrorKind;
use shared::domain::storage::{Download, Entry, EntryKind, FolderAddress, ObjectAddress};

use crate::client::{assert_kind, for_download, for_upload};
use crate::opened::Opened;
use crate::{Gated, Kept, Outcome};

/// Files and folders on three levels, of which a file holds its own path.
async fn fill(opened: &Opened) -> Vec<Entry> {
    for folder in ["one", "one/two's", "one/two's/+3%"] {
        opened.create(folder).await;
    }
    for file in ["top & bottom", "one/#1", "one/two's/+3%/e\u{301} \u{1f600}"] {
        opened.put(file, file.as_bytes()).await;
    }
    let mut all = Vec::new();
    for folder in ["", "one", "one/two's", "one/two's/+3%"] {
        all.extend(opened.list(folder).await);
    }
    assert_eq!(all.len(), 6);
    all
}

pub(crate) async fn a_listed_path_leads_back(opened: &Opened) -> Outcome {
    let entries = fill(opened).await;
    for entry in &entries {
        for path in [entry.path.clone(), format!("/{}", entry.path)] {
            match entry.kind {
                EntryKind::File => assert_eq!(opened.get(&path).await, entry.path.as_bytes()),
                EntryKind::Folder => {
                    let below = opened.list(&path).await;
                    assert!(!below.is_empty(), "{path:?}");
                    for found in below {
                        assert!(entries.contains(&found), "{found:?}");
                    }
                }
            }
        }
    }
    let files = entries.iter().filter(|entry| entry.kind == EntryKind::File);
    for file in files {
        opened.delete(&file.path).await.unwrap();
    }
    assert_eq!(opened.paths("").await, ["one/"]);
    Kept
}

pub(crate) async fn a_listed_id_leads_back(opened: &Opened) -> Outcome {
    if !opened.capabilities().ids {
        return Gated;
    }
    let entries = fill(opened).await;
    for entry in &entries {
        assert!(!entry.id.is_empty(), "{entry:?}");
        match entry.kind {
            EntryKind::File => {
                let object = opened.object_by_id(&entry.id, &entry.path);
                let arrived = opened.click(&object, &Download::default()).await.unwrap();
                assert_eq!(arrived.body, entry.path.as_bytes());
                let options = for_download(1, true);
                let arrived = opened.get_by_url(&object, &options).await.unwrap();
                assert_eq!(arrived.saved_as().as_ref(), Some(&entry.name));
            }
            EntryKind::Folder => {
                let folder = opened.folder_by_id(&entry.id, &entry.path);
                let below = opened.list_pages(folder.clone(), 1).await.unwrap();
                assert!(!below.is_empty(), "{entry:?}");
                for found in below {
                    assert!(entries.contains(&found), "{found:?} in {entry:?}");
                }
                opened.create_in(&folder, "made by id").await.unwrap();
                let made = format!("{}made by id/", entry.path);
                assert!(opened.paths(&entry.path).await.contains(&made), "{made:?}");
            }
        }
    }
    Kept
}

pub(crate) async fn an_id_wins_over_a_path(opened: &Opened) -> Outcome {
    if !opened.capabilities().ids {
        return Gated;
    }
    opened.create("meant").await;
    opened.put("meant/inside", b"inside").await;
    opened.put("meant.txt", b"meant").await;
    opened.create("other").await;
    opened.put("other.txt", b"other").await;
    let file = opened.entry("meant.txt").await;
    let folder = opened.entry("meant/").await;
    for wrong in ["other.txt", "missing", "missing/below"] {
        let object = opened.object_by_id(&file.id, wrong);
        let arrived = opened.click(&object, &Download::default()).await.unwrap();
        assert_eq!(arrived.body, b"meant", "{wrong:?}");
    }
    for wrong in ["other", "missing", ""] {
        let address = opened.folder_by_id(&folder.id, wrong);
        let below = opened.list_pages(address, 10).await.unwrap();
        assert_eq!(below.len(), 1, "{wrong:?}");
        assert_eq!(below[0].name, "inside", "{wrong:?}");
    }
    let address = opened.folder_by_id(&folder.id, "other");
    opened.create_in(&address, "new").await.unwrap();
    assert_eq!(opened.paths("meant").await, ["meant/inside", "meant/new/"]);
    assert!(opened.list("other").await.is_empty());

    let object = opened.object_by_id(&file.id, "other.txt");
    let status = opened.try_put(&object, b"written by id").await.unwrap();
    assert!(status.is_success(), "{status}");
    assert_eq!(opened.get("meant.txt").await, b"written by id");
    assert_eq!(opened.get("other.txt").await, b"other");
    Kept
}

/// None of the operations finds these.
async fn assert_not_found(opened: &Opened, object: &ObjectAddress, folder: &FolderAddress) {
    let id = format!("{:?}", object.id);
    let not_found = ErrorKind::NotFound;
    assert_kind(opened.drive.delete_object(object).await, not_found, &id);
    assert_kind(opened.drive.describe(object).await, not_found, &id);
    assert_kind(opened.create_in(folder, "new").await, not_found, &id);
    assert_kind(opened.list_pages(folder.clone(), 10).await, not_found, &id);
    let request = Download::default();
    assert_kind(opened.click(object, &request).await, not_found, &id);
    let options = for_download(1, true);
    assert_kind(opened.get_by_url(object, &options).await, not_found, &id);
}

pub(crate) async fn a_garbage_id_is_not_found(opened: &Opened) -> Outcome {
    if !opened.capabilities().ids {
        return Gated;
    }
    opened.create("folder").await;
    opened.put("file.txt", b"x").await;
    for id in [
        "x",
        "../file.txt",
        "/file.txt",
        "a/b",
        "id:",
        "file:1/../2",
        "a b",
        "%2e%2e",
        "\u{e9}",
        "a\nb",
        "' or '1'='1",
        "?x=1",
        "#",
        "file.txt",
        &"9".repeat(2_000),
    ] {
        let object = opened.object_by_id(id, "file.txt");
        let folder = opened.folder_by_id(id, "folder");
        assert_not_found(opened, &object, &folder).await;
        // A URL is made, not tried: what is stored through it is what counts.
        match opened.try_put(&object, b"changed").await {
            Ok(status) => assert!(!status.is_success(), "{id:?}: {status}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{id:?}: {error:?}"),
        }
        let options = for_upload(168, "text/plain");
        if let Err(error) = opened.drive.upload_url(&object, &options).await {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{id:?}: {error:?}");
        }
    }
    assert_eq!(opened.paths("").await, ["file.txt", "folder/"]);
    assert!(opened.list("folder").await.is_empty());
    assert_eq!(opened.get("file.txt").await, b"x");
    Kept
}

pub(crate) async fn the_id_of_what_is_gone_is_not_found(opened: &Opened) -> Outcome {
    if !opened.capabilities().ids {
        return Gated;
    }
    opened.create("gone").await;
    opened.put("gone.txt", b"x").await;
    let (file, folder) = (opened.entry("gone.txt").await, opened.entry("gone/").await);
    opened.delete("gone.txt").await.unwrap();
    opened.delete("gone/").await.unwrap();
    // Others with their names are others.
    opened.create("gone").await;
    opened.put("gone.txt", b"new").await;
    let object = opened.object_by_id(&file.id, "gone.txt");
    let folder = opened.folder_by_id(&folder.id, "gone");
    assert_not_found(opened, &object, &folder).await;
    assert_eq!(opened.get("gone.txt").await, b"new");
    assert!(opened.list("gone").await.is_empty());
    Kept
}

pub(crate) async fn a_path_means_the_first_of_its_name(opened: &Opened) -> Outcome {
    if !opened.capabilities().duplicate_names {
        return Gated;
    }
    opened.create("twice").await;
    let first = opened.entry("twice/").await;
    opened.create("twice").await;
    assert_eq!(opened.paths("").await, ["twice/", "twice/"]);
    opened.put("twice/file", b"in the first").await;
    let folder = opened.folder_by_id(&first.id, "");
    let below = opened.list_pages(folder, 10).await.unwrap();
    assert_eq!(below.len(), 1);
    opened.delete("twice/").await.unwrap();
    let left = opened.entry("twice/").await;
    assert_ne!(left.id, first.id);
    assert!(opened.list("twice").await.is_empty());
    Kept
}
