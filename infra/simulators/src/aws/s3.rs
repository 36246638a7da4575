//! An embedded S3 over a folder: s3s checks Signature Version 4, s3s-fs keeps the bytes.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;

use super::s3_keys::KeyedFiles;
use crate::server::Server;

/// A running S3 stand-in for path-style requests; dropping it stops the server.
///
/// It knows one pair of keys and checks signatures and presigned URLs against it. A bucket is a
/// folder of the root. A key may be any that S3 takes; its object is a file named by its hash, so
/// that `a//b`, `..`, and a key that is also a prefix have their place. All of it outlives the
/// server; a root belongs to one server at a time.
///
/// Differences from the service: there are no versions, no access control and no owners; every
/// bucket is in `us-east-1`; the parts of an upload have no checksums of their own, their `ETag`s
/// are not compared, and their numbers must have no gap; uploads under way are not listed.
pub struct S3 {
    root: PathBuf,
    server: Server,
}

impl S3 {
    /// Serves the buckets below `root`, which is made if absent.
    pub async fn start(
        root: &Path,
        listen: SocketAddr,
        access_key: &str,
        secret_key: &str,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        let mut service = S3ServiceBuilder::new(KeyedFiles::open(root)?);
        service.set_auth(SimpleAuth::from_single(access_key, secret_key));
        let service = HandleError::new(service.build(), internal_error);
        Ok(Self {
            root: root.to_owned(),
            server: Server::start(listen, Router::new().fallback_service(service)).await?,
        })
    }

    /// The endpoint URL for an SDK client with path style forced, without a trailing slash.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Makes a bucket if there is none of that name.
    pub fn create_bucket(&self, name: &str) -> io::Result<()> {
        // The name becomes a path: the naming rules keep it inside the root.
        if !s3s::path::check_bucket_name(name) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{name:?} is not a bucket name"),
            ));
        }
        std::fs::create_dir_all(self.root.join(name))
    }

    /// Stops the server when the requests under way are answered.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// S3's own errors are answers already; what arrives here is a broken connection or a bug.
async fn internal_error(error: HttpError) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}"))
}
