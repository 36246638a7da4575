//! Pages, folders and keys in listings.

use std::collections::BTreeSet;

use shared::domain::ErrorKind;
use shared::domain::storage::{CloudStorage, EntryKind, FolderName, ListRequest};
use shared::providers::s3::Flavour;

use crate::recorded::{Answer, Recorded, listing};
use crate::{Setup, first_page, folder, keys, list_all, open, put, s3};

#[tokio::test]
async fn a_long_folder_comes_in_pages_that_outlive_the_process() {
    let (server, _root) = s3().await;
    let url = server.url();
    let files = (0..1_100).map(|number| format!("many/{number:04} +%.txt"));
    let folders = (0..50).map(|number| format!("many/{number:04} sub/x"));
    put(&open(&url), files.chain(folders)).await;

    let (entries, pages) = list_all(async |cursor| {
        // A new client each time: nothing is left of the one before but the cursor.
        let page = open(&url)
            .list_objects(&ListRequest {
                cursor,
                ..first_page("/many")
            })
            .await?;
        let folders = page
            .entries
            .iter()
            .take_while(|entry| entry.kind == EntryKind::Folder)
            .count();
        assert!(
            page.entries[folders..]
                .iter()
                .all(|entry| entry.kind == EntryKind::File),
            "folders first"
        );
        assert!(page.entries.len() <= 1_000);
        Ok(page)
    })
    .await;

    assert_eq!(pages, 2);
    let unique: BTreeSet<_> = entries.iter().map(|(path, _)| path).collect();
    assert_eq!((entries.len(), unique.len()), (1_150, 1_150));
    assert!(unique.contains(&"many/1099 +%.txt".to_owned()));
    assert_eq!(
        entries
            .iter()
            .filter(|(_, kind)| *kind == EntryKind::Folder)
            .count(),
        50
    );
}

#[tokio::test]
async fn every_page_size_lists_everything_once() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    put(&drive, ["a/1", "a/2/x", "a/2/y", "a/3", "a/4/z", "a0", "b"]).await;
    for (parent, name) in [("", "a"), ("a", "2")] {
        drive
            .create_folder(
                &folder(parent),
                &FolderName::parse("folderName", name).unwrap(),
            )
            .await
            .unwrap();
    }
    for count in 1..=6 {
        let (mut entries, _) = list_all(async |cursor| {
            let page = drive
                .list_objects(&ListRequest {
                    cursor,
                    count,
                    ..first_page("a")
                })
                .await?;
            assert!(page.entries.len() <= count.into());
            Ok(page)
        })
        .await;
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (file, folder) = (EntryKind::File, EntryKind::Folder);
        let expected = [
            ("a/1", file),
            ("a/2/", folder),
            ("a/3", file),
            ("a/4/", folder),
        ];
        assert_eq!(
            entries,
            expected.map(|(path, kind)| (path.to_owned(), kind)),
            "count {count}"
        );
    }
}

#[tokio::test]
async fn a_folder_shows_what_is_directly_in_it() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    put(
        &drive,
        [
            "top.txt",
            "a/in.txt",
            "a/sub/deep.txt",
            "ab/other",
            "/rooted",
            "//twice",
        ],
    )
    .await;
    let shown = async |path: &str| {
        let page = drive.list_objects(&first_page(path)).await.unwrap();
        page.entries
            .into_iter()
            .map(|entry| (entry.path, entry.name, entry.size))
            .collect::<Vec<_>>()
    };
    let entry = |path: &str, name: &str, size| (path.to_owned(), name.to_owned(), size);

    let root = [
        entry("//", "", 0),
        entry("a/", "a", 0),
        entry("ab/", "ab", 0),
        entry("top.txt", "top.txt", 1),
    ];
    assert_eq!(shown("").await, root);
    assert_eq!(
        shown("/a").await,
        [entry("a/sub/", "sub", 0), entry("a/in.txt", "in.txt", 1)]
    );
    assert_eq!(
        shown("//").await,
        [entry("///", "", 0), entry("//rooted", "rooted", 1)]
    );
    assert_eq!(shown("nothing/here").await, []);
}

#[tokio::test]
async fn a_created_folder_is_listed_and_creating_it_again_succeeds() {
    let (server, _root) = s3().await;
    let drive = open(&server.url());
    let name = FolderName::parse("folderName", "neu & 100%+ 📁").unwrap();
    for _ in 0..2 {
        drive.create_folder(&folder("a b"), &name).await.unwrap();
    }
    assert_eq!(keys(&server).await, ["a b/neu & 100%+ 📁/"]);

    let page = drive.list_objects(&first_page("a b")).await.unwrap();
    assert_eq!(page.entries.len(), 1);
    assert_eq!(page.entries[0].name, "neu & 100%+ 📁");
    assert_eq!(page.entries[0].kind, EntryKind::Folder);
    let inside = drive
        .list_objects(&first_page("a b/neu & 100%+ 📁/"))
        .await
        .unwrap();
    assert!(
        inside.entries.is_empty(),
        "the marker is hidden: {inside:?}"
    );
}

