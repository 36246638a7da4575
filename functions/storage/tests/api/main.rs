//! Storage operations, told in requests, and in what the provider's URLs then do.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod continuation;
mod create_folder;
mod delete_object;
mod demo_drive;
mod download_url;
mod every_route;
mod fields;
mod lambda;
mod list_buckets;
mod list_objects;
mod names;
mod send_download_url;
mod sessions;
mod upload_url;
mod visibility;
mod wire;
