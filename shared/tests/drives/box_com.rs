//! Box: what its tests have in common.

mod changes;
mod content;
mod failures;
mod listings;

use bytes::Bytes;
use jiff::Timestamp;
use shared::domain::storage::{
    CloudStorage, Content, ContentType, Download, Entry, FolderAddress, FolderName, ListRequest,
    ObjectAddress, Page,
};
use shared::domain::{Error, ErrorKind};
use shared::providers::box_com::BoxStorage;
use simulators::drives::tree::NodeId;
use simulators::drives::{Simulator, Vendor};

use crate::{World, first_page, folder, object};

const WRITE: &str = "root_readwrite";
const READ: &str = "root_readonly";

/// Names that Box takes and that something on the way could trip over.
const HOSTILE: [&str; 12] = [
    "it's \"quoted\".txt",
    "100% #1?.txt",
    "a+b c&d=e;f.txt",
    "%2e%2e%2f.txt",
    " leading space",
    "🎉 fête.txt",
    "日本語.txt",
    "<script>.html",
    "a:b|c*d.txt",
    "${x}{size}",
    "e\u{301}.txt",
    "--boundary--",
];

fn open(world: &World) -> BoxStorage {
    open_with(world, &[WRITE])
}

fn open_with(world: &World, scopes: &[&str]) -> BoxStorage {
    let token = world.token(Vendor::Box, scopes);
    BoxStorage::new(world.http(), token, world.clock())
}

fn now(simulator: &Simulator) -> Timestamp {
    simulator.clock().now()
}

fn put_file(world: &World, parent: NodeId, name: &str, content: &str) -> NodeId {
    let simulator = world.of(Vendor::Box);
    let at = now(simulator);
    let content = content.to_owned();
    simulator
        .tree()
        .add_file(parent, name, content, "text/plain", at)
}

fn put_folder(world: &World, parent: NodeId, name: &str) -> NodeId {
    let simulator = world.of(Vendor::Box);
    let at = now(simulator);
    simulator.tree().add_folder(parent, name, at)
}

/// The content of a file, if it is there.
fn stored(world: &World, path: &str) -> Option<Vec<u8>> {
    let tree = world.of(Vendor::Box).tree();
    let node = tree.all().find(|node| tree.path(node.id) == path)?;
    node.file().map(|file| file.content.to_vec())
}

fn by_id(id: &str) -> ObjectAddress {
    ObjectAddress {
        id: id.to_owned(),
        ..object("", "elsewhere")
    }
}

fn folder_by_id(id: &str) -> FolderAddress {
    FolderAddress {
        id: id.to_owned(),
        ..folder("", "elsewhere")
    }
}

fn name(text: &str) -> FolderName {
    FolderName::parse("folderName", text).unwrap()
}

async fn list(drive: &BoxStorage, path: &str) -> Page {
    drive
        .list_objects(&first_page("", path, 1_000))
        .await
        .unwrap()
}

async fn entry(drive: &BoxStorage, folder: &str, name: &str) -> Entry {
    let page = list(drive, folder).await;
    let found = page.entries.into_iter().find(|entry| entry.name == name);
    found.unwrap_or_else(|| panic!("{name:?} is not listed"))
}

async fn all(drive: &BoxStorage, mut request: ListRequest) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    loop {
        let page = drive.list_objects(&request).await.unwrap();
        assert!(page.entries.len() <= usize::from(request.count));
        pages.push(page.entries.into_iter().map(|entry| entry.path).collect());
        request.cursor = page.next;
        if request.cursor.is_none() {
            return pages;
        }
    }
}

fn text_plain() -> ContentType {
    ContentType::parse("contentType", "text/plain").unwrap()
}

async fn upload(drive: &BoxStorage, object: &ObjectAddress, body: &str) -> Result<(), Error> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    drive.upload(object, &text_plain(), body).await
}

async fn download(drive: &BoxStorage, object: &ObjectAddress) -> Result<String, Error> {
    match drive.download(object, &Download::default()).await? {
        Content::Redirect(url) => Ok(url),
        Content::Stream(_) | Content::OutOfRange(_) => panic!("Box has URLs"),
    }
}

/// What a browser reads.
async fn fetch(url: &str) -> reqwest::Response {
    reqwest::get(url).await.unwrap()
}

#[track_caller]
fn assert_kind<T>(result: Result<T, Error>, kind: ErrorKind) -> Error {
    match result {
        Ok(_) => panic!("it succeeded, not {kind:?}"),
        Err(error) => {
            assert_eq!(error.kind(), kind, "{error:?}");
            error
        }
    }
}
