//! What Dropbox refuses, and what that is here.

use super::{
    CloudStorage, Download, Duration, ErrorKind, Fault, ListRequest, ROOT, Scope, SignedDuration,
    World, assert_kind, by_id, first_page, folder, folder_by_id, hours, name, object, upload_for,
};

#[tokio::test]
async fn a_dead_cursor_is_the_caller_s_mistake() {
    let world = World::start().await;
    for index in 0..3 {
        world.put_file(ROOT, &format!("{index}"), "x");
    }
    let drive = world.dropbox();
    let mut request = first_page("", "", 1);
    let next = drive.list_objects(&request).await.unwrap().next;

    for cursor in ["", "AAE-not-ours", "\"}{"] {
        request.cursor = Some(cursor.to_owned());
        let error = assert_kind(drive.list_objects(&request).await, ErrorKind::Invalid);
        assert!(error.public().starts_with("continuationToken"), "{error:?}");
    }
    world.advance(SignedDuration::from_hours(31 * 24));
    request.cursor = next;
    let drive = world.dropbox();
    let error = assert_kind(drive.list_objects(&request).await, ErrorKind::Invalid);
    assert!(error.public().starts_with("continuationToken"), "{error:?}");
}

#[tokio::test]
async fn ids_that_dropbox_cannot_have_issued_are_not_sent() {
    let world = World::start().await;
    // Whatever is sent would be answered with this.
    let busy = Fault::Status {
        status: 503,
        retry_after: None,
    };
    world.simulator().switches().add(busy, Scope::All, None);
    let drive = world.dropbox();
    for id in [
        "x",
        "id:",
        "id:a/b",
        "id:\u{e9}",
        "id:a b",
        "rev:a1c10ce0dd78",
        "ns:1",
        "/a",
        "id:a\n",
    ] {
        let address = by_id(id);
        assert_kind(drive.delete_object(&address).await, ErrorKind::NotFound);
        assert_kind(
            drive.download_url(&address, &hours(1)).await,
            ErrorKind::NotFound,
        );
        assert_kind(
            drive.download_url(&address, &hours(9)).await,
            ErrorKind::NotFound,
        );
        assert_kind(
            drive.upload_url(&address, &upload_for(9)).await,
            ErrorKind::NotFound,
        );
        assert_kind(
            drive.upload_url(&address, &upload_for(1)).await,
            ErrorKind::NotFound,
        );
        assert_kind(
            drive.download(&address, &Download::default()).await,
            ErrorKind::NotFound,
        );
        let created = drive.create_folder(&folder_by_id(id), &name("a")).await;
        assert_kind(created, ErrorKind::NotFound);
        let request = ListRequest {
            folder: folder_by_id(id),
            cursor: None,
            count: 1,
        };
        assert_kind(drive.list_objects(&request).await, ErrorKind::NotFound);
    }
    assert_kind(drive.check_credentials().await, ErrorKind::Unavailable);
    world.simulator().switches().reset();
    let unknown = by_id("id:a4ayc_80_OEAAAAAAAAAXw");
    assert_kind(drive.delete_object(&unknown).await, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_dead_token_asks_for_a_refresh_and_a_missing_scope_does_not() {
    let world = World::start().await;
    let drive = world.dropbox();
    world.advance(SignedDuration::from_hours(4));
    assert_kind(drive.check_credentials().await, ErrorKind::AccessExpired);
    let listed = drive.list_objects(&first_page("", "", 1)).await;
    assert_kind(listed, ErrorKind::AccessExpired);

    let drive = world.dropbox();
    drive.check_credentials().await.unwrap();
    world.simulator().grants().revoke_all();
    assert_kind(drive.check_credentials().await, ErrorKind::AccessExpired);

    let drive = world.dropbox_with(&["account_info.read", "files.metadata.read"]);
    drive.check_credentials().await.unwrap();
    world.put_file(ROOT, "a", "x");
    let offer = drive.download_url(&object("", "a"), &hours(1)).await;
    let error = assert_kind(offer, ErrorKind::AccessRefused);
    assert_eq!(
        error.causes(),
        "files/get_temporary_link: 401 missing_scope"
    );
    let created = drive.create_folder(&folder("", ""), &name("b")).await;
    assert_kind(created, ErrorKind::AccessRefused);
    assert_kind(
        drive.delete_object(&object("", "a")).await,
        ErrorKind::AccessRefused,
    );
    let offer = drive.upload_url(&object("", "a"), &upload_for(1)).await;
    assert_kind(offer, ErrorKind::AccessRefused);
}

#[tokio::test]
async fn a_failing_dropbox_is_unavailable() {
    let world = World::start().await;
    let drive = world.dropbox();
    for (status, retry_after) in [(429, Some(60)), (429, None), (500, None), (503, Some(600))] {
        let fault = Fault::Status {
            status,
            retry_after,
        };
        world.simulator().switches().add(fault, Scope::Api, Some(1));
        let error = assert_kind(drive.check_credentials().await, ErrorKind::Unavailable);
        let expected = retry_after.unwrap_or(2);
        assert_eq!(
            error.retry_after(),
            Some(Duration::from_secs(expected)),
            "{status}"
        );
    }
    world
        .simulator()
        .switches()
        .add(Fault::LoseAnswer, Scope::Api, Some(1));
    let created = drive.create_folder(&folder("", ""), &name("lost")).await;
    assert_kind(created, ErrorKind::Unavailable);
    assert!(world.has("/lost"));
    // A short pause is waited for.
    let throttled = Fault::Status {
        status: 429,
        retry_after: Some(1),
    };
    world
        .simulator()
        .switches()
        .add(throttled, Scope::Api, Some(1));
    drive.check_credentials().await.unwrap();
}

#[tokio::test]
async fn errors_do_not_repeat_what_was_asked_for() {
    let world = World::start().await;
    let drive = world.dropbox();
    let secret = "canary-name\\";
    let errors = [
        drive
            .delete_object(&object("", secret))
            .await
            .err()
            .unwrap(),
        drive
            .create_folder(&folder("", ""), &name(secret))
            .await
            .err()
            .unwrap(),
        drive
            .list_objects(&first_page("", secret, 1))
            .await
            .err()
            .unwrap(),
        drive
            .download_url(&object("", secret), &hours(1))
            .await
            .err()
            .unwrap(),
    ];
    for error in errors {
        assert!(
            !format!("{error:?} {error}").contains("canary"),
            "{error:?}"
        );
    }
}
