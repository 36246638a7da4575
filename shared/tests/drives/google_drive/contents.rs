//! What is in Google Drive's files: bytes that are streamed, and uploads by session.

use super::{
    ByteRange, Client, CloudStorage, Content, ContentType, DownloadOptions, Duration, EntryKind,
    ErrorKind, Offer, ROOT, SignedDuration, StatusCode, UploadTarget, World, by_id, download, kind,
    list, names, object, put, read, text_of, upload_url,
};

#[tokio::test]
async fn a_document_of_googles_is_listed_but_has_no_bytes() {
    let world = World::start().await;
    let storage = world.google();
    world.add_other("letter", "application/vnd.google-apps.document", None);
    let entries = list(&storage, "", "").await;
    assert_eq!((entries[0].kind, entries[0].size), (EntryKind::File, 0));
    let error = download(&storage, &object("", "letter"), None)
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(
        error.public(),
        "key: is a Google document, which has no bytes of its own"
    );
    let described = storage.describe(&object("", "letter")).await;
    assert_eq!(described.unwrap_err().public(), error.public());
    let upload = upload_url(&storage, &object("", "letter"), "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::Invalid);
    storage.delete_object(&object("", "letter")).await.unwrap();
    assert!(list(&storage, "", "").await.is_empty());
}

#[tokio::test]
async fn bytes_are_streamed_whole_or_in_part() {
    let world = World::start().await;
    let storage = world.google();
    world.add_file(ROOT, "file.txt", "0123456789");
    let address = object("", "file.txt");
    let options = DownloadOptions {
        lifetime: Duration::from_hours(1),
        attachment: true,
    };
    let offer = storage.download_url(&address, &options).await.unwrap();
    let Offer::Link(link) = offer else {
        panic!("Google signs nothing");
    };
    assert_eq!((link.method, link.headers.len()), ("GET", 0));

    let content = download(&storage, &address, None).await.unwrap();
    let Content::Stream(stream) = &content else {
        panic!("nothing is streamed");
    };
    assert_eq!(stream.content_type.as_deref(), Some("text/plain"));
    let (bytes, name, part) = read(content).await;
    assert_eq!(
        (&bytes[..], name.as_str(), part),
        (&b"0123456789"[..], "file.txt", None)
    );

    for (range, part, text) in [
        (ByteRange::From(4), "bytes 4-9/10", "456789"),
        (ByteRange::Between(2, 3), "bytes 2-3/10", "23"),
        (ByteRange::Between(8, 99), "bytes 8-9/10", "89"),
        (ByteRange::Last(3), "bytes 7-9/10", "789"),
    ] {
        let content = download(&storage, &address, Some(range)).await.unwrap();
        let (bytes, _, found) = read(content).await;
        assert_eq!(
            (found.as_deref(), &bytes[..]),
            (Some(part), text.as_bytes())
        );
    }
    let behind = download(&storage, &address, Some(ByteRange::From(10)))
        .await
        .unwrap();
    assert!(matches!(behind, Content::OutOfRange(Some(10))));
}

#[tokio::test]
async fn an_upload_url_stores_a_body_without_any_token() {
    let world = World::start().await;
    let storage = world.google();
    world.add_folder(ROOT, "docs");
    let address = object("", "docs/page.html");
    let url = upload_url(&storage, &address, "text/html; charset=utf-8")
        .await
        .unwrap();
    assert_eq!(url.expires.to_string(), "2026-11-25T10:00:00Z");
    assert_eq!(
        url.headers,
        [(
            "Content-Type".to_owned(),
            "text/html; charset=utf-8".to_owned()
        )]
    );
    // Nothing is there before the body is.
    assert!(list(&storage, "", "docs").await.is_empty());
    assert_eq!(put(&url, "<p>").await, StatusCode::OK);
    // The session is over: it only tells how it ended.
    assert_eq!(put(&url, "<br>").await, StatusCode::OK);
    let content = download(&storage, &address, None).await.unwrap();
    let Content::Stream(stream) = &content else {
        panic!("nothing is streamed");
    };
    assert_eq!(
        stream.content_type.as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(&read(content).await.0[..], b"<p>");

    // What is there is overwritten, by its path and by its id.
    let id = list(&storage, "", "docs").await[0].id.clone();
    let url = upload_url(&storage, &address, "text/plain").await.unwrap();
    assert_eq!(put(&url, "second").await, StatusCode::OK);
    assert_eq!(text_of(&storage, &address).await, "second");
    let target = storage
        .upload_target(&by_id("", &id, "x"), &ContentType::default(), Some(5))
        .await
        .unwrap();
    let UploadTarget::Redirect(target) = target else {
        panic!("Google takes it itself");
    };
    let client = Client::new();
    let longer = client.put(&target).body("longer").send().await.unwrap();
    assert_eq!(longer.status(), StatusCode::BAD_REQUEST);
    let stored = client.put(&target).body("third").send().await.unwrap();
    assert_eq!(stored.status(), StatusCode::OK);
    assert_eq!(text_of(&storage, &address).await, "third");
    assert_eq!(list(&storage, "", "docs").await.len(), 1);

    for key in ["missing/file", "docs/page.html/x"] {
        let upload = upload_url(&storage, &object("", key), "text/plain").await;
        assert_eq!(kind(upload), ErrorKind::NotFound, "{key}");
    }
    let upload = upload_url(&storage, &object("", "docs/"), "text/plain").await;
    assert_eq!(kind(upload), ErrorKind::Invalid);
}

#[tokio::test]
async fn an_upload_url_ends_after_a_week() {
    let world = World::start().await;
    let storage = world.google();
    let first = upload_url(&storage, &object("", "first"), "text/plain")
        .await
        .unwrap();
    let second = upload_url(&storage, &object("", "second"), "text/plain")
        .await
        .unwrap();
    // The token is long dead when the session still lives.
    world.advance(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    assert_eq!(put(&first, "content").await, StatusCode::OK);
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(put(&second, "content").await, StatusCode::NOT_FOUND);
    assert_eq!(names(&list(&world.google(), "", "").await), ["first"]);
}
