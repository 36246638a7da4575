//! What is in Dropbox's files: links that give bytes, and links that take them.

use super::{
    ByteRange, Client, CloudStorage, Content, ContentType, Download, DownloadOptions, ErrorKind,
    File, LinkUse, Offer, ROOT, SignedDuration, SignedUrl, StatusCode, UploadTarget, World,
    assert_kind, by_id, first_page, get, hours, list_all, object, send, signed_upload, upload_for,
};

#[tokio::test]
async fn a_download_link_gives_the_bytes_for_four_hours() {
    let world = World::start().await;
    world.put_folder(ROOT, "folder");
    world.put_file(ROOT, "a.txt", "0123456789");
    let drive = world.dropbox();
    let offer = drive
        .download_url(&object("", "A.TXT"), &hours(4))
        .await
        .unwrap();
    let signed = offer.signed().unwrap();
    assert_eq!((signed.method, signed.headers.len()), ("GET", 0));
    assert_eq!(signed.expires.to_string(), "2026-11-24T14:00:00Z");
    let response = get(&signed.url).await;
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(response.text().await.unwrap(), "0123456789");
    for (range, status, text) in [
        ("bytes=2-4", 206, "234"),
        ("bytes=-3", 206, "789"),
        ("bytes=8-", 206, "89"),
        ("bytes=10-", 416, ""),
    ] {
        let request = Client::new().get(&signed.url).header("Range", range);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{range}");
        assert_eq!(response.text().await.unwrap(), text, "{range}");
    }

    world.advance(SignedDuration::from_mins(4 * 60 - 1));
    assert_eq!(get(&signed.url).await.status(), StatusCode::OK);
    world.advance(SignedDuration::from_mins(1));
    assert_eq!(get(&signed.url).await.status(), StatusCode::GONE);

    let drive = world.dropbox();
    for key in ["missing", "folder", "folder/", "a.txt/"] {
        let offer = drive.download_url(&object("", key), &hours(1)).await;
        assert_kind(offer, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn what_dropbox_cannot_sign_is_a_link_of_ours() {
    let world = World::start().await;
    world.put_file(ROOT, "a.txt", "text");
    let drive = world.dropbox();
    let address = object("", "a.txt");
    let forced = DownloadOptions {
        attachment: true,
        ..hours(1)
    };
    for options in [hours(5), hours(168), forced] {
        let offer = drive.download_url(&address, &options).await.unwrap();
        let Offer::Link(link) = offer else {
            panic!("{offer:?}")
        };
        assert_eq!(link, LinkUse::download());
    }
    let elsewhere = drive
        .download_url(&object("elsewhere", "a.txt"), &hours(5))
        .await;
    assert_kind(elsewhere, ErrorKind::NotFound);
    // At a click. A redirect is for all of it, whatever part is wanted.
    for range in [None, Some(ByteRange::From(2))] {
        let request = Download {
            attachment: false,
            range,
            through_us: false,
        };
        let content = drive.download(&address, &request).await.unwrap();
        let Content::Redirect(url) = content else {
            panic!("no redirect")
        };
        assert_eq!(get(&url).await.text().await.unwrap(), "text");
    }
    let missing = drive
        .download(&object("", "missing"), &Download::default())
        .await;
    assert_kind(missing, ErrorKind::NotFound);

    let offer = drive.upload_url(&address, &upload_for(5)).await.unwrap();
    let Offer::Link(link) = offer else {
        panic!("{offer:?}")
    };
    assert_eq!(link.method, "POST");
    let octets = (
        "Content-Type".to_owned(),
        "application/octet-stream".to_owned(),
    );
    assert_eq!(link.headers, [octets]);
    let elsewhere = drive
        .upload_url(&object("elsewhere", "a.txt"), &upload_for(5))
        .await;
    assert_kind(elsewhere, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_upload_link_takes_one_body_and_overwrites() {
    let world = World::start().await;
    let drive = world.dropbox();
    let address = object("Dropbox", "deep/er/a.txt");
    let signed = signed_upload(&drive, &address).await;
    assert_eq!(signed.method, "POST");
    assert_eq!(signed.expires.to_string(), "2026-11-24T11:00:00Z");
    assert_eq!(send(&signed, "first").await.status(), StatusCode::OK);
    assert_eq!(world.content("/deep/er/a.txt").unwrap(), b"first");
    assert_eq!(send(&signed, "again").await.status(), StatusCode::GONE);

    let before = list_all(&drive, first_page("", "deep/er", 10)).await;
    let signed = signed_upload(&drive, &object("", "Deep/ER/A.txt")).await;
    assert_eq!(send(&signed, "second").await.status(), StatusCode::OK);
    assert_eq!(world.content("/deep/er/a.txt").unwrap(), b"second");
    let after = list_all(&drive, first_page("", "deep/er", 10)).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].id, before[0].id);

    // By the id of a file that is there.
    let signed = signed_upload(&drive, &by_id(&after[0].id)).await;
    assert_eq!(send(&signed, "third").await.status(), StatusCode::OK);
    assert_eq!(world.content("/deep/er/a.txt").unwrap(), b"third");

    // A folder is in the way: the link is made without looking.
    let signed = signed_upload(&drive, &object("", "deep/er")).await;
    assert_eq!(send(&signed, "x").await.status(), StatusCode::CONFLICT);
    for key in ["a/", "a//b", "//a"] {
        let offer = drive.upload_url(&object("", key), &upload_for(1)).await;
        assert_kind(offer, ErrorKind::Invalid);
    }

    let signed = signed_upload(&drive, &object("", "late.txt")).await;
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(send(&signed, "x").await.status(), StatusCode::GONE);
    assert!(!world.has("/late.txt"));
}

#[tokio::test]
async fn an_upload_through_a_link_of_ours_goes_to_a_fresh_link() {
    let world = World::start().await;
    let drive = world.dropbox();
    let address = object("", "b.bin");
    let octets = ContentType::default();
    for body in ["one", "two"] {
        let target = drive
            .upload_target(&address, &octets, Some(3))
            .await
            .unwrap();
        let UploadTarget::Redirect(url) = target else {
            panic!("no redirect")
        };
        let signed = SignedUrl {
            url,
            ..signed_upload(&drive, &address).await
        };
        assert_eq!(send(&signed, body).await.status(), StatusCode::OK);
        assert_eq!(world.content("/b.bin").unwrap(), body.as_bytes());
    }
    let bytes_max = drive.capabilities().upload_bytes_max.unwrap();
    let too_large = drive
        .upload_target(&address, &octets, Some(bytes_max + 1))
        .await;
    assert_kind(too_large, ErrorKind::TooLarge);
    assert!(
        drive
            .upload_target(&address, &octets, Some(bytes_max))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_file_that_changes_is_downloaded_as_it_is_now() {
    let world = World::start().await;
    let node = world.put_file(ROOT, "a.txt", "old");
    let drive = world.dropbox();
    let id = list_all(&drive, first_page("", "", 1)).await[0].id.clone();
    let file = File {
        content: "new".into(),
        media_type: "text/plain".to_owned(),
    };
    let now = world.simulator().clock().now();
    world.simulator().tree().write(node, file, now);
    let content = drive
        .download(&by_id(&id), &Download::default())
        .await
        .unwrap();
    let Content::Redirect(url) = content else {
        panic!("no redirect")
    };
    assert_eq!(get(&url).await.text().await.unwrap(), "new");
}
