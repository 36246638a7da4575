//! Many files, or drives, at a time: pages.

use axum::Json;
use axum::extract::State;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Need};
use super::errors::Refused;
use super::query::{Clause, OrderBy};
use super::{ids, query, wire};
use crate::drives::Simulator;
use crate::drives::handed_out::Found;
use crate::drives::tree::{NodeId, ROOT, Tree};

/// "Several hours", says the discovery document.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(6);

/// Where the next page begins, and of what: a token is good for the same search only.
#[derive(Serialize, Deserialize)]
struct Position {
    search: String,
    offset: usize,
}

impl Position {
    /// How many were on the pages before.
    fn of(
        simulator: &Simulator,
        what: &'static str,
        search: &str,
        call: &Call,
    ) -> Result<usize, Refused> {
        let Some(token) = call.parameter("pageToken") else {
            return Ok(0);
        };
        let now = simulator.clock().now();
        match simulator.handed_out().find::<Self>(what, token, now) {
            Found::Live(position) if position.search == search => Ok(position.offset),
            Found::Live(_) | Found::Expired | Found::Unknown => Err(Refused::invalid("pageToken")),
        }
    }

    fn give(simulator: &Simulator, what: &'static str, search: &str, offset: usize) -> String {
        let position = Self {
            search: search.to_owned(),
            offset,
        };
        let now = simulator.clock().now();
        simulator
            .handed_out()
            .give(what, &position, now, TOKEN_LIFETIME)
    }
}

/// The drives that a search looks at.
enum Corpus {
    /// The user's own.
    User,
    /// A shared one.
    Drive(NodeId),
    /// All.
    All,
}

impl Corpus {
    fn read(call: &Call, tree: &Tree) -> Result<Self, Refused> {
        let supports = call.flag("supportsAllDrives")?;
        let includes = call.flag("includeItemsFromAllDrives")?;
        if includes && !supports {
            return Err(Refused::forbidden(
                "teamDrivesNotSupported",
                "The supportsAllDrives parameter must be true if includeItemsFromAllDrives is.",
            ));
        }
        match (call.parameter("corpora"), call.parameter("driveId")) {
            (None | Some("user"), None) => Ok(Self::User),
            (Some("allDrives"), None) if includes => Ok(Self::All),
            (Some("drive"), Some(id)) if includes => {
                let root = ids::parse(id)
                    .filter(|&root| root != ROOT && ids::drive(root) == id)
                    .and_then(|root| tree.get(root))
                    .filter(|root| root.parent.is_none())
                    .ok_or_else(|| Refused::drive(id))?;
                Ok(Self::Drive(root.id))
            }
            (Some("allDrives" | "drive"), _) if !includes => Err(Refused::forbidden(
                "teamDriveMembershipRequired",
                "The includeItemsFromAllDrives parameter must be true for this corpora.",
            )),
            (Some("drive"), None) | (None | Some("user" | "allDrives"), Some(_)) => {
                Err(Refused::parameter(
                    "driveId",
                    "invalid",
                    "The driveId parameter must be specified if and only if corpora is set to drive.",
                ))
            }
            _ => Err(Refused::invalid("corpora")),
        }
    }

    fn has(&self, root: NodeId) -> bool {
        match self {
            Self::User => root == ROOT,
            Self::Drive(drive) => root == *drive,
            Self::All => true,
        }
    }
}

/// `files.list`.
pub(super) async fn files(
    State(simulator): State<Simulator>,
    call: Call,
) -> Result<Json<Value>, Refused> {
    call.check(
        "google.apps.drive.v3.DriveFiles.List",
        Need::Metadata,
        &[
            "corpora",
            "driveId",
            "includeItemsFromAllDrives",
            "orderBy",
            "pageSize",
            "pageToken",
            "q",
            "spaces",
            "supportsAllDrives",
        ],
    )?;
    if call
        .parameter("spaces")
        .is_some_and(|spaces| spaces != "drive")
    {
        return Err(Refused::invalid("spaces"));
    }
    let selection = call.selection(
        &wire::FILE_LIST,
        "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType,driveId,resourceKey)",
    )?;
    let size = call.count("pageSize", 100, 1_000)?;
    let clauses = call.parameter("q").map_or(Ok(Vec::new()), query::parse)?;
    let order = OrderBy::parse(call.parameter("orderBy").unwrap_or("modifiedTime desc"))?;
    let search = ["q", "orderBy", "corpora", "driveId"]
        .map(|name| call.parameter(name).unwrap_or_default())
        .join("\n");
    let offset = Position::of(&simulator, "page of files", &search, &call)?;

    let tree = simulator.tree();
    let corpus = Corpus::read(&call, &tree)?;
    for clause in &clauses {
        if let Clause::InParents(id) = clause {
            // A folder that cannot be seen is an error, and its id is not repeated.
            let parent = call.node(&tree, id).map_err(|_| Refused::file(""))?;
            if !corpus.has(tree.root_of(parent.id)) {
                return Err(Refused::file(""));
            }
        }
    }
    let mut found: Vec<_> = tree
        .all()
        .filter(|node| node.parent.is_some() && corpus.has(tree.root_of(node.id)))
        .filter(|node| clauses.iter().all(|clause| clause.holds(&tree, node)))
        .collect();
    found.sort_by(|a, b| order.compare(a, b));
    let page: Vec<_> = found
        .iter()
        .skip(offset)
        .take(size)
        .map(|node| wire::file(&tree, node))
        .collect();
    let next = offset + page.len();
    let mut answer = json!({ "kind": "drive#fileList", "incompleteSearch": false, "files": page });
    if next < found.len() {
        answer["nextPageToken"] = json!(Position::give(&simulator, "page of files", &search, next));
    }
    Ok(Json(selection.of(&answer)))
}

/// `drives.list`: the shared drives.
pub(super) async fn drives(
    State(simulator): State<Simulator>,
    call: Call,
) -> Result<Json<Value>, Refused> {
    call.check(
        "google.apps.drive.v3.DriveDrives.List",
        Need::Content,
        &["pageSize", "pageToken"],
    )?;
    if call.parameter("alt").is_some_and(|alt| alt != "json") {
        return Err(Refused::invalid("alt"));
    }
    let selection = call.selection(&wire::DRIVE_LIST, "kind,nextPageToken,drives(kind,id,name)")?;
    let size = call.count("pageSize", 10, 100)?;
    let offset = Position::of(&simulator, "page of drives", "", &call)?;
    let tree = simulator.tree();
    let all: Vec<_> = tree.roots().filter(|root| root.id != ROOT).collect();
    let page: Vec<_> = all
        .iter()
        .skip(offset)
        .take(size)
        .map(|root| wire::drive(root))
        .collect();
    let next = offset + page.len();
    let mut answer = json!({ "kind": "drive#driveList", "drives": page });
    if next < all.len() {
        answer["nextPageToken"] = json!(Position::give(&simulator, "page of drives", "", next));
    }
    Ok(Json(selection.of(&answer)))
}
