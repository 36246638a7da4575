//! An embedded S3 over a folder: s3s-fs, with Signature Version 4 checked.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;

use super::s3_guard::Guard;
use crate::server::Server;

/// A running S3 stand-in for path-style requests; dropping it stops the server.
///
/// It knows one pair of keys and checks signatures and presigned URLs against it. A bucket is a
/// folder of the root and a key a path below it. Keys that this cannot hold are refused with 501
/// `NotImplemented` and a text that says why: those with empty, `.` or `..` segments, those over
/// about 150 bytes, and those that are both an object and a prefix.
///
/// Other differences from the service: a folder marker (`photos/`) is taken but never listed, a
/// listing has no `ETag`s and ignores `encoding-type`, and a bucket has no region.
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
        let files =
            FileSystem::new(root).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(access_key, secret_key));
        service.set_access(Guard::new(root));
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
