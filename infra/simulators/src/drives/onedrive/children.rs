//! The children of a folder, page by page.

use axum::Json;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::address::Address;
use super::errors::GraphError;
use super::graph::Call;
use super::items;
use super::query::Query;
use crate::drives::handed_out::Found;
use crate::drives::tree::{Node, NodeId, Tree};

const SKIP_TOKEN: &str = "onedrive-skiptoken";
/// Nothing is promised; a day is what a listing may take.
const SKIP_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Where a page ended.
#[derive(Serialize, Deserialize)]
struct Position {
    folder: NodeId,
    descending: bool,
    last: (String, NodeId),
}

/// `GET …/children`.
pub(super) fn list(call: &Call, tree: &Tree, address: &Address) -> Result<Response, GraphError> {
    let known = ["$select", "$top", "$orderby", "$skiptoken"];
    let query = Query::parse(&call.uri, &known)?;
    let (select, top) = (query.select_of_item()?, query.top()?);
    let descending = query.descending()?;
    let folder = address.find(tree)?;
    if !folder.is_folder() {
        return Err(GraphError::not_found());
    }

    let mut nodes: Vec<_> = tree.children(folder.id).collect();
    nodes.sort_by_key(|node| place(node));
    if descending {
        nodes.reverse();
    }
    let position = query
        .get("$skiptoken")
        .map(|token| position(call, token, folder.id, descending))
        .transpose()?;
    let rest = match &position {
        None => nodes.as_slice(),
        Some(position) => {
            let is_shown = |node: &&Node| {
                let order = place(node).cmp(&position.last);
                order.is_eq() || order.is_gt() == descending
            };
            &nodes[nodes.partition_point(is_shown)..]
        }
    };

    let page: Vec<Value> = rest
        .iter()
        .take(top)
        .map(|node| items::item(&call.simulator, tree, node, select.as_deref()))
        .collect();
    let mut answer = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(driveItem)",
        "@odata.count": nodes.len(),
        "value": page,
    });
    if let Some(last) = rest.get(top - 1).filter(|_| rest.len() > top) {
        let position = Position {
            folder: folder.id,
            descending,
            last: place(last),
        };
        let token =
            call.simulator
                .handed_out()
                .give(SKIP_TOKEN, &position, call.now, SKIP_TOKEN_LIFETIME);
        answer["@odata.nextLink"] = call.url(&query.with_skip_token(&token)).into();
    }
    Ok(Json(answer).into_response())
}

fn position(
    call: &Call,
    token: &str,
    folder: NodeId,
    descending: bool,
) -> Result<Position, GraphError> {
    let found = call
        .simulator
        .handed_out()
        .find::<Position>(SKIP_TOKEN, token, call.now);
    match found {
        Found::Live(position) if position.folder == folder && position.descending == descending => {
            Ok(position)
        }
        Found::Live(_) | Found::Unknown => Err(GraphError::invalid("Invalid skip token.")),
        Found::Expired => Err(GraphError::new(
            410,
            "resyncRequired",
            "Resync required. Replace any local items with the server's version.",
        )),
    }
}

/// A node's place in the order by name, which does not know capitals.
fn place(node: &Node) -> (String, NodeId) {
    (node.name.to_lowercase(), node.id)
}
