//! Google's identity service: consent, tokens, revocation.
//!
//! <https://developers.google.com/identity/protocols/oauth2/web-server>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::json;
use url::{Host, Url, form_urlencoded};

use super::call::{SCOPE, header_text};
use crate::drives::Simulator;
use crate::drives::consent::{self, Decision};
use crate::drives::grants::{Consent, GrantError, Issued};

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

type Pairs = Vec<(String, String)>;

fn pairs(text: &str) -> Pairs {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

fn value<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
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

/// A refusal of the identity service (RFC 6749 §5.2).
fn refusal(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (status, NO_STORE, Json(body)).into_response()
}

fn bad(error: &str, description: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, error, description)
}

const NO_STORE: [(header::HeaderName, &str); 2] = [
    (
        header::CACHE_CONTROL,
        "no-cache, no-store, max-age=0, must-revalidate",
    ),
    (header::PRAGMA, "no-cache"),
];

/// The form in a body.
fn form(headers: &HeaderMap, body: &str) -> Result<Pairs, Response> {
    let content_type = header_text(headers, "content-type");
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence != "application/x-www-form-urlencoded" {
        return Err(bad("invalid_request", "Bad Request"));
    }
    let form = pairs(body);
    for (position, (name, _)) in form.iter().enumerate() {
        if form[..position].iter().any(|(other, _)| other == name) {
            let description = format!("Parameter {name} was given twice.");
            return Err(bad("invalid_request", &description));
        }
    }
    Ok(form)
}

/// Refuses who is not the app: the secret is in the form, or in `Authorization: Basic`.
fn check_client(simulator: &Simulator, headers: &HeaderMap, form: &Pairs) -> Result<(), Response> {
    let basic = header_text(headers, "authorization")
        .strip_prefix("Basic ")
        .and_then(|encoded| BASE64.decode(encoded.as_bytes()).ok())
        .and_then(|decoded| String::from_utf8(decoded).ok())
        .and_then(|pair| {
            let (id, secret) = pair.split_once(':')?;
            Some((id.to_owned(), secret.to_owned()))
        });
    let (id, secret) = match &basic {
        Some((id, secret)) => (Some(id.as_str()), Some(secret.as_str())),
        None => (value(form, "client_id"), value(form, "client_secret")),
    };
    let id = id.ok_or_else(|| {
        bad(
            "invalid_request",
            "Could not determine client ID from request.",
        )
    })?;
    if id != simulator.vendor().client_id() {
        return Err(refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The OAuth client was not found.",
        ));
    }
    match secret {
        None => Err(bad("invalid_request", "client_secret is missing.")),
        Some(secret) if secret != simulator.vendor().client_secret() => Err(refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The provided client secret is invalid.",
        )),
        Some(_) => Ok(()),
    }
}

/// Tokens for a code or a refresh token.
pub(super) async fn token(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Response> {
    let form = form(&headers, &body)?;
    let required = |name: &str| {
        value(&form, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                let description = format!("Missing required parameter: {name}");
                bad("invalid_request", &description)
            })
    };
    let grant_type = required("grant_type")?;
    check_client(&simulator, &headers, &form)?;
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    match grant_type {
        "authorization_code" => {
            let (code, redirect_uri) = (required("code")?, required("redirect_uri")?);
            let verifier = value(&form, "code_verifier");
            let mut grants = simulator.grants();
            grants.token_calls += 1;
            grants
                .redeem(&policy, now, code, Some(redirect_uri), verifier)
                .map(|issued| answer(&issued))
                .map_err(|error| refused(error, verifier))
        }
        "refresh_token" => {
            let refresh_token = required("refresh_token")?;
            let mut grants = simulator.grants();
            grants.token_calls += 1;
            grants.refresh_calls += 1;
            let issued = grants
                .refresh(&policy, now, refresh_token)
                .map_err(|error| refused(error, None))?;
            let asked = value(&form, "scope").unwrap_or_default();
            if asked
                .split_whitespace()
                .any(|scope| !issued.scopes.iter().any(|agreed| agreed == scope))
            {
                return Err(bad("invalid_scope", "Bad Request"));
            }
            Ok(answer(&issued))
        }
        other => {
            let description = format!("Invalid grant_type: {other}");
            Err(bad("unsupported_grant_type", &description))
        }
    }
}

fn answer(issued: &Issued) -> Response {
    let mut body = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in.as_secs(),
        "scope": issued.scopes.join(" "),
        "token_type": "Bearer",
    });
    if let Some(refresh_token) = &issued.refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    (NO_STORE, Json(body)).into_response()
}

fn refused(error: GrantError, verifier: Option<&str>) -> Response {
    let (code, description) = match error {
        GrantError::UnknownCode => ("invalid_grant", "Malformed auth code."),
        GrantError::RedirectMismatch => ("redirect_uri_mismatch", "Bad Request"),
        GrantError::VerifierMismatch if verifier.is_none() => {
            ("invalid_grant", "Missing code verifier.")
        }
        GrantError::VerifierMismatch => ("invalid_grant", "Invalid code verifier."),
        GrantError::ExpiredCode | GrantError::UnknownRefreshToken => {
            ("invalid_grant", "Bad Request")
        }
        GrantError::ExpiredRefreshToken | GrantError::Revoked => {
            ("invalid_grant", "Token has been expired or revoked.")
        }
    };
    bad(code, description)
}

/// Takes a grant back, by its access or refresh token.
pub(super) async fn revoke(
    State(simulator): State<Simulator>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Response> {
    let in_query = pairs(&query.unwrap_or_default());
    // Samples give the token in the query, with an empty form.
    let in_body = form(&headers, &body)?;
    let token = value(&in_body, "token")
        .or_else(|| value(&in_query, "token"))
        .ok_or_else(|| bad("invalid_request", "Missing required parameter: token"))?;
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    let mut grants = simulator.grants();
    let live = grants.check(now, token).is_ok() || grants.is_live(&policy, now, token);
    if !live || !grants.revoke(token) {
        return Err(bad("invalid_token", "Token expired or revoked"));
    }
    Ok(Json(json!({})).into_response())
}
