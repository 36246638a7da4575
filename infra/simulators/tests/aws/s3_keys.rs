//! S3: any key that the service takes has a place, however little it looks like a path.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use crate::s3::{BUCKET, keys, one_minute, put, read, refused, restart, store};

/// Keys that are hard to write down somewhere: in a URL, a path, XML or a header.
const HARD: [&str; 20] = [
    "a b",
    " lead and trail ",
    "a+b",
    "a%b",
    "100%25.txt",
    "a#b",
    "a?b=c",
    "a&b;c",
    "a\"b",
    "a'b",
    "<a>",
    "a\\b",
    "a*b~c!(d)",
    "🦀/🧑‍🚀",
    // Two keys, although they look like one.
    "caf\u{e9}",
    "cafe\u{301}",
    "Grüße",
    "日本語",
    "x=y,z:@$",
    "tab\tand\nline",
];

#[tokio::test]
async fn every_key_is_kept_as_it_is() {
    let (store, folder, client) = store().await;
    for key in HARD {
        client
            .put_object()
            .bucket(BUCKET)
            .key(key)
            .body(key.as_bytes().to_vec().into())
            .send()
            .await
            .unwrap();
    }
    let mut sorted = HARD.map(str::to_owned);
    sorted.sort();
    assert_eq!(keys(&client, "").await, sorted);

    let (_store, client) = restart(store, &folder).await;
    assert_eq!(keys(&client, "").await, sorted);
    for key in HARD {
        assert_eq!(read(&client, key).await, key.as_bytes(), "{key:?}");
    }

    // And as the source of a copy, which is a header, and in XML.
    for key in HARD {
        let source: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        let source = source.replace('+', "%20");
        client
            .copy_object()
            .bucket(BUCKET)
            .key(format!("copies/{key}"))
            .copy_source(format!("{BUCKET}/{source}"))
            .send()
            .await
            .unwrap();
    }
    let objects = HARD.map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let batch = Delete::builder().set_objects(Some(objects.to_vec()));
    let deleted = client.delete_objects().bucket(BUCKET);
    let deleted = deleted.delete(batch.build().unwrap()).send().await.unwrap();
    assert_eq!(deleted.deleted().len(), HARD.len());
    assert!(deleted.errors().is_empty());
    let copies: Vec<String> = sorted.iter().map(|key| format!("copies/{key}")).collect();
    assert_eq!(keys(&client, "").await, copies);
}

#[tokio::test]
async fn presigned_urls_reach_every_key() {
    let (_store, _folder, client) = store().await;
    let http = reqwest::Client::new();
    for key in HARD {
        let put = client.put_object().bucket(BUCKET).key(key);
        let put = put.presigned(one_minute()).await.unwrap();
        let sent = http.put(put.uri()).body(key).send().await.unwrap();
        assert_eq!(sent.status(), 200, "{key:?}");
    }
    for key in HARD {
        let get = client.get_object().bucket(BUCKET).key(key);
        let get = get.presigned(one_minute()).await.unwrap();
        let got = http.get(get.uri()).send().await.unwrap();
        assert_eq!(got.text().await.unwrap(), key);
    }
    let mut sorted = HARD.map(str::to_owned);
    sorted.sort();
    assert_eq!(keys(&client, "").await, sorted);
    // What the writer has not said.
    let head = client.head_object().bucket(BUCKET).key(HARD[0]);
    let head = head.send().await.unwrap();
    assert_eq!(head.content_type(), Some("binary/octet-stream"));
}

#[tokio::test]
async fn no_key_is_a_path() {
    let (store, folder, client) = store().await;
    store.create_bucket("other").unwrap();
    let all = [
        "/",
        "//",
        "/lead",
        "../other/a.txt",
        "..",
        "./z",
        "a",
        "a/",
        "a//b",
        "a/b",
        "a/b/c",
        "x/../y",
    ];
    for key in all {
        let put = client.put_object().bucket(BUCKET).key(key);
        put.body(key.as_bytes().to_vec().into())
            .send()
            .await
            .unwrap();
    }
    let mut sorted = all.map(str::to_owned);
    sorted.sort();
    assert_eq!(keys(&client, "").await, sorted);
    for key in all {
        assert_eq!(read(&client, key).await, key.as_bytes());
    }
    let other = client.list_objects_v2().bucket("other").send().await;
    assert!(other.unwrap().contents().is_empty());

    // A key goes without what is below it, and the other way round.
    for key in ["a", "a/b/c"] {
        let delete = client.delete_object().bucket(BUCKET).key(key);
        delete.send().await.unwrap();
    }
    assert_eq!(keys(&client, "a").await, ["a/", "a//b", "a/b"]);
    let missing = client.get_object().bucket(BUCKET).key("a").send().await;
    assert_eq!(missing.unwrap_err().code(), Some("NoSuchKey"));
    let delete = client.delete_object().bucket(BUCKET).key("a/b/");
    delete.send().await.unwrap();
    assert_eq!(keys(&client, "a").await, ["a/", "a//b", "a/b"]);

    let (_store, client) = restart(store, &folder).await;
    assert_eq!(keys(&client, "a").await, ["a/", "a//b", "a/b"]);
}

#[tokio::test]
async fn a_folder_marker_is_an_object_like_any() {
    let (_store, _folder, client) = store().await;
    put(&client, "empty/", b"").await;
    put(&client, "full/", b"with bytes").await;
    put(&client, "full/a.txt", b"a").await;
    assert_eq!(keys(&client, "").await, ["empty/", "full/", "full/a.txt"]);
    assert_eq!(read(&client, "full/").await, b"with bytes");
    let top = client.list_objects_v2().bucket(BUCKET).delimiter("/");
    let top = top.send().await.unwrap();
    let folders = top.common_prefixes().iter().filter_map(|one| one.prefix());
    assert_eq!(folders.collect::<Vec<_>>(), ["empty/", "full/"]);
    assert!(top.contents().is_empty());

    let delete = client.delete_object().bucket(BUCKET).key("full/");
    delete.send().await.unwrap();
    assert_eq!(keys(&client, "").await, ["empty/", "full/a.txt"]);
}

#[tokio::test]
async fn a_key_has_at_most_1024_bytes() {
    let (store, folder, client) = store().await;
    let longest = format!("{}é", "n".repeat(1022));
    put(&client, &longest, b"hello").await;
    let upload = client.create_multipart_upload().bucket(BUCKET);
    let upload = upload.key(&longest).send().await.unwrap();
    assert_eq!(upload.key(), Some(&*longest));
    let (_store, client) = restart(store, &folder).await;
    assert_eq!(read(&client, &longest).await, b"hello");
    assert_eq!(keys(&client, "").await, [&*longest]);

    let longer = format!("{longest}n");
    let put = || client.put_object().bucket(BUCKET).key(&longer);
    let error = put().send().await.unwrap_err();
    assert_eq!(error.code(), Some("KeyTooLongError"));
    let put = put().presigned(one_minute()).await.unwrap();
    let put = reqwest::Client::new().put(put.uri()).body("x");
    let answer = refused(put.send().await.unwrap()).await;
    assert_eq!(answer, (400, "KeyTooLongError".to_owned()));
    let object = ObjectIdentifier::builder().key(&longer).build().unwrap();
    let batch = Delete::builder().objects(object).build().unwrap();
    let deleted = client.delete_objects().bucket(BUCKET).delete(batch);
    let deleted = deleted.send().await.unwrap();
    assert_eq!(deleted.errors()[0].code(), Some("KeyTooLongError"));
}
