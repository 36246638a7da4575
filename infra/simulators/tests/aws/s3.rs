//! S3: signatures, presigned URLs, and the behaviour the product's S3 provider relies on.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::list_buckets::ListBucketsOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::BucketLocationConstraint;
use simulators::aws::s3::S3;
use tempfile::TempDir;

use crate::{ACCESS_KEY, SECRET_KEY, free_port, sdk};

pub(crate) const BUCKET: &str = "photos";

pub(crate) async fn store() -> (S3, TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    let store = S3::start(folder.path(), free_port(), ACCESS_KEY, SECRET_KEY)
        .await
        .unwrap();
    store.create_bucket(BUCKET).unwrap();
    store.create_bucket(BUCKET).unwrap();
    let client = client(&store, SECRET_KEY).await;
    (store, folder, client)
}

/// Another server over what the first has left, which keeps its folder.
pub(crate) async fn restart(store: S3, folder: &TempDir) -> (S3, Client) {
    store.stop().await;
    let store = S3::start(folder.path(), free_port(), ACCESS_KEY, SECRET_KEY)
        .await
        .unwrap();
    let client = client(&store, SECRET_KEY).await;
    (store, client)
}

async fn client(store: &S3, secret_key: &str) -> Client {
    let config = Builder::from(&sdk(store.url()).await)
        .credentials_provider(Credentials::from_keys(ACCESS_KEY, secret_key, None))
        .force_path_style(true)
        .build();
    Client::from_conf(config)
}

pub(crate) async fn put(client: &Client, key: &str, bytes: &'static [u8]) {
    client
        .put_object()
        .bucket(BUCKET)
        .key(key)
        .body(ByteStream::from_static(bytes))
        .send()
        .await
        .unwrap();
}

/// The bytes of an object; the SDK checks their checksum if the answer has one.
pub(crate) async fn read(client: &Client, key: &str) -> Vec<u8> {
    let get = client.get_object().bucket(BUCKET).key(key);
    let read = get.send().await.unwrap();
    read.body.collect().await.unwrap().to_vec()
}

pub(crate) async fn keys(client: &Client, prefix: &str) -> Vec<String> {
    let listed = client
        .list_objects_v2()
        .bucket(BUCKET)
        .prefix(prefix)
        .send()
        .await
        .unwrap();
    listed
        .contents()
        .iter()
        .filter_map(|object| object.key().map(str::to_owned))
        .collect()
}

pub(crate) fn one_minute() -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_mins(1)).unwrap()
}

