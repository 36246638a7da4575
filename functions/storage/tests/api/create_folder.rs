use serde_json::json;
use testkit::TestApp;

use crate::wire::{paths, read, store};

#[tokio::test]
async fn a_new_folder_is_listed() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let body = json!({"id": "", "path": "/", "folderName": "Raw footage"});
    let created = user.storage("create_folder", &account, body).await;
    created.expect_empty();
    assert_eq!(created.header("content-type"), "", "nothing is answered");

    let answer = user
        .storage("list_objects", &account, json!({}))
        .await
        .json();
    assert_eq!(
        answer["data"],
        json!([{
            "id": "",
            "name": "Raw footage",
            "path": "Raw footage/",
            "size": 0,
            "lastModifiedUtc": null,
            "type": 2,
        }])
    );
    assert_eq!(
        paths(&user, &account, "Raw footage").await,
        [""; 0],
        "and empty"
    );
}

#[tokio::test]
async fn a_folder_is_made_inside_another() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for (path, name) in [
        ("one", "a"),
        ("/one", "b"),
        ("one/", "c"),
        ("/one/", "d"),
        ("one/a", "deep"),
    ] {
        let body = json!({"path": path, "folderName": name});
        user.storage("create_folder", &account, body)
            .await
            .expect_empty();
    }
    assert_eq!(paths(&user, &account, "/").await, ["one/"]);
    assert_eq!(
        paths(&user, &account, "one").await,
        ["one/a/", "one/b/", "one/c/", "one/d/"]
    );
    assert_eq!(paths(&user, &account, "one/a").await, ["one/a/deep/"]);

    // The root is where a folder is made if no path is given.
    let body = json!({"folderName": "top"});
    user.storage("create_folder", &account, body)
        .await
        .expect_empty();
    assert_eq!(paths(&user, &account, "/").await, ["one/", "top/"]);
}

#[tokio::test]
async fn making_a_folder_again_changes_nothing_in_it() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "kept/a.txt", b"kept").await;

    let body = json!({"folderName": "kept"});
    for _ in 0..2 {
        user.storage("create_folder", &account, body.clone())
            .await
            .expect_empty();
    }
    assert_eq!(paths(&user, &account, "kept").await, ["kept/a.txt"]);
    assert_eq!(
        read(&user, &account, "kept/a.txt").await.unwrap(),
        b"kept".to_vec()
    );
}

#[tokio::test]
async fn a_name_is_one_component() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    let long = "x".repeat(1_025);
    for (name, rule) in [
        ("", "must not be empty"),
        ("/", "must not contain /"),
        ("a/b", "must not contain /"),
        ("a/", "must not contain /"),
        ("../up", "must not contain /"),
        ("a\0b", "must not contain NUL"),
        (".", "must not have . or .. as a component"),
        ("..", "must not have . or .. as a component"),
        (&long, "must be at most 1,024 bytes"),
        // With the slash behind it, it is one byte more.
        (&long[1..], "must be at most 1,024 bytes"),
    ] {
        let body = json!({"path": "/", "folderName": name});
        let refused = user.storage("create_folder", &account, body).await;
        assert_eq!(
            refused.expect_problem(499, "DEFAULT"),
            format!("folderName: {rule}"),
            "{name:?}"
        );
    }
    assert_eq!(paths(&user, &account, "/").await, [""; 0]);
}

#[tokio::test]
async fn a_name_is_kept_byte_for_byte() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;

    for name in [
        "with space",
        "plus+",
        "100%",
        "50%25",
        "#?&=",
        "\"quotes'",
        "back\\slash",
        "...",
        ".hidden",
        "📷",
        "é",
        "e\u{301}",
    ] {
        let body = json!({"path": "in", "folderName": name});
        user.storage("create_folder", &account, body)
            .await
            .expect_empty();
        let path = format!("in/{name}/");
        assert!(
            paths(&user, &account, "in").await.contains(&path),
            "{name:?}"
        );
    }
    assert_eq!(
        paths(&user, &account, "in").await.len(),
        12,
        "each its own folder"
    );
}
