//! S3: both versions of a listing, page by page.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;
use tokio::task::JoinSet;

use crate::s3::{BUCKET, put, store};

/// The keys and the common prefixes of one page.
fn items(page: &ListObjectsV2Output) -> (Vec<&str>, Vec<&str>) {
    let keys = page.contents().iter().filter_map(|object| object.key());
    let prefixes = page.common_prefixes().iter();
    let prefixes = prefixes.filter_map(|common| common.prefix());
    (keys.collect(), prefixes.collect())
}

async fn put_all(client: &Client, keys: impl IntoIterator<Item = String>) {
    let mut writes = JoinSet::new();
    for key in keys {
        let client = client.clone();
        writes.spawn(async move { put(&client, &key, b"").await });
        if writes.len() == 32 {
            writes.join_next().await.unwrap().unwrap();
        }
    }
    writes.join_all().await;
}

#[tokio::test]
async fn pages_cover_2500_keys_once() {
    let (_store, _folder, client) = store().await;
    // 20 folders of 100 keys and 500 keys beside them, between the folders in order.
    let in_folders = (0..2000).map(|n| format!("f{:02}/{n:04}", n % 20));
    let beside = (0..500).map(|n| format!("f{:02}-{n:03}", n % 20));
    let all: BTreeSet<String> = in_folders.chain(beside).collect();
    put_all(&client, all.iter().cloned()).await;

    // More than 1,000 at once are not given.
    let list = client.list_objects_v2().bucket(BUCKET).max_keys(5000);
    let (mut seen, mut sizes, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let page = list.clone().set_continuation_token(token).send().await;
        let page = page.unwrap();
        assert_eq!(page.max_keys(), Some(1000));
        assert_eq!(
            page.is_truncated(),
            page.next_continuation_token().map(|_| true).or(Some(false))
        );
        sizes.push(page.key_count().unwrap());
        seen.extend(items(&page).0.into_iter().map(str::to_owned));
        token = page.next_continuation_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [1000, 1000, 500]);
    assert!(seen.iter().eq(&all));

    // A common prefix counts as one, and comes once although its keys span pages.
    let list = client
        .list_objects_v2()
        .bucket(BUCKET)
        .delimiter("/")
        .max_keys(7);
    let mut pages = list.into_paginator().send();
    let (mut keys, mut prefixes, mut sizes) = (Vec::new(), Vec::new(), BTreeSet::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let found = items(&page);
        assert_eq!(
            page.key_count(),
            i32::try_from(found.0.len() + found.1.len()).ok()
        );
        sizes.insert(page.key_count());
        keys.extend(found.0.into_iter().map(str::to_owned));
        prefixes.extend(found.1.into_iter().map(str::to_owned));
    }
    assert_eq!(sizes, BTreeSet::from([Some(520 % 7), Some(7)]));
    assert!(keys.iter().eq(all.iter().filter(|key| !key.contains('/'))));
    let folders: Vec<String> = (0..20).map(|n| format!("f{n:02}/")).collect();
    assert_eq!(prefixes, folders);

    // The first version: the next marker is named only with a delimiter.
    let first = client
        .list_objects()
        .bucket(BUCKET)
        .max_keys(1)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (first.is_truncated(), first.next_marker()),
        (Some(true), None)
    );
    let (mut count, mut marker) = (0, None);
    loop {
        let page = client
            .list_objects()
            .bucket(BUCKET)
            .delimiter("/")
            .max_keys(100);
        let page = page.set_marker(marker).send().await.unwrap();
        count += page.contents().len() + page.common_prefixes().len();
        marker = page.next_marker().map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(count, 520);
}

