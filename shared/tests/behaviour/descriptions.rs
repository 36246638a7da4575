//! What a file is, asked without its bytes.

use shared::domain::ErrorKind;

use crate::client::{assert_kind, follow_upload, for_upload};
use crate::opened::Opened;
use crate::{Gated, Kept, Outcome};

pub(crate) async fn a_file_is_described(opened: &Opened) -> Outcome {
    opened.create("deep").await;
    opened.create("deep/er").await;
    for (key, body) in [
        ("a.txt", &b"0123456789"[..]),
        ("empty.bin", b""),
        ("deep/er/no extension", b"x"),
    ] {
        opened.put(key, body).await;
        let entry = opened.entry(key).await;
        let mut addresses = vec![opened.object(key), opened.object(&format!("/{key}"))];
        if opened.capabilities().ids {
            addresses.push(opened.object_by_id(&entry.id, key));
            addresses.push(opened.object_by_id(&entry.id, "of/something else"));
        }
        for address in addresses {
            let description = opened.drive.describe(&address).await.unwrap();
            assert_eq!(description.name, entry.name, "{address:?}");
            assert_eq!(description.size, body.len() as u64, "{address:?}");
        }
    }
    // What is there is what is described.
    opened.put("a.txt", b"other").await;
    let description = opened.drive.describe(&opened.object("a.txt")).await;
    assert_eq!(description.unwrap().size, 5);
    Kept
}

pub(crate) async fn a_described_name_is_the_one_that_is_listed(opened: &Opened) -> Outcome {
    for name in [
        "with space + 100%25 #1 & 2; it's.txt",
        "e\u{301} \u{e9} \u{1f600}.txt",
        "\u{65e5}\u{672c}\u{8a9e}",
        ".hidden",
    ] {
        opened.put(name, b"x").await;
        let description = opened.drive.describe(&opened.object(name)).await.unwrap();
        assert_eq!(description.name, name);
        let entry = opened.entry(name).await;
        if opened.capabilities().ids {
            let address = opened.object_by_id(&entry.id, "x");
            let description = opened.drive.describe(&address).await.unwrap();
            assert_eq!(description.name, name);
        }
    }
    Kept
}

pub(crate) async fn a_folder_is_not_described(opened: &Opened) -> Outcome {
    opened.create("folder").await;
    opened.put("folder/inside", b"x").await;
    for key in ["folder", "folder/"] {
        let described = opened.drive.describe(&opened.object(key)).await;
        assert_kind(described, ErrorKind::NotFound, key);
    }
    if opened.capabilities().ids {
        let folder = opened.entry("folder/").await;
        let address = opened.object_by_id(&folder.id, "folder/inside");
        let described = opened.drive.describe(&address).await;
        assert_kind(described, ErrorKind::NotFound, &folder.id);
    }
    Kept
}

pub(crate) async fn a_missing_file_is_not_described(opened: &Opened) -> Outcome {
    opened.put("there.txt", b"x").await;
    for key in [
        "missing.txt",
        "missing/below.txt",
        "there.txt/below",
        "there.txt/",
    ] {
        let described = opened.drive.describe(&opened.object(key)).await;
        assert_kind(described, ErrorKind::NotFound, key);
    }
    Kept
}

/// Had anything been sent, it would have been refused.
pub(crate) async fn an_id_that_cannot_be_is_not_asked_for(opened: &Opened) -> Outcome {
    if !opened.capabilities().ids {
        return Gated;
    }
    let drive = opened.open_without_access();
    for id in ["a b", "\u{e9}", "a\nb", "?x=1", "a/b/c/d/e", "/"] {
        let described = drive.describe(&opened.object_by_id(id, "a.txt")).await;
        assert_kind(described, ErrorKind::NotFound, id);
    }
    Kept
}

pub(crate) async fn a_described_type_is_the_one_that_is_kept(opened: &Opened) -> Outcome {
    if !opened.capabilities().binds_content_type {
        return Gated;
    }
    let object = opened.object("typed");
    let options = for_upload(1, "image/x-test");
    let offer = opened.drive.upload_url(&object, &options).await.unwrap();
    let content_type = &options.content_type;
    let status = follow_upload(&*opened.drive, &object, &offer, content_type, b"x").await;
    assert!(status.unwrap().is_success());
    let description = opened.drive.describe(&object).await.unwrap();
    assert_eq!(description.content_type.as_deref(), Some("image/x-test"));
    Kept
}
