//! From a path to a number. Box has no such call, so every folder on the way is listed and the names
//! are compared as Box does: without regard to case.

use super::api::{Api, Item};
use super::ids::{ItemId, Number};
use crate::domain::storage::PAGE_ENTRIES_MAX;
use crate::domain::{Error, Result};

/// What is asked for on the way.
const FIELDS: &str = "type,id,name,item_status";

/// Requests of one walk: at most so many, or the way is too long. Each lists
/// [`PAGE_ENTRIES_MAX`] entries and takes about a third of a second.
const REQUESTS_MAX: usize = 30;

/// The folder at `path`: empty for the root, else ending in a slash. Errors: `NotFound`; `Invalid`
/// in `field` if there is too much on the way.
pub(super) async fn folder(api: &Api, field: &str, path: &str) -> Result<Number> {
    Walk::new(api, field).folder(path).await
}

/// The file or folder with `key`, which is a folder's if it ends in a slash. Errors as in [`folder`].
pub(super) async fn object(api: &Api, field: &str, key: &str) -> Result<ItemId> {
    let mut walk = Walk::new(api, field);
    if key.ends_with('/') {
        return walk.folder(key).await.map(ItemId::Folder);
    }
    let (path, name) = split(key);
    let parent = walk.folder(path).await?;
    walk.child(&parent, "file", name).await.map(ItemId::File)
}

/// The folder's path, ending in a slash unless it is the root's, and the name in it.
pub(super) fn split(key: &str) -> (&str, &str) {
    key.split_at(key.rfind('/').map_or(0, |slash| slash + 1))
}

struct Walk<'a> {
    api: &'a Api,
    field: &'a str,
    requests_left: usize,
}

impl<'a> Walk<'a> {
    fn new(api: &'a Api, field: &'a str) -> Self {
        Self {
            api,
            field,
            requests_left: REQUESTS_MAX,
        }
    }

    async fn folder(&mut self, path: &str) -> Result<Number> {
        let names = path.split_terminator('/');
        // Box knows no empty names, and listing the folders before one would be in vain.
        if names.clone().any(str::is_empty) {
            return Err(Error::not_found());
        }
        let mut at = Number::root();
        for name in names {
            at = self.child(&at, "folder", name).await?;
        }
        Ok(at)
    }

    async fn child(&mut self, parent: &Number, kind: &str, name: &str) -> Result<Number> {
        let name = name.to_lowercase();
        let is_it = |item: &Item| {
            let given = item.name.as_deref().unwrap_or_default();
            item.is_active() && item.r#type == kind && given.to_lowercase() == name
        };
        let mut marker = None;
        loop {
            let Some(left) = self.requests_left.checked_sub(1) else {
                let rule = "leads through too many entries; give the id instead";
                return Err(Error::invalid(self.field, rule));
            };
            self.requests_left = left;
            let page = self
                .api
                .items(parent, FIELDS, PAGE_ENTRIES_MAX, marker.as_deref())
                .await?;
            if let Some(item) = page.entries.iter().find(|item| is_it(item)) {
                return Number::parse(&item.id).ok_or_else(Error::not_found);
            }
            marker = page.next();
            if marker.is_none() {
                return Err(Error::not_found());
            }
        }
    }
}
