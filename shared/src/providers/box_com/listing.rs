//! One page of a folder.

use jiff::Timestamp;

use super::api::{Api, FolderDetails, Item};
use super::ids::{self, Number, ROOT};
use crate::domain::Result;
use crate::domain::storage::{Entry, EntryKind, ListRequest, Page};

/// What an entry is made of. Without `fields`, Box answers neither size nor time.
const FIELDS: &str = "type,id,name,size,modified_at,item_status";

/// Lists `folder`, which the request addresses.
pub(super) async fn page(api: &Api, folder: &Number, request: &ListRequest) -> Result<Page> {
    let cursor = request.cursor.as_deref();
    let items = api.items(folder, FIELDS, request.count, cursor).await?;
    let prefix = if request.folder.id.is_empty() {
        request.folder.path.as_str().to_owned()
    } else if folder.is_root() {
        String::new()
    } else {
        path_of(&api.folder(folder).await?)
    };
    let next = items.next();
    let mut entries: Vec<_> = items
        .entries
        .iter()
        .filter_map(|item| entry(item, &prefix))
        .collect();
    entries.sort_by_key(|entry| entry.kind == EntryKind::File);
    Ok(Page { entries, next })
}

/// A bookmark (`web_link`) has nothing to read, and what is in the trash is not there.
fn entry(item: &Item, prefix: &str) -> Option<Entry> {
    let kind = match item.r#type.as_str() {
        "file" => EntryKind::File,
        "folder" => EntryKind::Folder,
        _ => return None,
    };
    let number = Number::parse(&item.id).filter(|_| item.is_active())?;
    let name = item.name.clone()?;
    let slash = if kind == EntryKind::Folder { "/" } else { "" };
    Some(Entry {
        id: ids::written(kind, &number),
        path: format!("{prefix}{name}{slash}"),
        name,
        size: match kind {
            EntryKind::File => item.size.unwrap_or_default(),
            // Box counts what is in it.
            EntryKind::Folder => 0,
        },
        modified: item.modified_at.as_deref().and_then(time),
        kind,
    })
}

/// Box tells the time with the offset of some place in California.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A folder's path, with a slash at its end.
fn path_of(folder: &FolderDetails) -> String {
    let above = folder.path_collection.entries.iter();
    let names = above
        .filter(|one| one.id != ROOT)
        .map(|one| one.name.as_str())
        .chain([folder.name.as_str()]);
    names.fold(String::new(), |path, name| path + name + "/")
}
