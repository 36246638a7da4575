//! What clients do with the URLs that they are given.

use std::sync::LazyLock;

use reqwest::Client;
use serde_json::{Value, json};
use testkit::{Response, User};

/// The endpoints that do not mind whether the object is there.
pub(crate) const ENDPOINTS: [&str; 6] = [
    "list_buckets",
    "list_objects",
    "create_folder",
    "delete_object",
    "generate_download_url",
    "generate_upload_url",
];

/// Every endpoint; the one that deletes comes after the one that wants the object.
pub(crate) const EVERY_ENDPOINT: [&str; 7] = [
    "send_download_url",
    ENDPOINTS[0],
    ENDPOINTS[1],
    ENDPOINTS[2],
    ENDPOINTS[3],
    ENDPOINTS[4],
    ENDPOINTS[5],
];

/// A good body for an endpoint, with every field; account and bucket aside.
pub(crate) fn good_body(endpoint: &str) -> Value {
    match endpoint {
        "list_buckets" => json!({"includeRegion": true}),
        "list_objects" => json!({"id": "", "path": "/", "continuationToken": "", "count": 1000}),
        "create_folder" => json!({"id": "", "path": "/", "folderName": "new"}),
        "delete_object" => json!({"id": "", "key": "a.txt"}),
        "generate_download_url" => {
            json!({"id": "", "key": "a.txt", "expireHours": 24, "forceToDownload": true})
        }
        "generate_upload_url" => {
            json!({"id": "", "key": "a.txt", "expireHours": 24, "contentType": "text/plain"})
        }
        "send_download_url" => {
            json!({"id": "", "key": "a.txt", "email": "bob@example.com", "expireHours": 24, "note": ""})
        }
        _ => unreachable!("{endpoint}"),
    }
}

/// Without a pool: a connection lives in the runtime of one test only.
pub(crate) static CLIENT: LazyLock<Client> =
    LazyLock::new(|| Client::builder().pool_max_idle_per_host(0).build().unwrap());

/// A URL's answer.
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) disposition: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Gets a URL over the wire.
pub(crate) async fn get(url: &str) -> Fetched {
    let answer = CLIENT.get(url).send().await.unwrap();
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    Fetched {
        status: answer.status().as_u16(),
        disposition: header("content-disposition"),
        content_type: header("content-type"),
        body: answer.bytes().await.unwrap().to_vec(),
    }
}

/// Puts a body to a URL over the wire; answers the status.
pub(crate) async fn put(url: &str, content_type: &str, body: &[u8]) -> u16 {
    let request = CLIENT.put(url);
    let request = request
        .header("content-type", content_type)
        .body(body.to_vec());
    request.send().await.unwrap().status().as_u16()
}

/// Puts a body to an upload URL as its answer's headers tell.
pub(crate) async fn put_as_told(told: &Response, body: &[u8]) -> u16 {
    let headers: Value = serde_json::from_str(told.header("x-upload-headers")).unwrap();
    let method = told.header("x-upload-method").parse().unwrap();
    let mut request = CLIENT.request(method, told.string());
    for (name, value) in headers.as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let answer = request.body(body.to_vec()).send().await.unwrap();
    answer.status().as_u16()
}

/// Stores an object by an upload URL.
pub(crate) async fn store(user: &User<'_>, account: &str, key: &str, body: &[u8]) {
    let told = user
        .storage("generate_upload_url", account, json!({"key": key}))
        .await;
    assert_eq!(put_as_told(&told, body).await, 200, "{key:?}");
}

/// What an object holds, by a download URL; `None` if it is not there.
pub(crate) async fn read(user: &User<'_>, account: &str, key: &str) -> Option<Vec<u8>> {
    let url = user
        .storage("generate_download_url", account, json!({"key": key}))
        .await
        .string();
    let fetched = get(&url).await;
    match fetched.status {
        200 => Some(fetched.body),
        404 => None,
        status => panic!("{status} for {key:?}"),
    }
}

/// The paths in a folder, in the order listed.
pub(crate) async fn paths(user: &User<'_>, account: &str, path: &str) -> Vec<String> {
    let listing = user
        .storage("list_objects", account, json!({"path": path}))
        .await
        .json();
    assert_eq!(listing["continuationToken"], "");
    paths_of(&listing)
}

/// The paths on a page.
pub(crate) fn paths_of(listing: &Value) -> Vec<String> {
    let data = listing["data"].as_array().unwrap().iter();
    data.map(|entry| entry["path"].as_str().unwrap().to_owned())
        .collect()
}
