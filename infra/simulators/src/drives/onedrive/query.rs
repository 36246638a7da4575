//! The query of a request, and what of `OData` it holds.
//! <https://learn.microsoft.com/graph/query-parameters>

use axum::http::Uri;
use url::form_urlencoded;

use super::errors::GraphError;

/// The properties of a drive item (EDM `driveItem` and its bases), and the two names of its URL.
const ITEM_PROPERTIES: [&str; 34] = [
    "id",
    "createdBy",
    "createdDateTime",
    "description",
    "eTag",
    "lastModifiedBy",
    "lastModifiedDateTime",
    "name",
    "parentReference",
    "webUrl",
    "audio",
    "bundle",
    "cTag",
    "deleted",
    "file",
    "fileSystemInfo",
    "folder",
    "image",
    "location",
    "malware",
    "package",
    "pendingOperations",
    "photo",
    "publication",
    "remoteItem",
    "root",
    "searchResult",
    "shared",
    "sharepointIds",
    "size",
    "specialFolder",
    "video",
    DOWNLOAD_URL,
    "content.downloadUrl",
];
/// Those of a drive (EDM `drive` and its bases).
const DRIVE_PROPERTIES: [&str; 15] = [
    "id",
    "createdBy",
    "createdDateTime",
    "description",
    "eTag",
    "lastModifiedBy",
    "lastModifiedDateTime",
    "name",
    "parentReference",
    "webUrl",
    "driveType",
    "owner",
    "quota",
    "sharePointIds",
    "system",
];
/// The annotation with the URL of a file's bytes.
pub(super) const DOWNLOAD_URL: &str = "@microsoft.graph.downloadUrl";
/// The annotation that says what to do about a name that is taken.
pub(super) const CONFLICT_BEHAVIOR: &str = "@microsoft.graph.conflictBehavior";

/// A page: so many, unless the request says how many.
const TOP_DEFAULT: usize = 200;
/// A page: at most so many, whatever the request says.
const TOP_MAX: usize = 999;

/// A query's parameters, in order.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query that may hold only the parameters in `known`, each once.
    pub(super) fn parse(uri: &Uri, known: &[&str]) -> Result<Self, GraphError> {
        let query = uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        for (index, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) || pairs[..index].iter().any(|(one, _)| one == name)
            {
                let message = format!("The query parameter '{name}' is not supported.");
                return Err(GraphError::bad_request(message));
            }
        }
        Ok(Self(pairs))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(one, _)| one == name);
        pair.map(|(_, value)| value.as_str())
    }

    /// How many a page holds.
    pub(super) fn top(&self) -> Result<usize, GraphError> {
        let Some(top) = self.get("$top") else {
            return Ok(TOP_DEFAULT);
        };
        match top.parse() {
            Ok(top) if top > 0 => Ok(TOP_MAX.min(top)),
            _ => Err(GraphError::bad_request(
                "Invalid value specified for $top query option.",
            )),
        }
    }

    /// By name, and downwards if `true`. Other orders are not served.
    pub(super) fn descending(&self) -> Result<bool, GraphError> {
        match self.get("$orderby").unwrap_or("name") {
            "name" | "name asc" => Ok(false),
            "name desc" => Ok(true),
            _ => Err(GraphError::invalid("Unsupported sort order.")),
        }
    }

    /// The properties that are wanted of items; all if `None`.
    pub(super) fn select_of_item(&self) -> Result<Option<Vec<&str>>, GraphError> {
        self.select(&ITEM_PROPERTIES, "microsoft.graph.driveItem")
    }

    /// The same of drives.
    pub(super) fn select_of_drive(&self) -> Result<Option<Vec<&str>>, GraphError> {
        self.select(&DRIVE_PROPERTIES, "microsoft.graph.drive")
    }

    fn select(&self, known: &[&str], of: &str) -> Result<Option<Vec<&str>>, GraphError> {
        let Some(select) = self.get("$select") else {
            return Ok(None);
        };
        let names: Vec<_> = select.split(',').map(str::trim).collect();
        match names.iter().find(|name| !known.contains(name)) {
            None => Ok(Some(names)),
            Some(name) => Err(GraphError::bad_request(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{of}'."
            ))),
        }
    }

    /// The query of the next page.
    pub(super) fn with_skip_token(&self, token: &str) -> String {
        let mut query = String::new();
        for (name, value) in &self.0 {
            if name != "$skiptoken" {
                let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
                query.extend([name, "=", &value, "&"]);
            }
        }
        query + "$skiptoken=" + token
    }
}
