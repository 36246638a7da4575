//! What OneDrive refuses, and what that is here.

use super::{
    CloudStorage, ErrorKind, Fault, ListRequest, OneDriveStorage, ROOT, SCOPES, Scope,
    SignedDuration, World, add_file, add_folder, assert_kind, by_id, create, download, entry,
    fail_all, first_page, folder, folder_by_id, object, open, target, vendor,
};

#[tokio::test]
async fn names_and_ids_that_onedrive_cannot_have_are_never_sent() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    fail_all(&world);
    for key in [
        "a:/content",
        "x/a:b",
        "what?",
        "back\\slash",
        "\"q\"",
        "a//b",
        "a|b",
    ] {
        let found = download(&drive, object("", key)).await;
        assert_kind(found, ErrorKind::NotFound);
        let deleted = drive.delete_object(&object("", key)).await;
        assert_kind(deleted, ErrorKind::NotFound);
        let page = drive.list_objects(&first_page("", key, 10)).await;
        assert_kind(page, ErrorKind::NotFound);
        let target = target(&drive, key).await;
        assert_kind(target, ErrorKind::Invalid);
    }
    let target = target(&drive, "folder/").await;
    assert_kind(target, ErrorKind::Invalid);
    let created = create(&drive, folder("", ""), "a:b");
    assert_kind(created.await, ErrorKind::Invalid);
    for id in [
        "x",
        "../x",
        "a/..",
        "a/b?c",
        "a/b/c",
        "a/b:",
        "a/é",
        "/",
        "a/b/c/d/e",
    ] {
        assert_kind(drive.delete_object(&by_id(id)).await, ErrorKind::NotFound);
        let found = download(&drive, by_id(id)).await;
        assert_kind(found, ErrorKind::NotFound);
        let created = create(&drive, folder_by_id(id), "x");
        assert_kind(created.await, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn ids_that_onedrive_did_not_issue_lead_nowhere() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    add_folder(&world, ROOT, "docs");
    let docs = entry(&drive, folder("", ""), "docs").await;
    let (drive_id, _) = docs.id.split_once('/').unwrap();
    for id in [
        format!("{drive_id}/{drive_id}!9999"),
        format!("{drive_id}/01ABCDEF"),
        "8E2F5A1047C3B961/8E2F5A1047C3B961!1".to_owned(),
        "b!nobody/01ABCDEF".to_owned(),
    ] {
        let found = download(&drive, by_id(&id)).await;
        assert_kind(found, ErrorKind::NotFound);
        assert_kind(drive.delete_object(&by_id(&id)).await, ErrorKind::NotFound);
        let created = create(&drive, folder_by_id(&id), "x");
        assert_kind(created.await, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn credentials_are_tried_and_told_apart() {
    let world = World::start().await;
    let now = vendor(&world).clock().now();
    let team = vendor(&world).tree().add_root("Team", now);
    add_file(&world, team, "a", "a");
    let drive = open(&world, &SCOPES);
    drive.check_credentials().await.unwrap();

    let nothing = open(&world, &["User.Read"]);
    assert_kind(nothing.check_credentials().await, ErrorKind::AccessRefused);
    let reads = open(&world, &["Files.Read"]);
    reads.check_credentials().await.unwrap();
    let created = create(&reads, folder("", ""), "x").await;
    assert_kind(created, ErrorKind::AccessRefused);
    let buckets = drive.list_buckets(false).await.unwrap();
    let own_only = open(&world, &["Files.ReadWrite"]);
    let foreign = own_only
        .list_objects(&first_page(&buckets[1].id, "", 9))
        .await;
    assert_kind(foreign, ErrorKind::AccessRefused);

    let unknown = OneDriveStorage::new(world.http(), "nobody's".into(), world.clock());
    assert_kind(unknown.check_credentials().await, ErrorKind::AccessExpired);
    world.advance(SignedDuration::from_secs(3_599));
    assert_kind(drive.check_credentials().await, ErrorKind::AccessExpired);
    let drive = open(&world, &SCOPES);
    vendor(&world).grants().revoke_all();
    let page = drive.list_objects(&first_page("", "", 9)).await;
    assert_kind(page, ErrorKind::AccessExpired);
}

#[tokio::test]
async fn a_cursor_ends_and_belongs_to_its_folder() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    for name in ["a", "b", "c"] {
        add_folder(&world, ROOT, name);
    }
    let page = drive.list_objects(&first_page("", "", 2)).await.unwrap();
    let cursor = page.next.unwrap();
    assert!(!cursor.contains("http"), "{cursor}");
    let list = async |path: &str, cursor: &str| {
        let drive = open(&world, &SCOPES);
        let request = ListRequest {
            cursor: Some(cursor.to_owned()),
            ..first_page("", path, 2)
        };
        drive.list_objects(&request).await
    };
    // One that was inserted meanwhile does not shift the rest.
    add_folder(&world, ROOT, "aa");
    let rest = list("", &cursor).await.unwrap();
    assert_eq!(rest.entries[0].name, "c");
    assert_eq!(rest.next, None);
    for (path, cursor) in [
        ("a", cursor.as_str()),
        ("", "x&$top=1"),
        ("", "https://x.example"),
    ] {
        let error = list(path, cursor).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
        assert!(error.public().starts_with("continuationToken:"), "{error}");
    }
    world.advance(SignedDuration::from_hours(25));
    assert_kind(list("", &cursor).await, ErrorKind::Invalid);
}

#[tokio::test]
async fn a_busy_provider_is_unavailable_for_as_long_as_it_says() {
    let world = World::start().await;
    let drive = open(&world, &SCOPES);
    let switches = vendor(&world).switches();
    for (status, retry_after, seconds) in [
        (429, None, 2),
        (429, Some(30), 30),
        (503, Some(40), 40),
        (509, Some(50), 50),
        (500, None, 2),
        (504, None, 2),
    ] {
        let fault = Fault::Status {
            status,
            retry_after,
        };
        switches.add(fault, Scope::Api, Some(1));
        let error = drive.check_credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{status}");
        let after = error.retry_after().unwrap();
        assert_eq!(after.as_secs(), seconds, "{status}");
    }
    // A short pause is made here.
    let fault = Fault::Status {
        status: 429,
        retry_after: Some(1),
    };
    switches.add(fault, Scope::Api, Some(1));
    drive.check_credentials().await.unwrap();
    switches.add(Fault::LoseAnswer, Scope::Api, Some(1));
    let lost = create(&drive, folder("", ""), "x");
    assert_kind(lost.await, ErrorKind::Unavailable);
}