#[tokio::test]
async fn a_listing_starts_where_it_is_told() {
    let (_store, _folder, client) = store().await;
    for key in ["B", "a", "a/1", "a/2", "a0", "é", "z"] {
        put(&client, key, b"hello").await;
    }
    let list = client.list_objects_v2().bucket(BUCKET);
    let page = list.clone().send().await.unwrap();
    assert_eq!(items(&page).0, ["B", "a", "a/1", "a/2", "a0", "z", "é"]);
    assert_eq!((page.name(), page.prefix()), (Some(BUCKET), Some("")));
    let object = &page.contents()[0];
    assert_eq!(object.size(), Some(5));
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("B")
        .send()
        .await
        .unwrap();
    assert_eq!(object.e_tag(), head.e_tag());
    assert_eq!(object.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    let listed = object.last_modified().unwrap().secs();
    assert_eq!(listed, head.last_modified().unwrap().secs());

    let page = list.clone().start_after("a/1").send().await.unwrap();
    assert_eq!(items(&page).0, ["a/2", "a0", "z", "é"]);
    let page = list.clone().prefix("a/").start_after("a").send().await;
    assert_eq!(items(&page.unwrap()).0, ["a/1", "a/2"]);
    let page = list.clone().prefix("a/").start_after("b").send().await;
    assert_eq!(items(&page.unwrap()).0, <[&str; 0]>::default());
    let page = list
        .clone()
        .prefix("a")
        .delimiter("/")
        .send()
        .await
        .unwrap();
    assert_eq!(items(&page), (vec!["a", "a0"], vec!["a/"]));
    let page = list.clone().delimiter("").send().await.unwrap();
    assert_eq!((items(&page).0.len(), page.delimiter()), (7, None));
    let page = list.clone().delimiter("/1").send().await.unwrap();
    assert_eq!(items(&page).1, ["a/1"]);

    let none = list.clone().max_keys(0).send().await.unwrap();
    assert_eq!(
        (none.key_count(), none.is_truncated()),
        (Some(0), Some(false))
    );
    let negative = list.clone().max_keys(-1).send().await.unwrap_err();
    assert_eq!(negative.code(), Some("InvalidArgument"));

    let first = list.clone().max_keys(1).send().await.unwrap();
    let token = first.next_continuation_token().unwrap();
    assert!(!token.contains('B'), "a token is opaque");
    let next = list.clone().continuation_token(token).start_after("z");
    assert_eq!(items(&next.send().await.unwrap()).0[0], "a");
    for wrong in ["B", "", "a/1", &token[1..], &format!("{token}AA")] {
        let wrong = list.clone().continuation_token(wrong).send().await;
        assert_eq!(wrong.unwrap_err().code(), Some("InvalidArgument"));
    }
}

#[tokio::test]
async fn names_are_encoded_on_request_only() {
    let (_store, _folder, client) = store().await;
    for key in ["d é/100%25+ b.txt", "d é/x&y/🦀", "test_file(3).png", "~*"] {
        put(&client, key, b"").await;
    }
    let list = client
        .list_objects_v2()
        .bucket(BUCKET)
        .prefix("d é/")
        .start_after("d");
    let plain = list.clone().delimiter("y/").send().await.unwrap();
    assert_eq!(items(&plain), (vec!["d é/100%25+ b.txt"], vec!["d é/x&y/"]));
    assert_eq!(
        (plain.prefix(), plain.delimiter()),
        (Some("d é/"), Some("y/"))
    );
    assert_eq!(plain.encoding_type(), None);

    let url = list.delimiter("&y/").encoding_type(EncodingType::Url);
    let url = url.send().await.unwrap();
    let expected = (vec!["d+%C3%A9/100%2525%2B+b.txt"], vec!["d+%C3%A9/x%26y/"]);
    assert_eq!(items(&url), expected);
    assert_eq!(url.prefix(), Some("d+%C3%A9/"));
    assert_eq!(
        (url.delimiter(), url.start_after()),
        (Some("%26y/"), Some("d"))
    );
    assert_eq!(url.encoding_type(), Some(&EncodingType::Url));

    let list = client
        .list_objects()
        .bucket(BUCKET)
        .encoding_type(EncodingType::Url);
    let first = list
        .clone()
        .delimiter("/")
        .max_keys(1)
        .send()
        .await
        .unwrap();
    assert_eq!(first.next_marker(), Some("d+%C3%A9/"));
    let rest = list.clone().marker("d é/z").send().await.unwrap();
    assert_eq!(rest.marker(), Some("d+%C3%A9/z"));
    let rest = rest.contents().iter().filter_map(|object| object.key());
    assert_eq!(rest.collect::<Vec<_>>(), ["test_file%283%29.png", "%7E*"]);
    let wrong = list
        .encoding_type("base64".into())
        .send()
        .await
        .unwrap_err();
    assert_eq!(wrong.code(), Some("InvalidArgument"));
}
