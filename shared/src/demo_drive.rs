//! The demo drive's way into being.
//!
//! The welcome file is put before the records are committed, and removed if they are refused. A
//! crash in between leaves some hundred bytes that no record leads to, and never a drive without its
//! file.

use bytes::Bytes;

use crate::app::App;
use crate::domain::storage::{CloudStorage, ContentType, ObjectAddress, ObjectKey};
use crate::domain::{Error, Result, demo_drive};
use crate::providers::demo::DemoStorage;

pub use demo_drive::DemoDrive;

const WELCOME_KEY: &str = "Welcome.txt";
const WELCOME_TYPE: &str = "text/plain; charset=utf-8";
const WELCOME: &str = "\
Welcome!

This is your demo drive. It is ready to use: open it, add files and folders, share a link.
It is yours and your team's, and nobody else sees what is in it.

When you are ready, connect the storage that you already have - Amazon S3, Wasabi, Google
Cloud Storage, Cloudflare R2, Dropbox, Box, OneDrive, Google Drive and others - and work
with all of it in one place.

You may delete this file, and the demo drive too.
";

/// Puts the welcome file into a drive that is about to be stored. Repeating it changes nothing.
pub async fn put_welcome_file(app: &App, drive: &DemoDrive) -> Result<()> {
    let content_type = ContentType::parse("contentType", WELCOME_TYPE)?;
    let body = Bytes::from_static(WELCOME.as_bytes());
    let storage = storage(app, drive)?;
    storage.upload(&welcome_file()?, &content_type, body).await
}

/// Removes the welcome file of a drive that was not stored. Repeating it changes nothing.
pub async fn remove_welcome_file(app: &App, drive: &DemoDrive) -> Result<()> {
    storage(app, drive)?.delete_object(&welcome_file()?).await
}

fn storage(app: &App, drive: &DemoDrive) -> Result<DemoStorage> {
    let account = &drive.cloud_account;
    let prefix = account.demo_prefix.as_ref();
    let prefix = prefix.ok_or_else(|| Error::internal("a demo drive has no place"))?;
    Ok(app.demo_bucket()?.drive(prefix, account.created))
}

fn welcome_file() -> Result<ObjectAddress> {
    Ok(ObjectAddress {
        bucket: demo_drive::BUCKET.to_owned(),
        id: String::new(),
        key: ObjectKey::parse("key", WELCOME_KEY)?,
    })
}
