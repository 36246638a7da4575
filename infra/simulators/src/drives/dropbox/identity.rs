//! Consent and tokens.
//! <https://www.dropbox.com/developers/documentation/http/documentation#authorization>,
//! <https://dropbox.tech/developers/using-oauth-2-0-with-offline-access>

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use data_encoding::BASE64;
use serde_json::json;
use url::{Url, form_urlencoded};

use super::account::{ACCOUNT_ID, USER_ID};
use crate::drives::Simulator;
use crate::drives::consent::{self, Decision};
use crate::drives::grants::{Consent, GrantError};

/// What an app may ask for.
const SCOPES: [&str; 6] = [
    "account_info.read",
    "account_info.write",
    "files.metadata.read",
    "files.metadata.write",
    "files.content.read",
    "files.content.write",
];
/// What the app has when it asks for nothing: those that are ticked in the App Console.
const SCOPES_TICKED: [&str; 5] = [
    "account_info.read",
    "files.metadata.read",
    "files.metadata.write",
    "files.content.read",
    "files.content.write",
];
const STATE_BYTES_MAX: usize = 500;

type Pairs = [(String, String)];

fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let mut found = pairs.iter().filter(|(key, _)| key == name);
    found.next().map(|(_, value)| value.as_str())
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// The consent page, and what follows from it.
pub(super) async fn authorize(
    State(simulator): State<Simulator>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let consent = match read(&simulator, &query) {
        Ok(consent) => consent,
        Err(why) => {
            let page = format!("<!doctype html><title>Error (400)</title><p>{why}</p>");
            return (StatusCode::BAD_REQUEST, Html(page)).into_response();
        }
    };
    let state = value(&query, "state");
    let redirect_uri = consent.redirect_uri.clone();
    let mut answer = match Decision::in_query(&query) {
        Decision::Ask => return consent::page(simulator.vendor(), &consent.scopes, &query),
        Decision::Deny => vec![
            ("error".to_owned(), "access_denied".to_owned()),
            (
                "error_description".to_owned(),
                "The user chose not to give your app access to their Dropbox account.".to_owned(),
            ),
        ],
        Decision::Approve => {
            let (policy, now) = (simulator.policy(), simulator.clock().now());
            let code = simulator.grants().issue_code(&policy, now, consent);
            vec![("code".to_owned(), code)]
        }
    };
    answer.extend(state.map(|state| ("state".to_owned(), state.to_owned())));
    let answer: Vec<_> = answer
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    consent::back(&redirect_uri, &answer)
}

/// What is asked for, or why nobody is asked. The texts are this simulator's own.
fn read(simulator: &Simulator, query: &Pairs) -> Result<Consent, &'static str> {
    if value(query, "client_id") != Some(&simulator.vendor().client_id()) {
        return Err("Invalid client_id");
    }
    if value(query, "response_type") != Some("code") {
        return Err("Invalid response_type");
    }
    let redirect_uri = value(query, "redirect_uri").unwrap_or_default();
    if !Url::parse(redirect_uri).is_ok_and(|url| is_redirect(&url)) {
        return Err("Invalid redirect_uri");
    }
    if value(query, "state").is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return Err("state: must be at most 500 bytes");
    }
    let offline = match value(query, "token_access_type") {
        Some("offline") => true,
        None | Some("online") => false,
        Some(_) => return Err("Invalid token_access_type"),
    };
    let challenge = value(query, "code_challenge");
    match (challenge, value(query, "code_challenge_method")) {
        (None, None) => {}
        // "plain" is Dropbox's too, but not this simulator's.
        (Some(challenge), Some("S256")) if is_challenge(challenge) => {}
        _ => return Err("Invalid code_challenge or code_challenge_method"),
    }
    let scopes: Vec<&str> = match value(query, "scope") {
        None => SCOPES_TICKED.to_vec(),
        Some(scope) => scope.split(' ').collect(),
    };
    if !scopes.iter().all(|scope| SCOPES.contains(scope)) {
        return Err("Invalid scope");
    }
    Ok(Consent {
        redirect_uri: redirect_uri.to_owned(),
        scopes: scopes.into_iter().map(str::to_owned).collect(),
        challenge: challenge.map(str::to_owned),
        offline,
    })
}

