//! What Google Drive refuses, and what that is here.

use super::{
    CloudStorage, DownloadOptions, Duration, Error, ErrorKind, FolderAddress, ListRequest, ROOT,
    SignedDuration, Vendor, World, by_id, create_folder, download, first_page, folder, kind, list,
    object, text_of, upload_url,
};

#[tokio::test]
async fn a_dead_access_token_asks_for_a_refresh() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "file", "content");
    storage.check_credentials().await.unwrap();
    world.advance(SignedDuration::from_secs(3_598));
    storage.check_credentials().await.unwrap();
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(
        kind(storage.check_credentials().await),
        ErrorKind::AccessExpired
    );
    assert_eq!(
        kind(storage.list_buckets(false).await),
        ErrorKind::AccessExpired
    );
    let address = object("", "file");
    assert_eq!(
        kind(download(&storage, &address, None).await),
        ErrorKind::AccessExpired
    );
    let upload = upload_url(&storage, &address, "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::AccessExpired);
    assert_eq!(
        kind(storage.delete_object(&address).await),
        ErrorKind::AccessExpired
    );

    let storage = world.google();
    storage.check_credentials().await.unwrap();
    world.of(Vendor::GoogleDrive).grants().revoke_all();
    assert_eq!(
        kind(storage.check_credentials().await),
        ErrorKind::AccessExpired
    );
}

#[tokio::test]
async fn a_scope_that_was_not_given_is_refused() {
    let world = World::start().await;
    world.add_file(ROOT, "file", "content");
    let address = object("", "file");
    let nothing = world.google_with(&["openid"]);
    assert_eq!(
        kind(nothing.check_credentials().await),
        ErrorKind::AccessRefused
    );
    let listed = nothing.list_objects(&first_page("", "", 10)).await;
    assert_eq!(kind(listed), ErrorKind::AccessRefused);

    let readonly = world.google_with(&["https://www.googleapis.com/auth/drive.readonly"]);
    assert_eq!(text_of(&readonly, &address).await, "content");
    assert_eq!(
        kind(readonly.delete_object(&address).await),
        ErrorKind::AccessRefused
    );
    let created = create_folder(&readonly, &folder("", ""), "x").await;
    assert_eq!(kind(created), ErrorKind::AccessRefused);
    let upload = upload_url(&readonly, &address, "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::AccessRefused);
    let metadata = "https://www.googleapis.com/auth/drive.metadata.readonly";
    let metadata = world.google_with(&[metadata]);
    assert_eq!(list(&metadata, "", "").await.len(), 1);
    assert_eq!(
        kind(download(&metadata, &address, None).await),
        ErrorKind::AccessRefused
    );
}

#[tokio::test]
async fn a_provider_that_is_not_well_is_unavailable() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "file", "content");
    for status in [429, 500, 502, 503, 504] {
        world.break_api(status, None, Some(1));
        assert_eq!(
            kind(storage.check_credentials().await),
            ErrorKind::Unavailable,
            "{status}"
        );
        world.break_api(status, None, Some(1));
        let downloaded = download(&storage, &object("", "file"), None).await;
        assert_eq!(kind(downloaded), ErrorKind::Unavailable, "{status}");
    }
    for status in [429, 503] {
        world.break_api(status, Some(42), Some(1));
        let error = storage.check_credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(42)));
    }
    // A short pause is made, once.
    world.break_api(429, Some(1), Some(1));
    storage.check_credentials().await.unwrap();
}

#[tokio::test]
async fn a_cursor_that_google_no_longer_takes_is_invalid() {
    let world = World::start().await;
    let storage = world.google();
    for name in ["a", "b"] {
        world.add_file(ROOT, name, "");
        world.add_folder(ROOT, "docs");
    }
    let mut request = first_page("", "", 1);
    let next = storage.list_objects(&request).await.unwrap().next;
    let refused = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(
            error.public().starts_with("continuationToken: "),
            "{error:?}"
        );
    };
    // Of another folder.
    let mut other = first_page("", "docs", 1);
    other.cursor.clone_from(&next);
    refused(storage.list_objects(&other).await.unwrap_err());
    for bad in ["x", "' or", "%&=?#", "é"] {
        request.cursor = Some(bad.to_owned());
        refused(storage.list_objects(&request).await.unwrap_err());
    }
    request.cursor = next;
    storage.list_objects(&request).await.unwrap();
    world.advance(SignedDuration::from_hours(6));
    refused(world.google().list_objects(&request).await.unwrap_err());
}

#[tokio::test]
async fn an_id_that_google_cannot_have_issued_is_not_found_and_not_sent() {
    let world = World::start().await;
    let storage = world.google();
    // Every request would be told otherwise.
    world.break_api(500, None, None);
    for bad in [
        "../about",
        "a/../b",
        "a b",
        "a'",
        "a?alt=media",
        "a%2Fb",
        "é",
        "a/b/c/d",
        "a/",
    ] {
        let address = by_id("", bad, "key");
        let folder = FolderAddress {
            id: bad.to_owned(),
            ..folder("", "")
        };
        let request = ListRequest {
            folder: folder.clone(),
            cursor: None,
            count: 10,
        };
        let options = DownloadOptions {
            lifetime: Duration::from_hours(1),
            attachment: false,
        };
        assert_eq!(
            kind(storage.list_objects(&request).await),
            ErrorKind::NotFound
        );
        assert_eq!(
            kind(create_folder(&storage, &folder, "x").await),
            ErrorKind::NotFound
        );
        assert_eq!(
            kind(storage.delete_object(&address).await),
            ErrorKind::NotFound
        );
        assert_eq!(
            kind(download(&storage, &address, None).await),
            ErrorKind::NotFound
        );
        let url = storage.download_url(&address, &options).await;
        assert_eq!(kind(url), ErrorKind::NotFound);
        let upload = upload_url(&storage, &address, "text/plain").await;
        assert_eq!(kind(upload), ErrorKind::NotFound);
    }
    world.of(Vendor::GoogleDrive).switches().reset();
    let unknown = by_id("", "1-_Sim000000000000000000000000fff", "key");
    assert_eq!(
        kind(download(&storage, &unknown, None).await),
        ErrorKind::NotFound
    );
    assert_eq!(
        kind(storage.delete_object(&unknown).await),
        ErrorKind::NotFound
    );
}
