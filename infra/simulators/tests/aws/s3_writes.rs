//! S3: uploads in parts, copies and conditions, which keep the index and the bytes together.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, MetadataDirective};

use crate::s3::{BUCKET, keys, one_minute, put, read, refused, restart, store};

const KEY: &str = "big/..//file?";
const MIB: usize = 1024 * 1024;

async fn start_upload(client: &Client) -> String {
    let upload = client.create_multipart_upload().bucket(BUCKET).key(KEY);
    let upload = upload.content_type("video/mp4").send().await.unwrap();
    assert_eq!(upload.key(), Some(KEY));
    upload.upload_id().unwrap().to_owned()
}

async fn upload_part(client: &Client, upload: &str, number: i32, bytes: Vec<u8>) {
    let part = client.upload_part().bucket(BUCKET).key(KEY);
    let part = part.upload_id(upload).part_number(number);
    part.body(bytes.into()).send().await.unwrap();
}

fn complete(
    client: &Client,
    upload: &str,
    numbers: &[i32],
) -> CompleteMultipartUploadFluentBuilder {
    let parts = numbers
        .iter()
        .map(|number| CompletedPart::builder().part_number(*number).build());
    let parts = CompletedMultipartUpload::builder()
        .set_parts(Some(parts.collect()))
        .build();
    let complete = client.complete_multipart_upload().bucket(BUCKET).key(KEY);
    complete.upload_id(upload).multipart_upload(parts)
}

#[tokio::test]
async fn an_upload_in_parts_replaces_an_object() {
    let (store, folder, client) = store().await;
    put(&client, "source.txt", b"0123456789").await;
    // Its checksum must not be taken for that of what replaces it.
    put(&client, KEY, b"before").await;
    let upload = start_upload(&client).await;
    upload_part(&client, &upload, 1, vec![b'x'; 5 * MIB]).await;

    let (_store, client) = restart(store, &folder).await;
    let copy = client.upload_part_copy().bucket(BUCKET).key(KEY);
    let copy = copy.upload_id(&upload).part_number(2);
    let missing = copy.clone().copy_source(format!("{BUCKET}/missing"));
    let missing = missing.send().await.unwrap_err();
    assert_eq!(missing.code(), Some("NoSuchKey"));
    let copy = copy.copy_source(format!("{BUCKET}/source.txt"));
    copy.copy_source_range("bytes=3-5").send().await.unwrap();
    let parts = client
        .list_parts()
        .bucket(BUCKET)
        .key(KEY)
        .upload_id(&upload);
    let parts = parts.send().await.unwrap();
    assert_eq!(parts.key(), Some(KEY));
    let sizes: Vec<_> = parts
        .parts()
        .iter()
        .map(|part| (part.part_number(), part.size()))
        .collect();
    assert_eq!(sizes, [(Some(1), Some(5 << 20)), (Some(2), Some(3))]);
    assert_eq!(read(&client, KEY).await, b"before");

    let done = complete(&client, &upload, &[1, 2]).send().await.unwrap();
    assert_eq!(done.key(), Some(KEY));
    assert!(done.e_tag().unwrap().ends_with("-2\""));
    let bytes = read(&client, KEY).await;
    assert_eq!((bytes.len(), &bytes[5 * MIB..]), (5 * MIB + 3, &b"345"[..]));
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_type(), Some("video/mp4"));
    assert_eq!(head.e_tag(), done.e_tag());
    assert_eq!(keys(&client, "").await, [KEY, "source.txt"]);
}

