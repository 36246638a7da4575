//! A page of a folder.

use super::api::{
    Api, Function, ListFolderArg, ListFolderContinueArg, ListFolderResult, Metadata, PathRoot,
};
use super::place;
use crate::domain::Result;
use crate::domain::storage::{Entry, EntryKind, ListRequest, Page};

/// Asks for a page. Dropbox takes the count as an approximation ("there can be slightly more
/// entries"), and only with the first page: the cursor keeps it, as it keeps the folder.
pub(super) async fn page(api: &Api, root: &PathRoot, request: &ListRequest) -> Result<Page> {
    // Checked even where the cursor says it all.
    let path = place::of_folder(&request.folder)?;
    let listed: ListFolderResult = match &request.cursor {
        None => {
            let arg = ListFolderArg {
                path: &path,
                limit: request.count,
                include_non_downloadable_files: false,
            };
            api.call(Function::ListFolder, root, &arg).await?
        }
        Some(cursor) => {
            let arg = ListFolderContinueArg { cursor };
            api.call(Function::ListFolderContinue, root, &arg).await?
        }
    };
    let above = if request.folder.id.is_empty() {
        request.folder.path.as_str()
    } else {
        ""
    };
    let mut entries: Vec<_> = listed
        .entries
        .into_iter()
        .filter_map(|metadata| entry(metadata, above))
        .collect();
    entries.sort_by_key(|entry| entry.kind == EntryKind::File);
    Ok(Page {
        entries,
        // There is a cursor on the last page too: it waits for changes.
        next: listed.has_more.then_some(listed.cursor),
    })
}

/// An entry in the folder `above`, which names it where Dropbox does not.
fn entry(metadata: Metadata, above: &str) -> Option<Entry> {
    let path = |display: Option<String>, name: &str, is_folder| {
        let path = display.unwrap_or_else(|| format!("/{above}{name}"));
        place::to_key(&path, is_folder)
    };
    match metadata {
        Metadata::File(file) => Some(Entry {
            path: path(file.path_display, &file.name, false),
            id: file.id,
            name: file.name,
            size: file.size,
            modified: Some(file.server_modified),
            kind: EntryKind::File,
        }),
        Metadata::Folder(folder) => Some(Entry {
            path: path(folder.path_display, &folder.name, true),
            id: folder.id,
            name: folder.name,
            size: 0,
            modified: None,
            kind: EntryKind::Folder,
        }),
        Metadata::Other => None,
    }
}
