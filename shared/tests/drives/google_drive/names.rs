//! Names and what they mean where they need not be unique.

use super::{
    CloudStorage, ErrorKind, HOSTILE, ROOT, SignedDuration, StatusCode, Vendor, World, by_id,
    create_folder, download, folder, kind, list, names, object, put, text_of, upload_url,
};

#[tokio::test]
async fn hostile_names_are_names() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "x", "bystander");
    for name in HOSTILE {
        create_folder(&storage, &folder("", ""), name)
            .await
            .unwrap();
        let key = format!("{name}/{name}");
        let url = upload_url(&storage, &object("", &key), "text/plain")
            .await
            .unwrap();
        assert_eq!(put(&url, "content").await, StatusCode::OK, "{name:?}");
        let entries = list(&storage, "", name).await;
        assert_eq!(names(&entries), [name]);
        assert_eq!(entries[0].path, key);
        assert_eq!(
            text_of(&storage, &object("", &key)).await,
            "content",
            "{name:?}"
        );
        storage.delete_object(&object("", &key)).await.unwrap();
        assert!(list(&storage, "", name).await.is_empty(), "{name:?}");
    }
    assert_eq!(list(&storage, "", "").await.len(), HOSTILE.len() + 1);
}

#[tokio::test]
async fn a_path_means_the_oldest_entry_of_exactly_this_name() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "A", "capital");
    world.advance(SignedDuration::from_secs(1));
    world.add_folder(ROOT, "a");
    world.add_file(ROOT, "a", "older");
    world.advance(SignedDuration::from_secs(1));
    world.add_file(ROOT, "a", "newer");

    assert_eq!(text_of(&storage, &object("", "a")).await, "older");
    let entries = list(&storage, "", "").await;
    assert_eq!(names(&entries), ["a", "A", "a", "a"]);
    assert_eq!(
        text_of(&storage, &by_id("", &entries[3].id, "a")).await,
        "newer"
    );
    storage.delete_object(&object("", "a")).await.unwrap();
    assert_eq!(text_of(&storage, &object("", "a")).await, "newer");
    storage.delete_object(&object("", "a")).await.unwrap();
    // The folder is another thing.
    assert_eq!(
        kind(storage.delete_object(&object("", "a")).await),
        ErrorKind::NotFound
    );
    storage.delete_object(&object("", "a/")).await.unwrap();
    assert_eq!(names(&list(&storage, "", "").await), ["A"]);
}

#[tokio::test]
async fn a_name_with_a_slash_is_reached_by_its_id() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "/1/2", "found");
    let entries = list(&storage, "", "").await;
    assert_eq!(
        (entries[0].name.as_str(), entries[0].path.as_str()),
        ("/1/2", "//1/2")
    );
    let by_path = download(&storage, &object("", &entries[0].path), None).await;
    assert_eq!(kind(by_path), ErrorKind::NotFound);
    let address = by_id("", &entries[0].id, &entries[0].path);
    assert_eq!(text_of(&storage, &address).await, "found");
}

#[tokio::test]
async fn a_shortcut_is_listed_as_what_it_points_to_and_deleted_as_itself() {
    let world = World::start().await;
    let storage = world.google();
    let docs = world.add_folder(ROOT, "docs");
    let file = world.add_file(docs, "file", "content");
    let to_docs = world.add_other("z docs", "shortcut", Some(docs));
    let to_file = world.add_other("a file", "shortcut", Some(file));
    world.add_other("nowhere", "shortcut", None);

    let entries = list(&storage, "", "").await;
    assert_eq!(names(&entries), ["docs", "z docs", "a file"]);
    assert_eq!(entries[1].path, "z docs/");
    assert!(entries[1].id.starts_with(&entries[0].id));
    assert_eq!(names(&list(&storage, "", "z docs").await), ["file"]);
    assert_eq!(
        text_of(&storage, &object("", "z docs/file")).await,
        "content"
    );
    assert_eq!(text_of(&storage, &object("", "a file")).await, "content");
    let address = by_id("", &entries[2].id, &entries[2].path);
    assert_eq!(text_of(&storage, &address).await, "content");
    // Nobody sees that it is none: it has a name of its own and its target's size.
    for (address, name) in [(object("", "a file"), "a file"), (address.clone(), "file")] {
        let description = storage.describe(&address).await.unwrap();
        assert_eq!((description.name.as_str(), description.size), (name, 7));
        assert_eq!(description.content_type.as_deref(), Some("text/plain"));
    }
    // Writing goes to the target, too.
    let url = upload_url(&storage, &address, "text/plain").await.unwrap();
    assert_eq!(put(&url, "changed").await, StatusCode::OK);
    assert_eq!(text_of(&storage, &object("", "docs/file")).await, "changed");

    storage.delete_object(&address).await.unwrap();
    assert!(world.is_trashed(to_file) && !world.is_trashed(file));
    storage.delete_object(&object("", "z docs/")).await.unwrap();
    assert!(world.is_trashed(to_docs) && !world.is_trashed(docs));
}

#[tokio::test]
async fn a_resource_key_is_part_of_the_id() {
    let world = World::start().await;
    let storage = world.google();
    let old = world.add_folder(ROOT, "old");
    let file = world.add_file(old, "file", "content");
    for (node, key) in [(old, "0-old_Key"), (file, "0-file_Key")] {
        world
            .of(Vendor::GoogleDrive)
            .tree()
            .set_resource_key(node, key);
    }
    let entries = list(&storage, "", "old").await;
    let (id, key) = entries[0].id.split_once('/').unwrap();
    assert_eq!(key, "0-file_Key");
    assert_eq!(text_of(&storage, &object("", "old/file")).await, "content");
    assert_eq!(
        text_of(&storage, &by_id("", &entries[0].id, "x")).await,
        "content"
    );
    for bad in [id.to_owned(), format!("{id}/0-old_Key")] {
        let downloaded = download(&storage, &by_id("", &bad, "old/file"), None).await;
        assert_eq!(kind(downloaded), ErrorKind::NotFound);
    }
    let url = upload_url(&storage, &object("", "old/file"), "text/plain")
        .await
        .unwrap();
    assert_eq!(put(&url, "changed").await, StatusCode::OK);
    create_folder(&storage, &folder("", "old"), "new")
        .await
        .unwrap();
    storage
        .delete_object(&object("", "old/file"))
        .await
        .unwrap();
    assert_eq!(names(&list(&storage, "", "old").await), ["new"]);
}