/// The code in an error document.
pub(crate) async fn refused(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let code = text
        .split("<Code>")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    (status, code.unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_object_is_written_listed_read_and_deleted() {
    let (store, folder, client) = store().await;
    let key = "albums/Grüße & 100%+<x>.txt";
    put(&client, key, b"hello").await;
    put(&client, "albums-2.txt", b"").await;

    let top = client
        .list_objects_v2()
        .bucket(BUCKET)
        .delimiter("/")
        .send()
        .await
        .unwrap();
    assert_eq!(top.common_prefixes()[0].prefix(), Some("albums/"));
    assert_eq!(top.contents()[0].key(), Some("albums-2.txt"));
    assert_eq!(keys(&client, "albums/").await, [key]);

    // What a folder holds outlives the server.
    let (_store, client) = restart(store, &folder).await;
    assert_eq!(read(&client, key).await, b"hello");

    client
        .delete_object()
        .bucket(BUCKET)
        .key(key)
        .send()
        .await
        .unwrap();
    client
        .delete_object()
        .bucket(BUCKET)
        .key(key)
        .send()
        .await
        .unwrap();
    let missing = client
        .head_object()
        .bucket(BUCKET)
        .key(key)
        .send()
        .await
        .unwrap_err();
    assert!(missing.into_service_error().is_not_found());
}

#[tokio::test]
async fn only_the_right_keys_are_let_in() {
    let (store, _folder, client) = store().await;
    put(&client, "a.txt", b"hello").await;
    let wrong = self::client(&store, "wrong").await;
    let error = wrong
        .list_objects_v2()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
    let unsigned = reqwest::get(format!("{}/{BUCKET}/a.txt", store.url()))
        .await
        .unwrap();
    assert_eq!(refused(unsigned).await, (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn a_presigned_download_is_checked_and_names_the_file() {
    let (_store, _folder, client) = store().await;
    put(&client, "a.txt", b"hello").await;
    let get = client
        .get_object()
        .bucket(BUCKET)
        .key("a.txt")
        .response_content_disposition("attachment; filename=\"x.txt\"");

    let url = get.clone().presigned(one_minute()).await.unwrap();
    let answer = reqwest::get(url.uri()).await.unwrap();
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"x.txt\""
    );
    assert_eq!(answer.text().await.unwrap(), "hello");

    let denied = (403, "SignatureDoesNotMatch".to_owned());
    let renamed = reqwest::get(url.uri().replace("x.txt", "y.txt"))
        .await
        .unwrap();
    assert_eq!(refused(renamed).await, denied);
    let other_key = reqwest::get(url.uri().replace("/a.txt", "/b.txt"))
        .await
        .unwrap();
    assert_eq!(refused(other_key).await, denied);
    let written = reqwest::Client::new()
        .put(url.uri())
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(refused(written).await, denied);

    let long_ago = std::time::UNIX_EPOCH + Duration::from_hours(24 * 365 * 55);
    let past = PresigningConfig::builder()
        .start_time(long_ago)
        .expires_in(Duration::from_mins(1))
        .build()
        .unwrap();
    let url = get.presigned(past).await.unwrap();
    let expired = reqwest::get(url.uri()).await.unwrap();
    assert_eq!(refused(expired).await, (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn a_presigned_upload_needs_its_signed_headers() {
    let (_store, _folder, client) = store().await;
    let url = client
        .put_object()
        .bucket(BUCKET)
        .key("up.txt")
        .content_type("text/x")
        .presigned(one_minute())
        .await
        .unwrap();
    let upload = || reqwest::Client::new().put(url.uri()).body("hello");
    for request in [upload(), upload().header("content-type", "text/y")] {
        let answer = request.send().await.unwrap();
        assert_eq!(
            refused(answer).await,
            (403, "SignatureDoesNotMatch".to_owned())
        );
    }
    let answer = upload()
        .header("content-type", "text/x")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let head = client
        .head_object()
        .bucket(BUCKET)
        .key("up.txt")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_type(), Some("text/x"));
}

#[tokio::test]
async fn a_missing_bucket_is_not_made_by_a_write() {
    let (store, folder, client) = store().await;
    let write = client
        .put_object()
        .bucket("missing")
        .key("a.txt")
        .send()
        .await
        .unwrap_err();
    assert_eq!(write.code(), Some("NoSuchBucket"));
    let read = client
        .get_object()
        .bucket("missing")
        .key("a.txt")
        .send()
        .await
        .unwrap_err();
    assert_eq!(read.code(), Some("NoSuchBucket"));
    let copy = client.copy_object().bucket("missing").key("a.txt");
    let copy = copy.copy_source(format!("{BUCKET}/a.txt")).send().await;
    assert_eq!(copy.unwrap_err().code(), Some("NoSuchBucket"));
    let copy = client.copy_object().bucket(BUCKET).key("a.txt");
    let copy = copy.copy_source("missing/a.txt").send().await;
    assert_eq!(copy.unwrap_err().code(), Some("NoSuchBucket"));
    let upload = client.create_multipart_upload().bucket("missing");
    let upload = upload.key("a.txt").send().await;
    assert_eq!(upload.unwrap_err().code(), Some("NoSuchBucket"));
    let delete = client.delete_object().bucket("missing").key("a.txt");
    let delete = delete.send().await;
    assert_eq!(delete.unwrap_err().code(), Some("NoSuchBucket"));
    let list = client.list_objects().bucket("missing").send().await;
    assert_eq!(list.unwrap_err().code(), Some("NoSuchBucket"));
    let list = client.list_objects_v2().bucket("missing").send().await;
    assert_eq!(list.unwrap_err().code(), Some("NoSuchBucket"));
    let place = client.get_bucket_location().bucket("missing").send().await;
    assert_eq!(place.unwrap_err().code(), Some("NoSuchBucket"));
    let gone = client.delete_bucket().bucket("missing").send().await;
    assert_eq!(gone.unwrap_err().code(), Some("NoSuchBucket"));
    let head = client.head_bucket().bucket("missing").send().await;
    assert!(head.unwrap_err().into_service_error().is_not_found());
    assert!(!folder.path().join("missing").exists());
    assert!(store.create_bucket("../outside").is_err());
}

#[tokio::test]
async fn buckets_are_made_found_listed_and_deleted() {
    let (_store, _folder, client) = store().await;
    for name in ["logs-b", "logs-a", "logs-c", "logs-a"] {
        client.create_bucket().bucket(name).send().await.unwrap();
    }
    put(&client, "a.txt", b"").await;

    let head = client.head_bucket().bucket("logs-a").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("us-east-1"));
    let place = client.get_bucket_location().bucket("logs-a").send().await;
    let place = place.unwrap();
    let place = place.location_constraint();
    assert_eq!(place.map_or("", BucketLocationConstraint::as_str), "");

    let all = client.list_buckets().send().await.unwrap();
    let names = |listed: &ListBucketsOutput| -> Vec<String> {
        let names = listed.buckets().iter().filter_map(|bucket| bucket.name());
        names.map(str::to_owned).collect()
    };
    assert_eq!(names(&all), ["logs-a", "logs-b", "logs-c", "photos"]);
    let page = client.list_buckets().prefix("logs-").max_buckets(2);
    let first = page.clone().send().await.unwrap();
    assert_eq!(names(&first), ["logs-a", "logs-b"]);
    let token = first.continuation_token().unwrap();
    let second = page.clone().continuation_token(token).send().await.unwrap();
    assert_eq!(names(&second), ["logs-c"]);
    assert_eq!(second.continuation_token(), None);
    let wrong = page.continuation_token("logs-b").send().await.unwrap_err();
    assert_eq!(wrong.code(), Some("InvalidArgument"));

    let full = client.delete_bucket().bucket(BUCKET).send().await;
    assert_eq!(full.unwrap_err().code(), Some("BucketNotEmpty"));
    let delete = client.delete_object().bucket(BUCKET).key("a.txt");
    delete.send().await.unwrap();
    client.delete_bucket().bucket(BUCKET).send().await.unwrap();
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    assert!(keys(&client, "").await.is_empty());
}