#[tokio::test]
async fn keys_are_decoded_only_where_the_service_says_so() {
    for (more, paths) in [
        (
            "<EncodingType>url</EncodingType>",
            ["a b", "a%b", "é", "c+d"],
        ),
        ("", ["a+b", "a%25b", "%C3%A9", "c%2Bd"]),
    ] {
        let body = listing(&["a+b", "a%25b", "%C3%A9", "c%2Bd"], more);
        let server = Recorded::start(move |_| Answer::new(200, body.clone())).await;
        let page = open(&server.url)
            .list_objects(&first_page(""))
            .await
            .unwrap();
        assert_eq!(
            page.entries
                .iter()
                .map(|entry| entry.path.as_str())
                .collect::<Vec<_>>(),
            paths
        );
        assert_eq!(page.entries[0].size, 7);
        assert_eq!(
            page.entries[0].modified.unwrap().to_string(),
            "2026-11-23T10:00:00Z"
        );
        // A server of the user's own might claim to encode and not do it.
        assert_eq!(
            server.asked()[0].query(),
            "list-type=2&delimiter=%2F&max-keys=1000&prefix="
        );
    }
}

#[tokio::test]
async fn a_key_that_xml_cannot_hold_is_asked_for_in_another_form() {
    let server = Recorded::start(|asked| {
        if asked.query().contains("encoding-type=url") {
            Answer::new(
                200,
                listing(&["bell%07", "plain"], "<EncodingType>url</EncodingType>"),
            )
        } else {
            Answer::new(200, listing(&["bell\u{7}", "plain"], ""))
        }
    })
    .await;
    let page = open(&server.url)
        .list_objects(&first_page(""))
        .await
        .unwrap();
    assert_eq!(
        page.entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect::<Vec<_>>(),
        ["bell\u{7}", "plain"]
    );
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_an_error_and_not_another_key() {
    for body in [
        listing(&["%FF"], "<EncodingType>url</EncodingType>"),
        "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>".to_owned(),
        "<ListBucketResult><CommonPrefixes></CommonPrefixes></ListBucketResult>".to_owned(),
    ] {
        let server = Recorded::start(move |_| Answer::new(200, body.clone())).await;
        let error = open(&server.url)
            .list_objects(&first_page(""))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    }
}

#[tokio::test]
async fn keys_outside_of_the_folder_are_not_shown() {
    let body = listing(
        &["a/mine", "other"],
        "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>",
    );
    let server = Recorded::start(move |_| Answer::new(200, body.clone())).await;
    let page = open(&server.url)
        .list_objects(&first_page("a"))
        .await
        .unwrap();
    assert_eq!(
        page.entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect::<Vec<_>>(),
        ["a/mine"]
    );
}

#[tokio::test]
async fn a_page_says_whether_there_is_another() {
    for (more, next) in [
        (
            "<IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYEx==</NextContinuationToken>",
            Some("1ueGcxLPRx1Tr/XYEx=="),
        ),
        (
            "<IsTruncated>false</IsTruncated><NextContinuationToken>x</NextContinuationToken>",
            None,
        ),
        ("<IsTruncated>false</IsTruncated>", None),
        ("", None),
    ] {
        let body = listing(&["a"], more);
        let server = Recorded::start(move |_| Answer::new(200, body.clone())).await;
        let request = ListRequest {
            cursor: Some("before+/=".to_owned()),
            count: 7,
            ..first_page("")
        };
        let page = open(&server.url).list_objects(&request).await.unwrap();
        assert_eq!(page.next.as_deref(), next);
        let query = server.asked()[0].query().to_owned();
        assert!(
            query.contains("continuation-token=before%2B%2F%3D") && query.contains("max-keys=7"),
            "{query}"
        );
    }
    let body = listing(&["a"], "<IsTruncated>true</IsTruncated>");
    let server = Recorded::start(move |_| Answer::new(200, body.clone())).await;
    let error = open(&server.url)
        .list_objects(&first_page(""))
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Unavailable,
        "a listing that cannot go on is not the last page"
    );
}

#[tokio::test]
async fn a_cursor_that_the_service_refuses_is_named() {
    let server = Recorded::start(|_| Answer::error(400, "InvalidArgument", "")).await;
    let request = ListRequest {
        cursor: Some("stale".to_owned()),
        ..first_page("")
    };
    let error = open(&server.url).list_objects(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.public().starts_with("continuationToken: "), "{error}");
}

#[tokio::test]
async fn only_services_that_keep_to_it_are_asked_not_to_overwrite_a_marker() {
    // At an address that the user gave, it is no vendor's word that the condition is understood.
    for flavour in [Flavour::Aws, Flavour::Cloudflare, Flavour::Generic] {
        let server = Recorded::start(|_| Answer::new(200, "")).await;
        let name = FolderName::parse("folderName", "new").unwrap();
        Setup::flavour(flavour)
            .open(&server.url)
            .create_folder(&folder("a"), &name)
            .await
            .unwrap();
        let asked = &server.asked()[0];
        assert_eq!(
            (asked.line(), asked.header("content-length")),
            ("PUT /photos/a/new/".to_owned(), "0")
        );
        assert_eq!(asked.header("if-none-match"), "");
        assert!(asked.body.is_empty());
        assert!(
            asked
                .headers
                .keys()
                .all(|name| !name.as_str().contains("checksum")),
            "{:?}",
            asked.headers
        );
    }
}
