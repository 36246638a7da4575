//! Deleting files and folders.

use shared::domain::ErrorKind;
use shared::domain::storage::CloudStorage;

use crate::recorded::{Answer, Recorded, listing};
use crate::{keys, object, open, put, s3};

#[tokio::test]
async fn a_folder_goes_with_everything_in_it_and_nothing_else() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    let strange = [
        "a/sub/& <x> \"y\" 📷",
        "a/line\nbreak",
        "a/bell\u{7}",
        "a/ ",
        "a/ padded ",
        "a/]]>",
        "a//b/",
    ];
    put(&drive, strange).await;
    put(&drive, ["a", "a0", "ab/", " padded ", "/a/", "b"]).await;
    put(&drive, (0..1_050).map(|number| format!("a/{number}"))).await;

    drive.delete_object(&object("a/")).await.unwrap();
    assert_eq!(
        keys(&server).await,
        [" padded ", "/a/", "a", "a0", "ab/", "b"]
    );
}

#[tokio::test]
async fn deleting_what_is_not_there_succeeds() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    put(&drive, ["other"]).await;
    drive.delete_object(&object("missing")).await.unwrap();
    drive.delete_object(&object("missing/")).await.unwrap();
    assert_eq!(keys(&server).await, ["other"]);

    // Google Cloud Storage says so instead.
    let server = Recorded::start(|_| Answer::error(404, "NoSuchKey", "")).await;
    open(&server.url)
        .delete_object(&object("missing"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_server_without_bulk_deletion_is_asked_key_by_key() {
    let refusals: [fn() -> Answer; 4] = [
        || Answer::error(501, "NotImplemented", ""),
        || Answer::error(405, "MethodNotAllowed", ""),
        || Answer::error(400, "MissingContentMD5", ""),
        || Answer::new(405, "Method not allowed"),
    ];
    for refusal in refusals {
        let server = Recorded::start(move |asked| match asked.method.as_str() {
            "GET" => Answer::new(200, listing(&["a/", "a/1", "a/2"], "")),
            "POST" => refusal(),
            _ => Answer::new(204, ""),
        })
        .await;
        open(&server.url)
            .delete_object(&object("a/"))
            .await
            .unwrap();
        let mut lines = server.lines();
        assert_eq!(
            lines.pop().unwrap(),
            "DELETE /photos/a/",
            "the marker goes last"
        );
        lines.sort();
        assert_eq!(
            lines,
            [
                "DELETE /photos/a/1",
                "DELETE /photos/a/2",
                "GET /photos/",
                "POST /photos/"
            ]
        );
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_deleted_fails_the_folder_and_keeps_its_marker() {
    let refused =
        "<DeleteResult><Error><Key>a/2</Key><Code>AccessDenied</Code></Error></DeleteResult>";
    for bulk in [true, false] {
        let server =
            Recorded::start(
                move |asked| match (asked.method.as_str(), asked.uri.path()) {
                    ("GET", _) => Answer::new(200, listing(&["a/", "a/1", "a/2", "a/3"], "")),
                    ("POST", _) if bulk => Answer::new(200, refused),
                    ("POST", _) => Answer::error(501, "NotImplemented", ""),
                    ("DELETE", "/photos/a/2") => Answer::error(403, "AccessDenied", ""),
                    _ => Answer::new(204, ""),
                },
            )
            .await;
        let error = open(&server.url)
            .delete_object(&object("a/"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessRefused, "{error:?}");
        assert!(
            !server.lines().contains(&"DELETE /photos/a/".to_owned()),
            "{:?}",
            server.lines()
        );
    }
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_deleted_whatever_the_server_lists() {
    let body = listing(&["/a", "everything", "else"], "");
    let server = Recorded::start(move |asked| match asked.method.as_str() {
        "GET" => Answer::new(200, body.clone()),
        "POST" => Answer::new(200, "<DeleteResult></DeleteResult>"),
        _ => Answer::new(204, ""),
    })
    .await;
    // The key is "/": a server that takes the slash off lists the whole bucket.
    open(&server.url)
        .delete_object(&object("//"))
        .await
        .unwrap();
    let asked = server.asked();
    assert_eq!(
        server.lines(),
        ["GET /photos/", "POST /photos/", "DELETE /photos//"]
    );
    let body = String::from_utf8(asked[1].body.to_vec()).unwrap();
    assert!(
        body.contains("<Key>/a</Key>") && !body.contains("everything"),
        "{body}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_takes_too_long_can_be_gone_on_with() {
    let body = listing(
        &["a/1"],
        "<IsTruncated>true</IsTruncated><NextContinuationToken>more</NextContinuationToken>",
    );
    let server = Recorded::start(move |asked| match asked.method.as_str() {
        "GET" => Answer::new(200, body.clone()),
        _ => Answer::new(200, "<DeleteResult></DeleteResult>"),
    })
    .await;
    let drive = open(&server.url);
    // The listing never ends; time passes only here.
    let (error, ()) = tokio::join!(
        async { drive.delete_object(&object("a/")).await.unwrap_err() },
        async {
            while server.asked().len() < 6 {
                tokio::task::yield_now().await;
            }
            tokio::time::advance(std::time::Duration::from_secs(16)).await;
        }
    );
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.public().contains("partly deleted"), "{error}");
    assert!(
        server
            .lines()
            .iter()
            .all(|line| !line.starts_with("DELETE")),
        "the marker stays"
    );
}
