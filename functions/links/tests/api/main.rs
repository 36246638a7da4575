//! Links of ours, told by whoever has one: what it answers, and what becomes of it.
#![expect(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod demo_drive;
mod download;
mod ended;
mod lambda;
mod large;
mod preview;
mod upload;
mod viewer_page;

use http::{Method, Request};
use jiff::SignedDuration;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use shared::database::{Link, LinkPurpose};
use shared::domain::link::LinkId;
use shared::domain::storage::{ObjectAddress, ObjectKey};
use simulators::drives::Vendor;
use simulators::drives::tree::ROOT;
use testkit::{BUCKET, PUBLIC_URL, Response, TestApp, User};

/// Puts a file into the root of the person's drive, past every API.
fn put_file(app: &TestApp, vendor: Vendor, name: &str, content: &str, media_type: &str) {
    let now = app.clock.now();
    let content = content.to_owned().into_bytes();
    let drive = app.drives.of(vendor);
    drive.tree().add_file(ROOT, name, content, media_type, now);
}

/// The content of a file in the root, past every API.
fn content_of(app: &TestApp, vendor: Vendor, name: &str) -> Option<Vec<u8>> {
    let tree = app.drives.of(vendor).tree();
    let file = tree.child(ROOT, name)?.file()?.content.to_vec();
    Some(file)
}

/// The URL that an endpoint makes for a file, with the headers that tell how to use it.
async fn url_for(jane: &User<'_>, endpoint: &str, id: &str, more: Value) -> (String, Response) {
    let mut body = json!({"storageName": "", "key": "a.txt"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let answer = jane.storage(endpoint, id, body).await;
    (answer.string(), answer)
}

/// A link to an object on S3. No endpoint makes one of this kind, since S3 signs.
async fn link_into(app: &TestApp, account: &str, key: &str) -> String {
    let record = app.record(&format!("CLOUD#{account}"));
    let link = Link {
        user_id: record["user_id"]["S"].as_str().unwrap().parse().unwrap(),
        cloud_account_id: account.parse().unwrap(),
        object: ObjectAddress {
            bucket: BUCKET.to_owned(),
            id: String::new(),
            key: ObjectKey::parse("key", key).unwrap(),
        },
        purpose: LinkPurpose::Download { attachment: true },
        expires: app.clock.now() + SignedDuration::from_hours(1),
    };
    let id = LinkId::new().unwrap();
    app.app.database().create_link(&id, &link).await.unwrap();
    format!("{PUBLIC_URL}/v/{}/content", id.secret())
}

/// A request to a link, with headers.
async fn send(
    app: &TestApp,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Response {
    let path = url.strip_prefix(PUBLIC_URL).expect("a link of ours");
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.header("content-length", body.len());
    app.send(request.body(body.into()).unwrap()).await
}

/// What a provider's URL answers to a client that has nothing else.
async fn fetch(url: &str) -> (u16, Vec<u8>) {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = client.get(url).send().await.unwrap();
    (
        answer.status().as_u16(),
        answer.bytes().await.unwrap().to_vec(),
    )
}
