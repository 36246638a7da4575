//! The door of Microsoft Graph: who calls, what for, and who answers.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::address::{Action, Address, DriveRef, Resource};
use super::errors::GraphError;
use super::query::Query;
use super::scopes::{Need, allow};
use super::{GRAPH, children, items, writing};
use crate::drives::Simulator;
use crate::drives::grants::AccessError;
use crate::drives::tree::{ROOT, Tree};

/// One request.
pub(super) struct Call {
    pub(super) simulator: Simulator,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) now: Timestamp,
    scopes: Vec<String>,
}

/// Everything below `/v1.0/`. Paths are read here, since colons divide them.
pub(super) async fn serve(
    State(simulator): State<Simulator>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = simulator.clock().now();
    let scopes = match scopes(&simulator, &headers, now) {
        Ok(scopes) => scopes,
        Err(error) => return error.answer(now),
    };
    let call = Call {
        simulator,
        method,
        uri,
        headers,
        body,
        now,
        scopes,
    };
    call.answer().unwrap_or_else(|error| error.answer(now))
}

/// What the bearer of the request's token may do.
fn scopes(
    simulator: &Simulator,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Vec<String>, GraphError> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)
        })
        .ok_or_else(|| GraphError::unauthenticated("Access token is empty."))?;
    match simulator.grants().check(now, token) {
        Ok(scopes) => Ok(scopes.to_vec()),
        Err(AccessError::Expired) => Err(GraphError::unauthenticated(
            "Lifetime validation failed, the token is expired.",
        )),
        Err(AccessError::Invalid) => Err(GraphError::unauthenticated(
            "Access token validation failure. Invalid audience.",
        )),
    }
}

impl Call {
    fn answer(&self) -> Result<Response, GraphError> {
        let is_get = self.method == Method::GET;
        match Resource::parse(self.path())? {
            Resource::User if is_get => {
                self.need(Need::Profile, true)?;
                let user = json!({
                    "id": "alex",
                    "displayName": "Alex Tester",
                    "userPrincipalName": "alex@example.com",
                });
                Ok(Json(user).into_response())
            }
            Resource::Drives if is_get => self.drives(),
            Resource::Drive(drive) if is_get => self.drive(&drive),
            Resource::Item(address, action) => self.item(&address, action),
            _ => Err(GraphError::method_not_allowed()),
        }
    }

    /// The path behind the version, as it was sent.
    pub(super) fn path(&self) -> &str {
        let path = self.uri.path();
        path.split_once(&format!("{GRAPH}/v1.0/"))
            .map_or(path, |(_, path)| path)
    }

    fn drives(&self) -> Result<Response, GraphError> {
        self.need(Need::Read, true)?;
        let query = Query::parse(&self.uri, &["$select", "$top", "$skiptoken"])?;
        let select = query.select_of_drive()?;
        let (top, skip) = (query.top()?, query.get("$skiptoken").unwrap_or("0"));
        let skip: usize = skip
            .parse()
            .map_err(|_| GraphError::invalid("Invalid skip token."))?;
        let tree = self.simulator.tree();
        let sees_all = allow(&self.scopes, Need::Read, false);
        let drives: Vec<_> = tree
            .roots()
            .filter(|root| root.id == ROOT || sees_all)
            .collect();
        let page = drives.iter().skip(skip).take(top);
        let page: Vec<Value> = page
            .map(|root| items::drive(&tree, root, select.as_deref()))
            .collect();
        let mut answer = json!({
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#drives",
            "value": page,
        });
        if skip + top < drives.len() {
            let query = query.with_skip_token(&(skip + top).to_string());
            answer["@odata.nextLink"] = self.url(&query).into();
        }
        Ok(Json(answer).into_response())
    }

    fn drive(&self, drive: &DriveRef) -> Result<Response, GraphError> {
        let query = Query::parse(&self.uri, &["$select"])?;
        let select = query.select_of_drive()?;
        let tree = self.simulator.tree();
        let root = drive.root(&tree)?;
        self.need(Need::Read, root == ROOT)?;
        let root = tree.get(root).ok_or_else(GraphError::not_found)?;
        Ok(Json(items::drive(&tree, root, select.as_deref())).into_response())
    }

    fn item(&self, address: &Address, action: Action) -> Result<Response, GraphError> {
        let mut tree = self.simulator.tree();
        let own = address.drive.root(&tree)? == ROOT;
        let method = self.method.as_str();
        let need = if method == "GET" {
            Need::Read
        } else {
            Need::Write
        };
        self.need(need, own)?;
        match (method, action) {
            ("GET", Action::Itself) => self.show(&tree, address),
            ("GET", Action::Children) => children::list(self, &tree, address),
            ("GET", Action::Content) => self.redirect(&tree, address),
            ("DELETE", Action::Itself) => writing::delete(&mut tree, address),
            ("POST", Action::Children) => writing::create_folder(self, &mut tree, address),
            ("PUT", Action::Content) => writing::put_content(self, &mut tree, address),
            ("POST", Action::UploadSession) => writing::create_session(self, &tree, address),
            _ => Err(GraphError::method_not_allowed()),
        }
    }

    fn show(&self, tree: &Tree, address: &Address) -> Result<Response, GraphError> {
        let query = Query::parse(&self.uri, &["$select"])?;
        let select = query.select_of_item()?;
        let node = address.find(tree)?;
        let item = items::item(&self.simulator, tree, node, select.as_deref());
        Ok(Json(item).into_response())
    }

    fn redirect(&self, tree: &Tree, address: &Address) -> Result<Response, GraphError> {
        Query::parse(&self.uri, &[])?;
        let node = address.find(tree)?;
        if node.file().is_none() {
            return Err(GraphError::invalid("You cannot get content for a folder"));
        }
        let url = items::download_url(&self.simulator, tree.root_of(node.id), node.id);
        Ok((StatusCode::FOUND, [(header::LOCATION, url)]).into_response())
    }

    fn need(&self, need: Need, own: bool) -> Result<(), GraphError> {
        if allow(&self.scopes, need, own) {
            return Ok(());
        }
        match need {
            Need::Profile => Err(GraphError::new(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            )),
            Need::Read | Need::Write => Err(GraphError::denied()),
        }
    }

    /// The URL of this request with another query.
    pub(super) fn url(&self, query: &str) -> String {
        let path = format!("/v1.0/{}?{query}", self.path());
        self.simulator.url(GRAPH, &path)
    }

    /// The body, which has to be said to be JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, GraphError> {
        let content_type = self
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if content_type.is_empty() {
            return Err(GraphError::bad_request(
                "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            ));
        }
        if content_type.split(';').next().map(str::trim) != Some("application/json") {
            return Err(GraphError::new(
                415,
                "BadRequest",
                "A supported MIME type could not be found that matches the content type of the request.",
            ));
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| GraphError::bad_request("Unable to read JSON request payload."))
    }
}
