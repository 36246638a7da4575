use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{TestApp, User};

use crate::wire::{paths, paths_of, store};

#[tokio::test]
async fn a_level_lists_its_folders_then_its_files() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    for (key, body) in [
        ("a.txt", "four"),
        ("b/inside.txt", "x"),
        ("b/deeper/still.txt", "x"),
        ("c.txt", ""),
        ("z/last.txt", "x"),
    ] {
        store(&user, &account, key, body.as_bytes()).await;
    }

    let body = json!({"id": "", "path": "/", "continuationToken": "", "count": 1000});
    let mut answer = user.storage("list_objects", &account, body).await.json();
    for file in [2, 3] {
        let modified = answer["data"][file]["lastModifiedUtc"].take();
        let modified: Timestamp = modified.as_str().unwrap().parse().unwrap();
        let age = Timestamp::now().duration_since(modified);
        assert!(age.abs() < SignedDuration::from_mins(1), "{modified}");
    }
    assert_eq!(
        answer,
        json!({
            "data": [
                {"id": "", "name": "b", "path": "b/", "size": 0, "lastModifiedUtc": null, "type": 2},
                {"id": "", "name": "z", "path": "z/", "size": 0, "lastModifiedUtc": null, "type": 2},
                {"id": "", "name": "a.txt", "path": "a.txt", "size": 4, "lastModifiedUtc": null, "type": 1},
                {"id": "", "name": "c.txt", "path": "c.txt", "size": 0, "lastModifiedUtc": null, "type": 1},
            ],
            "continuationToken": "",
            "bucketName": "pictures",
            "path": "/",
        })
    );
    assert_eq!(
        paths(&user, &account, "b/").await,
        ["b/deeper/", "b/inside.txt"]
    );
    let inside = user
        .storage("list_objects", &account, json!({"path": "b/deeper/"}))
        .await
        .json();
    assert_eq!(inside["data"][0]["name"], "still.txt", "the last component");
}

#[tokio::test]
async fn a_path_is_taken_with_and_without_its_slashes() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "b/c/inside.txt", b"x").await;
    store(&user, &account, "b/cc.txt", b"x").await;

    for path in ["b/c", "/b/c", "b/c/", "/b/c/"] {
        assert_eq!(
            paths(&user, &account, path).await,
            ["b/c/inside.txt"],
            "{path}"
        );
        let body = json!({"path": path});
        let answer = user.storage("list_objects", &account, body).await.json();
        assert_eq!(answer["path"], path, "as it was asked for");
    }
    for body in [
        json!({}),
        json!({"path": ""}),
        json!({"path": "/"}),
        json!({"path": null}),
    ] {
        let answer = user
            .storage("list_objects", &account, body.clone())
            .await
            .json();
        assert_eq!(paths_of(&answer), ["b/"], "{body}");
    }
}

#[tokio::test]
async fn what_is_left_out_has_the_documented_default() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "a.txt", b"x").await;

    let default = user
        .storage("list_objects", &account, json!({}))
        .await
        .json();
    for body in [
        json!({"id": null, "path": null, "continuationToken": null, "count": null}),
        json!({"id": "", "path": "/", "continuationToken": "", "count": 1000}),
        json!({"accountId": "x", "userId": 7, "active": false, "anything": [{}]}),
    ] {
        let answer = user
            .storage("list_objects", &account, body.clone())
            .await
            .json();
        assert_eq!(answer, default, "{body}");
    }
    assert_eq!(default["path"], "/");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_empty() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "ab/x.txt", b"x").await;

    // Keys have no folders, only prefixes: `a` is none of `ab/`.
    assert_eq!(paths(&user, &account, "a").await, [""; 0]);
    assert_eq!(paths(&user, &account, "none/at/all/").await, [""; 0]);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_not_found() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "a.txt", b"x").await;

    for (endpoint, mut body) in [
        ("list_objects", json!({"bucketName": ""})),
        (
            "create_folder",
            json!({"storageName": "", "folderName": "new"}),
        ),
        ("delete_object", json!({"storageName": "", "key": "a.txt"})),
        ("delete_object", json!({"storageName": "", "key": "a/"})),
        (
            "generate_download_url",
            json!({"storageName": "", "key": "a.txt"}),
        ),
        (
            "generate_upload_url",
            json!({"storageName": "", "key": "a.txt"}),
        ),
    ] {
        let field = if endpoint == "list_objects" {
            "bucketName"
        } else {
            "storageName"
        };
        body[field] = json!("no-such-bucket");
        let missing = user.storage(endpoint, &account, body.clone()).await;
        assert_eq!(
            missing.expect_problem(499, "NOT_FOUND"),
            "Object not found.",
            "{endpoint}"
        );
        expect_bad_names(&user, &account, endpoint, field, body).await;
    }
}

/// A bucket's name becomes a host and a path, so what is no name reaches nobody.
async fn expect_bad_names(
    user: &User<'_>,
    account: &str,
    endpoint: &str,
    field: &str,
    mut body: Value,
) {
    let long = "a".repeat(64);
    for (name, reason) in [
        ("", "empty"),
        ("ab", "too short"),
        (long.as_str(), "too long"),
        ("Pictures", "capitals"),
        ("pictures/", "a slash"),
        ("../pictures", "dots"),
        ("pic_tures", "an underscore"),
        (".pictures", "a dot first"),
        ("pic..tures", "two dots"),
        ("pic tures", "a space"),
        ("pictures?x", "a query"),
        ("pictures\0", "NUL"),
        ("pictürës", "no ASCII"),
        ("evil.example:80", "a port"),
        ("user@evil.example", "a user"),
    ] {
        body[field] = json!(name);
        let refused = user.storage(endpoint, account, body.clone()).await;
        let message = refused.expect_problem(499, "DEFAULT");
        assert!(
            message.starts_with(&format!("{field}: ")),
            "{endpoint} with {reason}: {message}"
        );
    }
}
