//! What a listing shows of Graph's items.

use percent_encoding::percent_decode_str;

use super::address::is_id;
use super::wire::{ItemBody, ParentReference};
use crate::domain::storage::{Entry, EntryKind};

/// The entries of a page, folders first. `folder` is the listed folder's path if the request gave
/// it; without, the items say where they are.
pub(super) fn entries(items: &[ItemBody], folder: Option<&str>) -> Vec<Entry> {
    let entries = items.iter().filter_map(|item| entry(item, folder));
    let (mut folders, files): (Vec<_>, Vec<_>) =
        entries.partition(|entry| entry.kind == EntryKind::Folder);
    folders.extend(files);
    folders
}

/// What an item is. A notebook is neither file nor folder.
pub(super) fn kind(item: &ItemBody) -> Option<EntryKind> {
    let remote = item.remote_item.as_ref();
    let is_package =
        item.package.is_some() || remote.is_some_and(|remote| remote.package.is_some());
    let is_folder = item.folder.is_some() || remote.is_some_and(|remote| remote.folder.is_some());
    let is_file = item.file.is_some() || remote.is_some_and(|remote| remote.file.is_some());
    match (is_package, is_folder, is_file) {
        (false, true, _) => Some(EntryKind::Folder),
        (false, false, true) => Some(EntryKind::File),
        _ => None,
    }
}

/// An item as an entry, if it is a file or a folder.
fn entry(item: &ItemBody, folder: Option<&str>) -> Option<Entry> {
    let kind = kind(item)?;
    let remote = item.remote_item.as_ref();
    let name = item.name.as_deref().filter(|name| !name.is_empty())?;
    let listed = id(item.parent_reference.as_ref(), &item.id);
    let id = match remote {
        None => listed.unwrap_or_default(),
        // One that cannot be named leads nowhere.
        Some(remote) => {
            let target = id(remote.parent_reference.as_ref(), &remote.id)?;
            listed.map_or_else(|| target.clone(), |listed| format!("{target}/{listed}"))
        }
    };
    let mut path = match folder {
        Some(folder) => folder.to_owned(),
        None => folder_path(item.parent_reference.as_ref()),
    };
    path.push_str(name);
    let size = match kind {
        EntryKind::Folder => {
            path.push('/');
            0
        }
        EntryKind::File => item
            .size
            .or(remote.and_then(|remote| remote.size))
            .unwrap_or(0),
    };
    Some(Entry {
        id,
        name: name.to_owned(),
        path,
        size,
        modified: item
            .last_modified_date_time
            .or(remote.and_then(|remote| remote.last_modified_date_time)),
        kind,
    })
}

/// The half of an id of ours that names one item.
fn id(parent: Option<&ParentReference>, item: &str) -> Option<String> {
    let drive = parent?.drive_id.as_deref()?;
    (is_id(drive) && is_id(item)).then(|| format!("{drive}/{item}"))
}

/// The path of the folder that an item is in: empty for the root, else ending in `/`. Graph
/// percent-encodes it.
fn folder_path(parent: Option<&ParentReference>) -> String {
    let path = parent.and_then(|parent| parent.path.as_deref());
    let below_root = path.and_then(|path| path.split_once("root:/"));
    let Some((_, path)) = below_root.filter(|(_, path)| !path.is_empty()) else {
        return String::new();
    };
    let mut path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    path.push('/');
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> Vec<Entry> {
        entries(&serde_json::from_str::<Vec<_>>(json).unwrap(), None)
    }

    #[test]
    fn an_added_item_has_its_targets_id_and_its_own() {
        let entries = shown(
            r#"[{"id":"I1","name":"Shared","parentReference":{"driveId":"D1"},"remoteItem":
                {"id":"I2","folder":{"childCount":0},"size":7,"parentReference":{"driveId":"D2"}}}]"#,
        );
        assert_eq!(entries[0].id, "D2/I2/D1/I1");
        assert_eq!(entries[0].path, "Shared/");
        assert_eq!((entries[0].kind, entries[0].size), (EntryKind::Folder, 0));
    }

    #[test]
    fn what_leads_nowhere_is_not_shown() {
        let entries = shown(
            r#"[{"id":"I1","name":"Notes","package":{"type":"oneNote"},"parentReference":{"driveId":"D"}},
                {"id":"I2","name":"Gone","remoteItem":{"id":"I3","folder":{}}},
                {"id":"I4","name":"Odd"}]"#,
        );
        assert_eq!(entries, []);
    }

    #[test]
    fn paths_are_decoded() {
        let entries = shown(
            r#"[{"id":"I","name":"c","file":{},"size":3,"parentReference":
                {"driveId":"D","path":"/drives/D/root:/a%20b/50%25"}}]"#,
        );
        assert_eq!(entries[0].path, "a b/50%/c");
        assert_eq!(entries[0].size, 3);
    }
}
