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

#[cfg(test)]
mod tests {
    use super::super::api::Items;
    use super::*;

    fn item(json: &str) -> Item {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_what_is_there_and_can_be_read_is_shown() {
        for (json, shown) in [
            (r#"{"type":"file","id":"1","name":"a","size":1}"#, true),
            (
                r#"{"type":"file","id":"1","name":"a","item_status":"active"}"#,
                true,
            ),
            (
                r#"{"type":"file","id":"1","name":"a","item_status":"trashed"}"#,
                false,
            ),
            (
                r#"{"type":"folder","id":"1","name":"a","item_status":"deleted"}"#,
                false,
            ),
            (r#"{"type":"web_link","id":"1","name":"a"}"#, false),
            (r#"{"type":"file","id":"../1","name":"a"}"#, false),
            (r#"{"type":"file","id":"1"}"#, false),
        ] {
            assert_eq!(entry(&item(json), "").is_some(), shown, "{json}");
        }
    }

    #[test]
    fn times_are_read_with_their_offset() {
        let utc = "2012-12-12T18:53:43Z".parse().unwrap();
        assert_eq!(time("2012-12-12T10:53:43-08:00"), Some(utc));
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn the_last_page_is_told_in_three_ways() {
        for (json, next) in [
            (r#"{"entries":[],"next_marker":"x"}"#, Some("x")),
            (r#"{"entries":[],"next_marker":""}"#, None),
            (r#"{"entries":[],"next_marker":null}"#, None),
            (r#"{"entries":[]}"#, None),
        ] {
            let items: Items = serde_json::from_str(json).unwrap();
            assert_eq!(items.next().as_deref(), next, "{json}");
        }
    }
}
