//! Google's identity service: consent. Tokens are in `tokens.rs`.
//!
//! <https://developers.google.com/identity/protocols/oauth2/web-server>

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use url::{Host, Url, form_urlencoded};

use super::call::SCOPE;
use crate::drives::Simulator;
use crate::drives::consent::{self, Decision};
use crate::drives::grants::Consent;

/// What follows [`SCOPE`] in Drive's scopes (the discovery document's `auth`).
const DRIVE_SCOPES: [&str; 10] = [
    "",
    ".appdata",
    ".apps.readonly",
    ".file",
    ".meet.readonly",
    ".metadata",
    ".metadata.readonly",
    ".photos.readonly",
    ".readonly",
    ".scripts",
];
const IDENTITY_SCOPES: [&str; 5] = [
    "openid",
    "email",
    "profile",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
];

/// Parameters of the authorization endpoint. `auto` and `granted` are the simulator's: a decision
/// without the page, and which scopes the person leaves ticked, with spaces between.
const PARAMETERS: [&str; 15] = [
    "access_type",
    "auto",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "enable_granular_consent",
    "granted",
    "hd",
    "include_granted_scopes",
    "login_hint",
    "prompt",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];

pub(super) type Pairs = Vec<(String, String)>;

pub(super) fn pairs(text: &str) -> Pairs {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

pub(super) fn value<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    pairs
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// A request for access, checked. Google never redirects a request that it refuses.
struct Request {
    redirect_uri: String,
    scopes: Vec<String>,
    challenge: Option<String>,
    offline: bool,
    asks_anew: bool,
}

impl Request {
    fn read(simulator: &Simulator, query: &Pairs) -> Result<Self, String> {
        if let Some((name, _)) = query
            .iter()
            .find(|(name, _)| !PARAMETERS.contains(&name.as_str()))
        {
            return Err(format!(
                "invalid_request: Parameter not allowed for this message type: {name}"
            ));
        }
        let required = |name| {
            value(query, name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("invalid_request: Missing required parameter: {name}"))
        };
        if required("client_id")? != simulator.vendor().client_id() {
            return Err("invalid_client: The OAuth client was not found.".to_owned());
        }
        let redirect_uri = required("redirect_uri")?;
        if !may_be_registered(redirect_uri) {
            return Err("redirect_uri_mismatch".to_owned());
        }
        if required("response_type")? != "code" {
            return Err("unsupported_response_type: only code is simulated".to_owned());
        }
        let scopes: Vec<_> = required("scope")?.split(' ').map(str::to_owned).collect();
        if let Some(unknown) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(format!(
                "invalid_scope: Some requested scopes were invalid. {{invalid=[{unknown}]}}"
            ));
        }
        let one_of = |name: &str, known: &[&str]| match value(query, name) {
            Some(value) if !known.contains(&value) => Err(format!(
                "invalid_request: Invalid parameter value for {name}"
            )),
            value => Ok(value),
        };
        let access_type = one_of("access_type", &["online", "offline"])?;
        one_of("include_granted_scopes", &["true", "false"])?;
        one_of("enable_granular_consent", &["true", "false"])?;
        let prompt = value(query, "prompt").unwrap_or_default();
        if prompt
            .split_whitespace()
            .any(|word| !["consent", "select_account"].contains(&word))
        {
            return Err("invalid_request: Invalid parameter value for prompt".to_owned());
        }
        let method = one_of("code_challenge_method", &["S256"])?;
        let challenge = value(query, "code_challenge").map(str::to_owned);
        // Without a method the challenge would be the verifier itself, which is not simulated.
        if challenge.is_some() != method.is_some()
            || challenge.as_ref().is_some_and(|text| text.len() != 43)
        {
            return Err("invalid_request: Invalid code challenge".to_owned());
        }
        Ok(Self {
            redirect_uri: redirect_uri.to_owned(),
            scopes,
            challenge,
            offline: access_type == Some("offline"),
            asks_anew: prompt.split_whitespace().any(|word| word == "consent"),
        })
    }
}

fn is_scope(scope: &str) -> bool {
    IDENTITY_SCOPES.contains(&scope)
        || scope
            .strip_prefix(SCOPE)
            .is_some_and(|rest| DRIVE_SCOPES.contains(&rest))
}

/// The console takes a web app's URI if it is https, or plain http on the developer's machine, and
/// has no fragment.
fn may_be_registered(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        let local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.fragment().is_none() && (url.scheme() == "https" || (url.scheme() == "http" && local))
    })
}

/// Asks the person.
pub(super) async fn authorize(
    State(simulator): State<Simulator>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(&query.unwrap_or_default());
    let request = match Request::read(&simulator, &query) {
        Ok(request) => request,
        Err(error) => {
            let page = format!("Access blocked: Error 400: {error}\n");
            return (StatusCode::BAD_REQUEST, page).into_response();
        }
    };
    let state = value(&query, "state");
    let mut answer = Vec::new();
    if let Some(state) = state {
        answer.push(("state", state));
    }
    let granted: Vec<String> = match value(&query, "granted") {
        Some(granted) => request
            .scopes
            .iter()
            .filter(|scope| granted.split(' ').any(|one| one == *scope))
            .cloned()
            .collect(),
        None => request.scopes.clone(),
    };
    match Decision::in_query(&query) {
        Decision::Ask => consent::page(simulator.vendor(), &request.scopes, &query),
        Decision::Approve if !granted.is_empty() => {
            let (policy, now) = (simulator.policy(), simulator.clock().now());
            let mut grants = simulator.grants();
            // Who agreed before and is not asked anew gives no other refresh token.
            let (all, revoked) = grants.count();
            let scope = granted.join(" ");
            let consent = Consent {
                redirect_uri: request.redirect_uri.clone(),
                scopes: granted,
                challenge: request.challenge,
                offline: request.offline && (request.asks_anew || all == revoked),
            };
            let code = grants.issue_code(&policy, now, consent);
            answer.extend([
                ("code", code.as_str()),
                ("scope", &scope),
                ("authuser", "0"),
            ]);
            answer.push(("prompt", if request.asks_anew { "consent" } else { "none" }));
            consent::back(&request.redirect_uri, &answer)
        }
        Decision::Approve | Decision::Deny => {
            answer.insert(0, ("error", "access_denied"));
            consent::back(&request.redirect_uri, &answer)
        }
    }
}