/// "All redirect URIs must be HTTPS unless they are localhost."
fn is_redirect(url: &Url) -> bool {
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && is_local))
}

fn is_challenge(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

fn refuse(error: &str, description: &str) -> Response {
    let body = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// The token endpoint.
pub(super) async fn token(
    State(simulator): State<Simulator>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST {
        return refuse("invalid_request", "must use HTTP \"POST\"");
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    if essence.map(str::trim) != Some("application/x-www-form-urlencoded") {
        return refuse("invalid_request", "body must be form-encoded");
    }
    let form = pairs(&body);
    let repeats =
        |(name, _): &(String, String)| form.iter().filter(|(key, _)| key == name).count() > 1;
    if form.iter().any(repeats) {
        return refuse("invalid_request", "a parameter is given twice");
    }
    let grant_type = value(&form, "grant_type");
    if !matches!(grant_type, Some("authorization_code" | "refresh_token")) {
        return refuse("unsupported_grant_type", "unsupported grant type");
    }
    let (id, secret) = (
        simulator.vendor().client_id(),
        simulator.vendor().client_secret(),
    );
    if client(&headers, &form) != Some((id, secret)) {
        return refuse("invalid_client", "Invalid client_id or client_secret");
    }
    simulator.grants().token_calls += 1;
    if grant_type == Some("refresh_token") {
        refresh(&simulator, &form)
    } else {
        exchange(&simulator, &form)
    }
}

/// The client's credentials, from the header or the body, but not from both.
fn client(headers: &HeaderMap, form: &Pairs) -> Option<(String, String)> {
    let in_body = value(form, "client_id").zip(value(form, "client_secret"));
    let Some(basic) = headers.get(header::AUTHORIZATION) else {
        return in_body.map(|(id, secret)| (id.to_owned(), secret.to_owned()));
    };
    if value(form, "client_secret").is_some() {
        return None;
    }
    let basic = basic.to_str().ok()?.strip_prefix("Basic ")?;
    let basic = String::from_utf8(BASE64.decode(basic.as_bytes()).ok()?).ok()?;
    let (id, secret) = basic.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn exchange(simulator: &Simulator, form: &Pairs) -> Response {
    let Some(code) = value(form, "code") else {
        return refuse("invalid_request", "missing required field \"code\"");
    };
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    // It was used to get the code, so it must be given again.
    let redirect_uri = value(form, "redirect_uri").unwrap_or_default();
    let verifier = value(form, "code_verifier");
    let issued = simulator
        .grants()
        .redeem(&policy, now, code, Some(redirect_uri), verifier);
    match issued {
        Ok(issued) => {
            let mut answer = json!({
                "access_token": issued.access_token,
                "token_type": "bearer",
                "expires_in": issued.expires_in.as_secs(),
                "scope": issued.scopes.join(" "),
                "uid": USER_ID,
                "account_id": ACCOUNT_ID,
            });
            if let Some(token) = issued.refresh_token {
                answer["refresh_token"] = json!(token);
            }
            Json(answer).into_response()
        }
        Err(GrantError::RedirectMismatch) => refuse("invalid_grant", "redirect_uri mismatch"),
        Err(GrantError::VerifierMismatch) => refuse("invalid_grant", "invalid code verifier"),
        Err(_) => refuse("invalid_grant", "code doesn't exist or has expired"),
    }
}

fn refresh(simulator: &Simulator, form: &Pairs) -> Response {
    let Some(token) = value(form, "refresh_token") else {
        return refuse(
            "invalid_request",
            "missing required field \"refresh_token\"",
        );
    };
    let (policy, now) = (simulator.policy(), simulator.clock().now());
    let mut grants = simulator.grants();
    grants.refresh_calls += 1;
    match grants.refresh(&policy, now, token) {
        // The refresh token stays, and is not repeated.
        Ok(issued) => Json(json!({
            "access_token": issued.access_token,
            "token_type": "bearer",
            "expires_in": issued.expires_in.as_secs(),
        }))
        .into_response(),
        Err(_) => refuse("invalid_grant", "refresh token is invalid or revoked"),
    }
}
