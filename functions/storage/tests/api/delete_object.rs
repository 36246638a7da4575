use serde_json::json;
use testkit::{TestApp, User};

use crate::wire::{paths, read, store};

async fn delete(user: &User<'_>, account: &str, key: &str) {
    let deleted = user
        .storage("delete_object", account, json!({"id": "", "key": key}))
        .await;
    deleted.expect_empty();
    assert_eq!(deleted.header("content-type"), "", "nothing is answered");
}

#[tokio::test]
async fn a_deleted_object_is_gone() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "a.txt", b"a").await;
    store(&user, &account, "b.txt", b"b").await;

    delete(&user, &account, "a.txt").await;
    assert_eq!(read(&user, &account, "a.txt").await, None);
    assert_eq!(paths(&user, &account, "/").await, ["b.txt"]);

    delete(&user, &account, "/b.txt").await;
    assert_eq!(paths(&user, &account, "/").await, [""; 0]);
}

#[tokio::test]
async fn deleting_what_is_not_there_succeeds() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "kept.txt", b"x").await;

    for key in ["none.txt", "none/", "none/at/all.txt"] {
        delete(&user, &account, key).await;
        delete(&user, &account, key).await;
    }
    assert_eq!(paths(&user, &account, "/").await, ["kept.txt"]);
}

#[tokio::test]
async fn a_folder_goes_with_all_that_is_under_it_and_nothing_beside_it() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    for key in ["a/1.txt", "a/b/2.txt", "a/b/c/3.txt", "ab/4.txt", "a.txt"] {
        store(&user, &account, key, key.as_bytes()).await;
    }
    let body = json!({"path": "a", "folderName": "empty"});
    user.storage("create_folder", &account, body)
        .await
        .expect_empty();
    let body = json!({"folderName": "a"});
    user.storage("create_folder", &account, body)
        .await
        .expect_empty();

    // Without its slash it is the name of a file, and there is none.
    delete(&user, &account, "a").await;
    assert_eq!(
        paths(&user, &account, "a/").await,
        ["a/b/", "a/empty/", "a/1.txt"]
    );

    delete(&user, &account, "a/").await;
    assert_eq!(paths(&user, &account, "/").await, ["ab/", "a.txt"]);
    assert_eq!(paths(&user, &account, "a/").await, [""; 0]);
    for key in ["a/1.txt", "a/b/2.txt", "a/b/c/3.txt", "a/"] {
        assert_eq!(read(&user, &account, key).await, None, "{key}");
    }
    for key in ["ab/4.txt", "a.txt"] {
        assert_eq!(
            read(&user, &account, key).await.unwrap(),
            key.as_bytes(),
            "{key}"
        );
    }
}

#[tokio::test]
async fn the_folder_of_a_listing_is_deleted_by_its_path() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "Raw footage/take 1.mov", b"x").await;

    let listed = paths(&user, &account, "/").await;
    assert_eq!(listed, ["Raw footage/"]);
    delete(&user, &account, &listed[0]).await;
    assert_eq!(paths(&user, &account, "/").await, [""; 0]);
}

#[tokio::test]
async fn a_large_folder_goes_at_once() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    // More than one request can list or delete.
    for number in 0..1_001 {
        let body = json!({"path": "many", "folderName": number.to_string()});
        user.storage("create_folder", &account, body)
            .await
            .expect_empty();
    }
    delete(&user, &account, "many/").await;
    assert_eq!(paths(&user, &account, "/").await, [""; 0]);
}

#[tokio::test]
async fn the_bucket_itself_is_no_object() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "kept.txt", b"x").await;

    for key in ["", "/"] {
        let refused = user
            .storage("delete_object", &account, json!({"key": key}))
            .await;
        assert_eq!(
            refused.expect_problem(499, "DEFAULT"),
            "key: must not be empty"
        );
    }
    for key in ["..", "../", "a/../", "./", "a/./b", "/../kept.txt"] {
        let refused = user
            .storage("delete_object", &account, json!({"key": key}))
            .await;
        assert_eq!(
            refused.expect_problem(499, "DEFAULT"),
            "key: must not have . or .. as a component",
            "{key}"
        );
    }
    assert_eq!(paths(&user, &account, "/").await, ["kept.txt"]);
}
