//! Names that some part of the way would like to change: up, listed, down and deleted, byte for
//! byte.

use std::collections::BTreeSet;

use serde_json::json;
use testkit::{TestApp, User};

use crate::wire::{paths, read, store};

const NAMES: &[&str] = &[
    "plain.txt",
    "with space.txt",
    " space at both ends ",
    "plus+plus.txt",
    "100%.txt",
    "50%25 off%2Fslash.txt",
    "%2e%2e",
    "hash#question?and&equals=.txt",
    "double\"single'tick`.txt",
    "back\\slash.txt",
    "semi;colon:comma,at@dollar$.txt",
    "brackets[]{}()<>|^~!*.txt",
    "<xml>&amp;]]>",
    "...",
    ".hidden",
    "trailing.",
    "-rf",
    "📷👩‍👩‍👧.jpg",
    "日本語.txt",
    "שלום עליכם.txt",
    "é.txt",
    "e\u{301}.txt",
    "Å",
    "A\u{30a}",
    "\u{212b}",
    "ﬁ",
    "\u{200b}zero width",
    "\u{202e}reversed",
    "tab\tand\nline",
    "del\u{7f}",
];

/// Stores, lists, reads and deletes one key that is given as `key` and listed as `path` in `folder`.
async fn full_cycle(user: &User<'_>, account: &str, folder: &str, key: &str, path: &str) {
    let body = format!("bytes of {key}");
    store(user, account, key, body.as_bytes()).await;

    let listing = user
        .storage("list_objects", account, json!({"path": folder}))
        .await
        .json();
    let data = listing["data"].as_array().unwrap();
    let entry = data.iter().find(|entry| entry["path"] == path);
    let entry = entry.unwrap_or_else(|| panic!("{path:?} in {listing}"));
    let name = path.rsplit('/').next().unwrap();
    assert_eq!(entry["name"], name);
    assert_eq!(entry["size"], body.len());
    assert_eq!(entry["type"], 1);

    // What is listed leads back to the object.
    for given in [key, path] {
        assert_eq!(
            read(user, account, given).await.as_deref(),
            Some(body.as_bytes()),
            "{given:?}"
        );
    }
    let forced = json!({"key": path, "forceToDownload": true});
    let url = user
        .storage("generate_download_url", account, forced)
        .await
        .string();
    assert_eq!(
        crate::wire::get(&url).await.body,
        body.as_bytes(),
        "{path:?}"
    );

    user.storage("delete_object", account, json!({"key": path}))
        .await
        .expect_empty();
    assert_eq!(read(user, account, key).await, None, "{key:?}");
}

#[tokio::test]
async fn names_go_the_whole_way_unchanged() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    for name in NAMES {
        full_cycle(&user, &account, "/", name, name).await;
        let key = format!("Raw footage/{name}");
        full_cycle(&user, &account, "Raw footage", &key, &key).await;
    }
    assert_eq!(paths(&user, &account, "/").await, [""; 0]);
}

#[tokio::test]
async fn names_that_look_alike_are_kept_apart() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    for name in NAMES {
        store(&user, &account, &format!("all/{name}"), name.as_bytes()).await;
    }
    let listed: BTreeSet<_> = paths(&user, &account, "all").await.into_iter().collect();
    let stored = NAMES.iter().map(|name| format!("all/{name}")).collect();
    assert_eq!(listed, stored);

    user.storage("delete_object", &account, json!({"key": "all/é.txt"}))
        .await
        .expect_empty();
    assert_eq!(read(&user, &account, "all/é.txt").await, None);
    for name in NAMES.iter().filter(|name| **name != "é.txt") {
        let bytes = read(&user, &account, &format!("all/{name}")).await;
        assert_eq!(bytes.as_deref(), Some(name.as_bytes()), "{name:?}");
    }
}

#[tokio::test]
async fn a_folder_of_any_name_is_listed_and_deleted() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    for name in NAMES {
        let key = format!("{name}/inside.txt");
        store(&user, &account, &key, b"x").await;
        assert_eq!(paths(&user, &account, "/").await, [format!("{name}/")]);
        assert_eq!(paths(&user, &account, name).await, [key.as_str()]);
        let folder = json!({"key": format!("{name}/")});
        user.storage("delete_object", &account, folder)
            .await
            .expect_empty();
        assert_eq!(read(&user, &account, &key).await, None, "{name:?}");
    }
}

#[tokio::test]
async fn a_key_may_have_1024_bytes() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    let deep = [
        "x".repeat(255),
        "é".repeat(127),
        "日".repeat(85),
        "📷".repeat(60),
    ]
    .join("/");
    let deep = format!("{deep}{}", "y".repeat(1_024 - deep.len()));
    let (folder, _) = deep.rsplit_once('/').unwrap();
    for (folder, key) in [
        ("/", "x".repeat(1_024)),
        ("/", "é".repeat(512)),
        (folder, deep.clone()),
    ] {
        assert_eq!(key.len(), 1_024);
        full_cycle(&user, &account, folder, &key, &key).await;
        // The slash in front is none of it.
        full_cycle(&user, &account, folder, &format!("/{key}"), &key).await;
    }
}

#[tokio::test]
async fn empty_components_are_components() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "a/b", b"another").await;
    store(&user, &account, "x", b"another").await;

    full_cycle(&user, &account, "a/", "a/b2", "a/b2").await;
    full_cycle(&user, &account, "a//", "a//b", "a//b").await;
    full_cycle(&user, &account, "a//", "/a//b", "a//b").await;
    full_cycle(&user, &account, "a///", "a///b", "a///b").await;
    // One slash in front is the form of a path; a second is the key's own.
    full_cycle(&user, &account, "//", "//x", "//x").await;

    store(&user, &account, "a//b", b"x").await;
    assert_eq!(paths(&user, &account, "a/").await, ["a//", "a/b"]);
    store(&user, &account, "//x", b"x").await;
    assert_eq!(paths(&user, &account, "/").await, ["//", "a/", "x"]);

    user.storage("delete_object", &account, json!({"key": "a//"}))
        .await
        .expect_empty();
    user.storage("delete_object", &account, json!({"key": "//"}))
        .await
        .expect_empty();
    assert_eq!(paths(&user, &account, "/").await, ["a/", "x"]);
    for key in ["a/b", "x"] {
        assert_eq!(
            read(&user, &account, key).await.as_deref(),
            Some(&b"another"[..]),
            "{key}"
        );
    }
}
