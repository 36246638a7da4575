//! Bytes that come through us, when something goes wrong on the way.

use futures_util::TryStreamExt;
use shared::domain::storage::{CloudStorage, Content, ContentStream, Download};
use shared::domain::{ErrorKind, Result};
use shared::providers::box_com::BoxStorage;
use shared::providers::dropbox::DropboxStorage;
use shared::providers::google_drive::GoogleDriveStorage;
use shared::providers::onedrive::OneDriveStorage;
use simulators::drives::tree::ROOT;
use simulators::drives::{Fault, Scope, Vendor};

use crate::{World, object};

/// More than any answer in JSON, so that only contents are cut.
const ARRIVES: usize = 65_536;

fn open(world: &World, vendor: Vendor) -> Box<dyn CloudStorage> {
    let (http, clock) = (world.http(), world.clock());
    let token = |scopes: &[&str]| world.token(vendor, scopes);
    match vendor {
        Vendor::Dropbox => {
            let scopes = ["files.metadata.read", "files.content.read"];
            Box::new(DropboxStorage::new(http, token(&scopes), clock))
        }
        Vendor::Box => Box::new(BoxStorage::new(http, token(&["root_readonly"]), clock)),
        Vendor::OneDrive => {
            let scopes = ["Files.ReadWrite.All", "offline_access"];
            Box::new(OneDriveStorage::new(http, token(&scopes), clock))
        }
        Vendor::GoogleDrive => {
            let scopes = ["https://www.googleapis.com/auth/drive"];
            Box::new(GoogleDriveStorage::new(http, token(&scopes), clock))
        }
    }
}

async fn stream(drive: &dyn CloudStorage) -> Result<ContentStream> {
    let request = Download {
        through_us: true,
        ..Download::default()
    };
    match drive.download(&object("", "large.bin"), &request).await? {
        Content::Stream(content) => Ok(content),
        Content::Redirect(_) | Content::OutOfRange(_) => panic!("it is not streamed"),
    }
}

#[tokio::test]
async fn what_a_vendor_cuts_is_not_taken_for_the_whole() {
    for vendor in Vendor::ALL {
        let world = World::start().await;
        let simulator = world.of(vendor);
        let now = simulator.clock().now();
        let bytes = vec![7; 1_000_000];
        simulator
            .tree()
            .add_file(ROOT, "large.bin", bytes, "video/mp4", now);
        let drive = open(&world, vendor);

        let fault = Fault::CutBody { after: ARRIVES };
        simulator.switches().add(fault, Scope::Api, None);
        let mut content = stream(&*drive).await.unwrap();
        assert_eq!(content.length, Some(1_000_000), "{vendor:?}");
        let mut arrived = 0;
        let error = loop {
            match content.chunks.try_next().await {
                Ok(Some(chunk)) => arrived += chunk.len(),
                Ok(None) => panic!("{vendor:?}: the end after {arrived} bytes"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{vendor:?}");
        assert!(arrived <= ARRIVES, "{vendor:?}: {arrived}");
        assert!(!format!("{error:?}").contains("://"), "{error:?}");

        simulator.switches().reset();
        let chunks = stream(&*drive).await.unwrap().chunks;
        let bytes: Vec<_> = chunks.try_collect().await.unwrap();
        assert_eq!(bytes.concat().len(), 1_000_000, "{vendor:?}");
    }
}

/// The API itself has answered, and the access token was not asked for.
#[tokio::test]
async fn a_host_of_contents_that_fails_is_busy() {
    for vendor in [Vendor::Box, Vendor::OneDrive] {
        for (status, kind) in [
            (401, ErrorKind::Unavailable),
            (403, ErrorKind::Unavailable),
            (302, ErrorKind::Unavailable),
            (404, ErrorKind::NotFound),
            (503, ErrorKind::Unavailable),
        ] {
            let world = World::start().await;
            let simulator = world.of(vendor);
            let now = simulator.clock().now();
            simulator
                .tree()
                .add_file(ROOT, "large.bin", vec![7; 10], "video/mp4", now);
            let drive = open(&world, vendor);
            let fault = Fault::Status {
                status,
                retry_after: Some(9),
            };
            simulator.switches().add(fault, Scope::Contents, None);
            let error = stream(&*drive).await.err().unwrap();
            assert_eq!(error.kind(), kind, "{vendor:?} {status}: {error:?}");
            let told = error.retry_after().map(|after| after.as_secs());
            let expected = (kind == ErrorKind::Unavailable).then_some(9);
            assert_eq!(told, expected, "{vendor:?} {status}");
        }
    }
}
