//! Which keys a bucket holds, in order, and under which file names s3s-fs keeps them.
//!
//! s3s-fs makes a key a path, so what it stores gets a name that is safe as one: the SHA-256 of the
//! key. The key itself is in a record outside the bucket's folder, written after the bytes, so
//! that a key in the index always has bytes.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use s3s::dto::ETag;
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::s3_conditions::WriteCondition;

/// The records' folder below the root. No bucket has this name, for a dot may not start one.
const RECORDS: &str = ".keys";
/// What a record's name ends in until it is complete.
const UNFINISHED: &str = "new";
const KEY_BYTES_MAX: usize = 1024;

/// The keys of one bucket: `String` sorts by UTF-8 bytes, as S3 does.
pub(super) type Keys = BTreeMap<String, Stored>;
static NO_KEYS: Keys = BTreeMap::new();

/// What a listing or a condition asks of an object.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) size: u64,
    pub(super) modified: SystemTime,
    pub(super) e_tag: ETag,
}

/// What the file system cannot tell after a restart.
#[derive(Deserialize, Serialize)]
struct Record {
    key: String,
    e_tag: String,
}

pub(super) struct Index {
    root: PathBuf,
    buckets: HashMap<String, Keys>,
}

impl Index {
    /// The index of what an earlier run left below `root`.
    pub(super) fn load(root: &Path) -> io::Result<Self> {
        let mut index = Self {
            root: root.to_owned(),
            buckets: HashMap::new(),
        };
        for bucket in names_in(&root.join(RECORDS))? {
            let records = index.records(&bucket);
            let mut keys = Keys::new();
            for name in names_in(&records)? {
                let path = records.join(&name);
                if path.extension().is_some() {
                    continue;
                }
                let record: Record = serde_json::from_slice(&std::fs::read(&path)?)?;
                match index.stat(&bucket, &name, record.e_tag) {
                    Ok(stored) => drop(keys.insert(record.key, stored)),
                    // The bytes are gone with their bucket, or were removed by hand.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            index.buckets.insert(bucket, keys);
        }
        Ok(index)
    }

    /// The keys of a bucket. A bucket is its folder: one may be made while the server runs.
    pub(super) fn keys(&self, bucket: &str) -> S3Result<&Keys> {
        if self.root.join(bucket).is_dir() {
            Ok(self.buckets.get(bucket).unwrap_or(&NO_KEYS))
        } else {
            Err(s3_error!(
                NoSuchBucket,
                "The specified bucket does not exist"
            ))
        }
    }

    pub(super) fn object(&self, bucket: &str, key: &str) -> S3Result<&Stored> {
        self.keys(bucket)?
            .get(key)
            .ok_or_else(|| s3_error!(NoSuchKey, "The specified key does not exist."))
    }

    /// A new name to store bytes under until [`Index::commit`].
    pub(super) fn stage(&self, bucket: &str, key: &str) -> S3Result<Staged> {
        self.keys(bucket)?;
        check_key(key)?;
        let name = format!("{}.{}", stored_name(key), Uuid::new_v4().simple());
        Ok(self.staged(bucket, name))
    }

    /// The bytes that an upload is assembled to, until [`Index::commit`].
    pub(super) fn stage_upload(&self, bucket: &str, key: &str) -> Staged {
        self.staged(bucket, upload_name(key))
    }

    fn staged(&self, bucket: &str, name: String) -> Staged {
        Staged {
            files: self.files(bucket, &name),
            name,
        }
    }

    /// Makes staged bytes the object of a key, if the condition holds now.
    pub(super) fn commit(
        &mut self,
        bucket: &str,
        key: &str,
        staged: &Staged,
        e_tag: Option<&ETag>,
        condition: &WriteCondition,
    ) -> S3Result<()> {
        condition.check(self.keys(bucket)?.get(key))?;
        let e_tag = e_tag.ok_or_else(|| s3_error!(InternalError, "The object has no ETag"))?;
        self.replace(bucket, key, staged, e_tag.value().to_owned())
            .map_err(S3Error::internal_error)
    }

    fn replace(
        &mut self,
        bucket: &str,
        key: &str,
        staged: &Staged,
        e_tag: String,
    ) -> io::Result<()> {
        let name = stored_name(key);
        for (from, to) in staged.files.iter().zip(self.files(bucket, &name)) {
            match std::fs::rename(from, &to) {
                // An earlier object may have had a side file that this one has not.
                Err(error) if error.kind() == io::ErrorKind::NotFound => remove_if_there(&to)?,
                renamed => renamed?,
            }
        }
        let stored = self.stat(bucket, &name, e_tag.clone())?;

        let records = self.records(bucket);
        std::fs::create_dir_all(&records)?;
        let record = serde_json::to_vec(&Record {
            key: key.to_owned(),
            e_tag,
        })?;
        let unfinished = records.join(&name).with_extension(UNFINISHED);
        std::fs::write(&unfinished, record)?;
        std::fs::rename(&unfinished, records.join(&name))?;
        let keys = self.buckets.entry(bucket.to_owned()).or_default();
        keys.insert(key.to_owned(), stored);
        Ok(())
    }

    /// Removes an object if there is one.
    pub(super) fn remove(&mut self, bucket: &str, key: &str) -> S3Result<()> {
        self.keys(bucket)?;
        check_key(key)?;
        let keys = self.buckets.entry(bucket.to_owned()).or_default();
        if keys.remove(key).is_none() {
            return Ok(());
        }
        let name = stored_name(key);
        remove_if_there(&self.records(bucket).join(&name)).map_err(S3Error::internal_error)?;
        for file in self.files(bucket, &name) {
            remove_if_there(&file).map_err(S3Error::internal_error)?;
        }
        Ok(())
    }

    /// Forgets an empty bucket, whose folder is gone.
    pub(super) fn remove_bucket(&mut self, bucket: &str) -> S3Result<()> {
        self.buckets.remove(bucket);
        match std::fs::remove_dir_all(self.records(bucket)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(S3Error::internal_error(error))
            }
            _ => Ok(()),
        }
    }

    /// s3s-fs looks an upload up by its id alone, and takes parts for any key and bucket.
    pub(super) fn check_upload(&self, bucket: &str, key: &str, upload: &str) -> S3Result<()> {
        self.keys(bucket)?;
        let started = Uuid::parse_str(upload).is_ok_and(|upload| {
            let kind = format!(".upload-{upload}.metadata");
            self.side_file(bucket, &upload_name(key), &kind).is_file()
        });
        if started {
            return Ok(());
        }
        Err(s3_error!(
            NoSuchUpload,
            "The specified multipart upload does not exist. The upload ID might be invalid, or \
             the multipart upload might have been aborted or completed."
        ))
    }

    fn records(&self, bucket: &str) -> PathBuf {
        self.root.join(RECORDS).join(bucket)
    }

    /// All that s3s-fs keeps of an object. The bytes come last: they make the object.
    fn files(&self, bucket: &str, name: &str) -> [PathBuf; 3] {
        [
            self.side_file(bucket, name, ".metadata"),
            self.side_file(bucket, name, ".internal"),
            self.root.join(bucket).join(name),
        ]
    }

    /// A file that s3s-fs puts beside the buckets, by its own rule for names.
    fn side_file(&self, bucket: &str, name: &str, kind: &str) -> PathBuf {
        let bucket = BASE64URL_NOPAD.encode(bucket.as_bytes());
        let name = BASE64URL_NOPAD.encode(name.as_bytes());
        self.root
            .join(format!(".bucket-{bucket}.object-{name}{kind}.json"))
    }

    fn stat(&self, bucket: &str, name: &str, e_tag: String) -> io::Result<Stored> {
        let file = std::fs::metadata(self.root.join(bucket).join(name))?;
        Ok(Stored {
            size: file.len(),
            modified: file.modified()?,
            e_tag: ETag::Strong(e_tag),
        })
    }
}

/// Bytes that are no object yet. Dropping it removes what [`Index::commit`] has not taken, as when
/// a checksum does not fit or the client goes away.
pub(super) struct Staged {
    pub(super) name: String,
    files: [PathBuf; 3],
}

impl Drop for Staged {
    fn drop(&mut self) {
        for file in &self.files {
            // What stays costs space only: no index knows it.
            let _ = std::fs::remove_file(file);
        }
    }
}

/// The file name of a key's object.
pub(super) fn stored_name(key: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, key.as_bytes()).as_ref())
}

/// The name that an upload keeps from its creation to its end. s3s-fs puts it, the bucket and the
/// upload id into one file name, which leaves room for few letters beyond the hash.
pub(super) fn upload_name(key: &str) -> String {
    format!("{}.parts", stored_name(key))
}

fn check_key(key: &str) -> S3Result<()> {
    if key.len() > KEY_BYTES_MAX {
        return Err(s3_error!(KeyTooLongError, "Your key is too long"));
    }
    Ok(())
}

fn remove_if_there(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect(),
    }
}
