//! Tokens die, and Box fails.

use super::{READ, assert_kind, download, name, open, open_with, put_file, stored, upload};
use crate::{World, first_page, folder, object};
use jiff::SignedDuration;
use shared::domain::ErrorKind;
use shared::domain::storage::CloudStorage;
use shared::providers::box_com::BoxStorage;
use simulators::drives::tree::ROOT;
use simulators::drives::{Fault, Scope, Vendor};
use std::time::Duration;

#[tokio::test]
async fn a_token_that_box_no_longer_takes_may_be_refreshed() {
    let world = World::start().await;
    let drive = open(&world);
    put_file(&world, ROOT, "a", "x");
    drive.check_credentials().await.unwrap();
    world.advance(SignedDuration::from_hours(1));
    let expired = drive.check_credentials().await;
    assert_kind(expired, ErrorKind::AccessExpired);
    assert_kind(drive.list_buckets(false).await, ErrorKind::AccessExpired);
    assert_kind(
        upload(&drive, &object("", "b"), "x").await,
        ErrorKind::AccessExpired,
    );

    let drive = open(&world);
    world.of(Vendor::Box).grants().revoke_all();
    for result in [
        drive.list_objects(&first_page("", "", 1)).await.map(drop),
        download(&drive, &object("", "a")).await.map(drop),
        drive.delete_object(&object("", "a")).await,
        drive.create_folder(&folder("", ""), &name("x")).await,
    ] {
        assert_kind(result, ErrorKind::AccessExpired);
    }
}

#[tokio::test]
async fn a_token_for_reading_writes_nothing() {
    let world = World::start().await;
    let drive = open_with(&world, &[READ]);
    put_file(&world, ROOT, "a", "x");
    let parent = folder("", "");
    for result in [
        drive.create_folder(&parent, &name("x")).await,
        drive.delete_object(&object("", "a")).await,
        upload(&drive, &object("", "b"), "x").await,
        upload(&drive, &object("", "a"), "y").await,
    ] {
        assert_kind(result, ErrorKind::AccessRefused);
    }
    assert_eq!(stored(&world, "/a"), Some(b"x".to_vec()));

    let nothing = open_with(&world, &["manage_webhook"]);
    nothing.check_credentials().await.unwrap();
    let page = nothing.list_objects(&first_page("", "", 1)).await;
    assert_kind(page, ErrorKind::AccessRefused);
}

#[tokio::test]
async fn a_busy_or_failing_box_is_unavailable() {
    let world = World::start().await;
    let drive = open(&world);
    let switches = world.of(Vendor::Box).switches();
    for (status, retry_after, told) in [
        (429, Some(90), 90),
        (429, None, 2),
        (500, None, 2),
        (502, None, 2),
        (503, Some(30), 30),
    ] {
        let fault = Fault::Status {
            status,
            retry_after,
        };
        switches.add(fault, Scope::Api, Some(1));
        let error = assert_kind(drive.check_credentials().await, ErrorKind::Unavailable);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(told)));
    }
    switches.add(Fault::LoseAnswer, Scope::Api, Some(1));
    assert_kind(drive.check_credentials().await, ErrorKind::Unavailable);

    // A short pause is made here; an upload is repeated as well.
    let fault = Fault::Status {
        status: 429,
        retry_after: Some(0),
    };
    switches.add(fault, Scope::Api, Some(1));
    upload(&drive, &object("", "a"), "x").await.unwrap();
    assert_eq!(stored(&world, "/a"), Some(b"x".to_vec()));
}

#[tokio::test]
async fn no_error_tells_a_secret() {
    let world = World::start().await;
    let token = world.token(Vendor::Box, &[READ]);
    let drive = BoxStorage::new(world.http(), token, world.clock());
    put_file(&world, ROOT, "private-name", "private-body");
    let error = upload(&drive, &object("", "private-name"), "private-body").await;
    let text = format!("{:?}", assert_kind(error, ErrorKind::AccessRefused));
    assert!(
        text.contains("UploadFile: 403 insufficient_scope"),
        "{text}"
    );
    for secret in ["canary", "private", "127.0.0.1"] {
        assert!(!text.contains(secret), "{text}");
    }
}
