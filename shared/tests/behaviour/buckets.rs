//! Buckets, by what they are called.

use shared::domain::ErrorKind;
use shared::domain::storage::{
    Download, FolderAddress, FolderName, Folders, ListRequest, ObjectAddress,
};

use crate::client::assert_kind;
use crate::opened::Opened;
use crate::{Gated, Kept, Outcome};

fn list(folder: FolderAddress) -> ListRequest {
    ListRequest {
        folder,
        cursor: None,
        count: 10,
    }
}

fn root_of(opened: &Opened, bucket: &str) -> FolderAddress {
    FolderAddress {
        bucket: bucket.to_owned(),
        ..opened.folder("")
    }
}

pub(crate) async fn a_listed_bucket_opens_by_its_name_and_by_its_id(opened: &Opened) -> Outcome {
    opened.put("here.txt", b"x").await;
    let buckets = opened.drive.list_buckets(false).await.unwrap();
    assert_eq!(buckets.len(), 1, "{buckets:?}");
    let bucket = &buckets[0];
    assert!(!bucket.name.is_empty());
    for given in [&bucket.name, &bucket.id] {
        if given.is_empty() {
            continue;
        }
        let request = list(root_of(opened, given));
        let page = opened.drive.list_objects(&request).await.unwrap();
        assert_eq!(page.entries[0].path, "here.txt", "{given:?}");
    }
    Kept
}

pub(crate) async fn a_missing_bucket_is_not_found(opened: &Opened) -> Outcome {
    let bucket = "no-such-bucket-anywhere";
    let root = root_of(opened, bucket);
    let listed = opened.drive.list_objects(&list(root.clone())).await;
    assert_kind(listed, ErrorKind::NotFound, "list");
    let name = FolderName::parse("folderName", "new").unwrap();
    let created = opened.drive.create_folder(&root, &name).await;
    assert_kind(created, ErrorKind::NotFound, "create");
    let object = ObjectAddress {
        bucket: bucket.to_owned(),
        ..opened.object("a.txt")
    };
    let deleted = opened.drive.delete_object(&object).await;
    assert_kind(deleted, ErrorKind::NotFound, "delete");
    match opened.click(&object, &Download::default()).await {
        Ok(arrived) => assert_eq!(arrived.status, 404),
        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}"),
    }
    Kept
}

/// Where people name buckets themselves, none of them is the default.
pub(crate) async fn no_name_means_the_users_own_drive(opened: &Opened) -> Outcome {
    let root = root_of(opened, "");
    if opened.capabilities().folders == Folders::Prefixes {
        let listed = opened.drive.list_objects(&list(root)).await;
        assert_kind(listed, ErrorKind::Invalid, "no name");
        return Gated;
    }
    let own = opened.drive.list_buckets(false).await.unwrap();
    let key = ObjectAddress {
        bucket: own[0].name.clone(),
        ..opened.object("own.txt")
    };
    assert!(opened.try_put(&key, b"x").await.unwrap().is_success());
    let page = opened.drive.list_objects(&list(root)).await.unwrap();
    assert_eq!(page.entries[0].path, "own.txt");
    Kept
}
