//! Addresses in a demo drive, and where in the platform's bucket they are.

use crate::domain::cloud_account::DemoPrefix;
use crate::domain::demo_drive::BUCKET;
use crate::domain::storage::{
    Entry, FolderAddress, FolderName, FolderPath, KEY_BYTES_MAX, ObjectAddress, ObjectKey,
    path_of_key,
};
use crate::domain::{Error, Result};
use crate::providers::s3::{BucketName, Flavour};

/// What requests call the bucket, except the one that lists it.
const BUCKET_FIELD: &str = "storageName";
/// What that calls it.
const LISTED_BUCKET_FIELD: &str = "bucketName";

/// A drive's part of the platform's bucket.
pub(super) struct Place {
    bucket: String,
    prefix: DemoPrefix,
}

impl Place {
    pub(super) fn new(bucket: &BucketName, prefix: &DemoPrefix) -> Self {
        Self {
            bucket: bucket.as_str().to_owned(),
            prefix: prefix.clone(),
        }
    }

    /// All of the drive.
    pub(super) fn root(&self) -> Result<FolderAddress> {
        self.folder_at("path", "")
    }

    /// A folder to list.
    pub(super) fn folder(&self, folder: &FolderAddress) -> Result<FolderAddress> {
        check_bucket(LISTED_BUCKET_FIELD, &folder.bucket)?;
        self.folder_at("path", folder.path.as_str())
    }

    /// A folder to make `name` in.
    pub(super) fn parent(
        &self,
        parent: &FolderAddress,
        name: &FolderName,
    ) -> Result<FolderAddress> {
        check_bucket(BUCKET_FIELD, &parent.bucket)?;
        self.key("folderName", parent.path.join(name)?.as_str())?;
        self.folder_at("path", parent.path.as_str())
    }

    /// An object.
    pub(super) fn object(&self, object: &ObjectAddress) -> Result<ObjectAddress> {
        check_bucket(BUCKET_FIELD, &object.bucket)?;
        let key = self.key("key", object.key.as_str())?;
        Ok(ObjectAddress {
            bucket: self.bucket.clone(),
            id: String::new(),
            key: ObjectKey::parse("key", &key)?,
        })
    }

    /// What the platform's bucket lists, as the drive does.
    pub(super) fn entries(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let inside = |entry: Entry| {
            let key = entry.path.strip_prefix(self.prefix.as_str())?;
            let path = path_of_key(key);
            Some(Entry { path, ..entry })
        };
        entries.into_iter().filter_map(inside).collect()
    }

    fn folder_at(&self, field: &str, path: &str) -> Result<FolderAddress> {
        Ok(FolderAddress {
            bucket: self.bucket.clone(),
            id: String::new(),
            path: FolderPath::parse(field, &self.key(field, path)?)?,
        })
    }

    fn key(&self, field: &str, key: &str) -> Result<String> {
        let key = format!("{}{key}", self.prefix.as_str());
        if key.len() > KEY_BYTES_MAX {
            return Err(Error::invalid(
                field,
                "must be at most 987 bytes on a demo drive",
            ));
        }
        Ok(key)
    }
}

/// The real bucket's name is no better than any other.
fn check_bucket(field: &str, name: &str) -> Result<()> {
    match BucketName::parse(field, name, Flavour::Platform)?.as_str() {
        BUCKET => Ok(()),
        _ => Err(Error::not_found()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::ErrorKind;
    use crate::domain::ids::AccountId;
    use crate::domain::storage::EntryKind;

    fn place() -> Place {
        let bucket = BucketName::parse("DEMO_BUCKET", "platform", Flavour::Platform).unwrap();
        Place::new(&bucket, &prefix())
    }

    fn prefix() -> DemoPrefix {
        let id: AccountId = "0199c2f4-7a10-7c3e-8d55-3f1f0c9b6a42".parse().unwrap();
        DemoPrefix::of(id)
    }

    fn object(bucket: &str, key: &str) -> ObjectAddress {
        ObjectAddress {
            bucket: bucket.to_owned(),
            id: "elsewhere".to_owned(),
            key: ObjectKey::parse("key", key).unwrap(),
        }
    }

    fn entry(path: &str) -> Entry {
        Entry {
            id: String::new(),
            name: String::new(),
            path: path.to_owned(),
            size: 0,
            modified: Some(Timestamp::UNIX_EPOCH),
            kind: EntryKind::File,
        }
    }

    #[test]
    fn every_key_is_below_the_prefix() {
        for (given, key) in [
            ("a.txt", "a.txt"),
            ("/a.txt", "a.txt"),
            ("//a.txt", "/a.txt"),
            ("..%2fa", "..%2fa"),
            ("..\\a", "..\\a"),
        ] {
            let moved = place().object(&object("demo", given)).unwrap();
            assert_eq!((moved.bucket.as_str(), moved.id.as_str()), ("platform", ""));
            assert_eq!(moved.key.as_str(), format!("{}{key}", prefix().as_str()));
        }
    }

    #[test]
    fn other_buckets_are_not_there() {
        for name in ["platform", "demo2", "www.demo"] {
            let error = place().object(&object(name, "a")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFound, "{name}");
        }
        for name in ["", "demo/", "Demo", "../demo"] {
            let error = place().object(&object(name, "a")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
        }
    }

    #[test]
    fn a_key_leaves_room_for_the_prefix() {
        let longest = "x".repeat(987);
        assert_eq!(prefix().as_str().len() + longest.len(), KEY_BYTES_MAX);
        assert!(place().object(&object("demo", &longest)).is_ok());
        let error = place().object(&object("demo", &format!("{longest}x")));
        let error = error.unwrap_err();
        assert_eq!(
            error.public(),
            "key: must be at most 987 bytes on a demo drive"
        );
    }

    #[test]
    fn a_listed_path_leads_back() {
        let inside = |key: &str| format!("{}{key}", prefix().as_str());
        let listed = [inside("a/b.txt"), inside("/a"), "another/a".to_owned()];
        let entries = place().entries(listed.iter().map(|path| entry(path)).collect());
        let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["a/b.txt", "//a"]);
        let again = place().object(&object("demo", paths[1])).unwrap();
        assert_eq!(again.key.as_str(), inside("/a"));
    }
}
