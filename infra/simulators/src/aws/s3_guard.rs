//! What stands before s3s-fs: it keeps keys as paths, so some legal keys would end in another
//! bucket or in an internal error. Those are refused here, in words that say whose limit it is.

use std::path::{Path, PathBuf};

use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{CopyObjectInput, CopySource, DeleteObjectsInput};
use s3s::path::S3Path;
use s3s::{S3Request, S3Result, s3_error};

/// The longest file name that common file systems take, in bytes.
const FILE_NAME_BYTES_MAX: usize = 255;

pub(super) struct Guard {
    root: PathBuf,
}

impl Guard {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// s3s-fs makes a missing bucket on a write and calls it a missing key on a read.
    fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.root.join(bucket).is_dir() {
            Ok(())
        } else {
            Err(s3_error!(
                NoSuchBucket,
                "The specified bucket does not exist"
            ))
        }
    }

    fn check_key(&self, operation: &str, bucket: &str, key: &str) -> S3Result<()> {
        let plain = key.strip_suffix('/').unwrap_or(key);
        let is_marker = plain.len() < key.len();
        if plain
            .split('/')
            .any(|segment| matches!(segment, "" | "." | ".."))
        {
            return Err(s3_error!(
                NotImplemented,
                "This stand-in keeps a key as a path: no empty, `.` or `..` segments"
            ));
        }
        if side_file_name_bytes(operation, bucket, key) > FILE_NAME_BYTES_MAX {
            return Err(s3_error!(
                NotImplemented,
                "This stand-in keeps a key as a file name: the key is too long for it"
            ));
        }

        let bucket = self.root.join(bucket);
        let path = bucket.join(plain);
        let reads = matches!(operation, "GetObject" | "HeadObject");
        let writes = matches!(
            operation,
            "PutObject" | "CopyObject" | "CreateMultipartUpload" | "CompleteMultipartUpload"
        );
        let below_an_object = path
            .ancestors()
            .skip(usize::from(!is_marker))
            .take_while(|folder| *folder != bucket)
            .any(Path::is_file);
        let is_prefix = path.is_dir();
        if is_prefix && reads && is_marker {
            return Err(s3_error!(
                NotImplemented,
                "This stand-in cannot read folder markers"
            ));
        }
        if is_prefix && reads {
            return Err(s3_error!(NoSuchKey, "The specified key does not exist."));
        }
        if (is_prefix && !is_marker) || (below_an_object && writes) {
            return Err(s3_error!(
                NotImplemented,
                "This stand-in keeps a key as a path: no key is both an object and a prefix"
            ));
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl S3Access for Guard {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        let operation = context.s3_op().name();
        match context.s3_path() {
            S3Path::Root => Ok(()),
            S3Path::Bucket { .. } if operation == "CreateBucket" => Ok(()),
            S3Path::Bucket { bucket } => self.check_bucket(bucket),
            S3Path::Object { bucket, key } => {
                self.check_bucket(bucket)?;
                self.check_key(operation, bucket, key)
            }
        }
    }

    async fn copy_object(&self, request: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        match &request.input.copy_source {
            CopySource::Bucket { bucket, key, .. } => {
                self.check_bucket(bucket)?;
                self.check_key("GetObject", bucket, key)
            }
            _ => Ok(()),
        }
    }

    async fn delete_objects(&self, request: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        let bucket = &request.input.bucket;
        for object in &request.input.delete.objects {
            self.check_key("DeleteObject", bucket, &object.key)?;
        }
        Ok(())
    }
}

/// The length of the longest name that s3s-fs gives to a file beside the object:
/// `.bucket-<base64>.object-<base64>.metadata.json`, and `.upload-<uuid>` in it during an upload.
fn side_file_name_bytes(operation: &str, bucket: &str, key: &str) -> usize {
    let base64 = |text: &str| (text.len() * 4).div_ceil(3);
    let upload = match operation {
        "CreateMultipartUpload" => ".upload-".len() + uuid::fmt::Hyphenated::LENGTH,
        _ => 0,
    };
    ".bucket-.object-.metadata.json".len() + base64(bucket) + base64(key) + upload
}
