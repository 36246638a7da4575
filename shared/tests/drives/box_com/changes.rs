//! Folders are made, and things are deleted.

use super::{
    HOSTILE, assert_kind, by_id, download, entry, fetch, folder_by_id, list, name, open, put_file,
    put_folder, stored, upload,
};
use crate::{World, folder, object};
use shared::domain::ErrorKind;
use shared::domain::storage::CloudStorage;
use simulators::drives::tree::ROOT;

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

    // A path says which of the two is meant, and takes neither for the other.
    for key in ["folder", "file/"] {
        let deleted = drive.delete_object(&object("", key)).await;
        assert_kind(deleted, ErrorKind::NotFound);
    }
    assert_eq!(list(&drive, "").await.entries.len(), 2);

    drive.delete_object(&by_id(&folder.id)).await.unwrap();

    assert_eq!(stored(&world, "/file"), Some(b"kept".to_vec()));
    let again = drive.delete_object(&by_id(&folder.id)).await;
    assert_kind(again, ErrorKind::NotFound);
    drive.delete_object(&by_id(&file.id)).await.unwrap();
    assert_eq!(stored(&world, "/file"), None);
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