#[tokio::test]
async fn an_upload_that_cannot_be_completed_goes_on() {
    let (_store, _folder, client) = store().await;
    let upload = start_upload(&client).await;
    upload_part(&client, &upload, 1, vec![b'x'; 10]).await;
    upload_part(&client, &upload, 2, vec![b'y'; 10]).await;
    for (parts, code) in [
        (&[][..], "MalformedXML"),
        (&[2, 1], "InvalidPartOrder"),
        (&[1, 3], "EntityTooSmall"),
        (&[3], "InvalidPart"),
        (&[1, 2], "EntityTooSmall"),
    ] {
        let error = complete(&client, &upload, parts).send().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{parts:?}");
    }
    assert!(keys(&client, "").await.is_empty());
    complete(&client, &upload, &[1]).send().await.unwrap();
    assert_eq!(read(&client, KEY).await, vec![b'x'; 10]);

    let late = complete(&client, &upload, &[1]).send().await.unwrap_err();
    assert_eq!(late.code(), Some("NoSuchUpload"));
    let upload = start_upload(&client).await;
    let other = client.upload_part().bucket(BUCKET).key("other");
    let other = other.upload_id(&upload).part_number(1).send().await;
    assert_eq!(other.unwrap_err().code(), Some("NoSuchUpload"));
    let zeroth = client.upload_part().bucket(BUCKET).key(KEY);
    let zeroth = zeroth.upload_id(&upload).part_number(0).send().await;
    assert_eq!(zeroth.unwrap_err().code(), Some("InvalidArgument"));
    for id in [&upload, "../x"] {
        let abort = client.abort_multipart_upload().bucket(BUCKET).key(KEY);
        let abort = abort.upload_id(id).send().await;
        assert_eq!(abort.is_ok(), id == upload);
    }
    let parts = client
        .list_parts()
        .bucket(BUCKET)
        .key(KEY)
        .upload_id(&upload);
    let parts = parts.send().await.unwrap_err();
    assert_eq!(parts.code(), Some("NoSuchUpload"));
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_describes_the_object() {
    let (_store, _folder, client) = store().await;
    let put = client.put_object().bucket(BUCKET).key("a//b c");
    let put = put.content_type("text/x").metadata("colour", "red");
    put.body(b"hello".to_vec().into()).send().await.unwrap();
    let copy = |to: &str| {
        let copy = client.copy_object().bucket(BUCKET).key(to);
        copy.copy_source(format!("{BUCKET}/a//b%20c"))
    };
    let kept = copy("a").send().await.unwrap();
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("a")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_type(), Some("text/x"));
    assert_eq!(head.metadata().unwrap()["colour"], "red");
    assert_eq!(kept.copy_object_result().unwrap().e_tag(), head.e_tag());
    assert_eq!(read(&client, "a").await, b"hello");

    let itself = copy("a//b c").send().await.unwrap_err();
    assert_eq!(itself.code(), Some("InvalidRequest"));
    let itself = copy("a//b c").metadata_directive(MetadataDirective::Replace);
    itself.content_type("text/y").send().await.unwrap();
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("a//b c")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_type(), Some("text/y"));
    assert_eq!(read(&client, "a//b c").await, b"hello");

    let missing = client.copy_object().bucket(BUCKET).key("c");
    let missing = missing.copy_source(format!("{BUCKET}/a//b"));
    assert_eq!(missing.send().await.unwrap_err().code(), Some("NoSuchKey"));
    assert_eq!(keys(&client, "").await, ["a", "a//b c"]);
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing() {
    let (_store, folder, client) = store().await;
    put(&client, "a", b"hello").await;
    let put_a = || client.put_object().bucket(BUCKET).key("a");
    let exists = put_a().if_none_match("*").send().await.unwrap_err();
    assert_eq!(exists.code(), Some("PreconditionFailed"));
    let changed = put_a().if_match("\"0\"").send().await.unwrap_err();
    assert_eq!(changed.code(), Some("PreconditionFailed"));
    // The MD5 of no bytes.
    let damaged = put_a().content_md5("1B2M2Y8AsgTpgAmY7PhCfg==");
    let damaged = damaged.body(b"other".to_vec().into()).send().await;
    assert_eq!(damaged.unwrap_err().code(), Some("BadDigest"));
    let gone = client
        .put_object()
        .bucket(BUCKET)
        .key("b")
        .if_match("\"0\"");
    assert_eq!(gone.send().await.unwrap_err().code(), Some("NoSuchKey"));
    assert_eq!(read(&client, "a").await, b"hello");
    assert_eq!(keys(&client, "").await, ["a"]);
    // Nothing is left of what failed: the object, and two files that describe it.
    let files = std::fs::read_dir(folder.path().join(BUCKET)).unwrap();
    assert_eq!(files.count(), 1);
    let files = std::fs::read_dir(folder.path()).unwrap();
    let files = files.filter(|file| file.as_ref().unwrap().path().is_file());
    assert_eq!(files.count(), 2);

    // Of many that want to be the first, one is.
    let first = || client.put_object().bucket(BUCKET).key("b");
    let first = || first().if_none_match("*").send();
    let (one, other) = tokio::join!(first(), first());
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    let e_tag = client
        .head_object()
        .bucket(BUCKET)
        .key("a")
        .send()
        .await
        .unwrap();
    let put_a = put_a().if_match(e_tag.e_tag().unwrap());
    put_a.body(b"other".to_vec().into()).send().await.unwrap();
    assert_eq!(read(&client, "a").await, b"other");
}

#[tokio::test]
async fn a_read_may_have_conditions_and_a_range() {
    let (_store, _folder, client) = store().await;
    put(&client, "a", b"hello").await;
    let get = client.get_object().bucket(BUCKET).key("a");
    let whole = get.clone().send().await.unwrap();
    assert_eq!(whole.accept_ranges(), Some("bytes"));
    for (range, bytes) in [
        ("bytes=1-2", "el"),
        ("bytes=-2", "lo"),
        ("bytes=-99", "hello"),
    ] {
        let part = get.clone().range(range).send().await.unwrap();
        assert_eq!(part.body.collect().await.unwrap().into_bytes(), bytes);
    }
    let beyond = get.clone().range("bytes=9-").send().await.unwrap_err();
    assert_eq!(beyond.code(), Some("InvalidRange"));

    let e_tag = whole.e_tag().unwrap();
    let modified = *whole.last_modified().unwrap();
    get.clone()
        .if_match(e_tag)
        .if_unmodified_since(modified)
        .send()
        .await
        .unwrap();
    let other = get.clone().if_match("\"0\"").send().await.unwrap_err();
    assert_eq!(other.code(), Some("PreconditionFailed"));
    let url = get.presigned(one_minute()).await.unwrap();
    let known = reqwest::Client::new()
        .get(url.uri())
        .header("if-none-match", e_tag);
    assert_eq!(
        refused(known.send().await.unwrap()).await,
        (304, String::new())
    );
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("a")
        .if_modified_since(modified);
    let head = head.send().await.unwrap_err();
    assert_eq!(head.raw_response().unwrap().status().as_u16(), 304);
}
