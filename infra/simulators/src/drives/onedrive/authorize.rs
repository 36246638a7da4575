//! Where the user is asked: entra-docs `identity-platform/v2-oauth2-auth-code-flow.md`.

use aws_lc_rs::digest;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use url::{Url, form_urlencoded};

use super::{IDENTITY, scopes};
use crate::drives::Simulator;
use crate::drives::consent::{self, Decision};
use crate::drives::grants::Consent;

/// Who may sign in: everybody, personal accounts, or work and school accounts.
pub(super) fn is_tenant(name: &str) -> bool {
    matches!(name, "common" | "consumers" | "organizations")
}

/// What a wrong request is answered.
enum Refused {
    /// On a page: the browser is not sent to somebody unknown.
    Page(String),
    /// By the redirect: `error` and `error_description`.
    Back(&'static str, String),
}

/// A request that was checked.
struct Wanted {
    redirect_uri: String,
    scopes: Vec<String>,
    challenge: Option<String>,
}

/// `GET /TENANT/oauth2/v2.0/authorize`.
pub(super) async fn authorize(
    State(simulator): State<Simulator>,
    Path(tenant): Path<String>,
    uri: Uri,
) -> Response {
    let query: Vec<(String, String)> =
        form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    let get = |name: &str| {
        let pair = query.iter().find(|(one, _)| one == name);
        pair.map(|(_, value)| value.as_str())
    };
    let back = |answer: &[(&str, &str)]| {
        let state = get("state").map(|state| ("state", state));
        let answer: Vec<_> = answer.iter().copied().chain(state).collect();
        consent::back(get("redirect_uri").unwrap_or_default(), &answer)
    };
    let wanted = match check(&simulator, &tenant, &get) {
        Ok(wanted) => wanted,
        Err(Refused::Page(text)) => {
            return (
                StatusCode::BAD_REQUEST,
                Html(format!("<h1>Sign in</h1><p>{text}</p>")),
            )
                .into_response();
        }
        Err(Refused::Back(error, description)) => {
            return back(&[("error", error), ("error_description", &description)]);
        }
    };
    match Decision::in_query(&query) {
        Decision::Ask => consent::page(simulator.vendor(), &wanted.scopes, &query),
        Decision::Deny => back(&[
            ("error", "access_denied"),
            (
                "error_description",
                "AADSTS65004: User declined to consent to access the app.",
            ),
        ]),
        Decision::Approve => {
            let offline = wanted.scopes.iter().any(|scope| scope == "offline_access");
            let consent = Consent {
                redirect_uri: wanted.redirect_uri,
                scopes: wanted.scopes,
                challenge: wanted.challenge,
                offline,
            };
            let now = simulator.clock().now();
            let code = simulator
                .grants()
                .issue_code(&simulator.policy(), now, consent);
            back(&[("code", &code)])
        }
    }
}

fn check<'a>(
    simulator: &Simulator,
    tenant: &str,
    get: &impl Fn(&str) -> Option<&'a str>,
) -> Result<Wanted, Refused> {
    let page = |text: &str| Err(Refused::Page(text.to_owned()));
    if !is_tenant(tenant) {
        return page("AADSTS90002: Tenant not found.");
    }
    if get("client_id") != Some(&simulator.vendor().client_id()) {
        return page("AADSTS700016: Application was not found in the directory.");
    }
    let redirect_uri = get("redirect_uri").unwrap_or_default();
    // A fragment is never part of a registered reply address.
    if !Url::parse(redirect_uri).is_ok_and(|url| url.has_host() && url.fragment().is_none()) {
        return page("AADSTS50011: The redirect URI specified in the request does not match.");
    }

    let invalid = |text: String| Err(Refused::Back("invalid_request", text));
    match get("response_type") {
        Some("code") => {}
        None => return invalid(missing("response_type")),
        Some(_) => {
            let text = "AADSTS70005: The response_type is not supported.".to_owned();
            return Err(Refused::Back("unsupported_response_type", text));
        }
    }
    if !matches!(get("response_mode"), None | Some("query")) {
        return invalid("AADSTS70007: The response_mode is not supported.".to_owned());
    }
    if let Some(prompt) = get("prompt") {
        if prompt == "none" {
            let text = "AADSTS50058: A silent sign-in request was sent but no user is signed in.";
            return Err(Refused::Back("login_required", text.to_owned()));
        }
        if !matches!(prompt, "login" | "consent" | "select_account") {
            return invalid("AADSTS90023: Unsupported 'prompt' value.".to_owned());
        }
    }
    let scopes: Vec<String> = get("scope")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() {
        return invalid(missing("scope"));
    }
    if scopes.iter().any(|scope| scopes::known(scope).is_none()) {
        let text = "AADSTS70011: The provided value for the input parameter 'scope' is not valid.";
        return Err(Refused::Back("invalid_scope", text.to_owned()));
    }
    let challenge = match (get("code_challenge"), get("code_challenge_method")) {
        (None, None) => None,
        // RFC 7636 §4.2: 43 to 128 characters.
        (Some(challenge), method) if (43..=128).contains(&challenge.len()) => match method {
            Some("S256") => Some(challenge.to_owned()),
            // A plain challenge is its own verifier.
            Some("plain") | None => {
                let hash = digest::digest(&digest::SHA256, challenge.as_bytes());
                Some(BASE64URL_NOPAD.encode(hash.as_ref()))
            }
            Some(_) => return invalid("AADSTS501491: Invalid code_challenge_method.".to_owned()),
        },
        _ => return invalid("AADSTS501491: Invalid size of Code_Challenge parameter.".to_owned()),
    };
    Ok(Wanted {
        redirect_uri: redirect_uri.to_owned(),
        scopes,
        challenge,
    })
}

fn missing(parameter: &str) -> String {
    format!("AADSTS900144: The request body must contain the following parameter: '{parameter}'.")
}

/// `GET /TENANT/v2.0/.well-known/openid-configuration`: where the vendor's SDK finds the rest.
pub(super) async fn configuration(
    State(simulator): State<Simulator>,
    Path(tenant): Path<String>,
) -> Response {
    if !is_tenant(&tenant) {
        let error = json!({
            "error": "invalid_tenant",
            "error_description": "AADSTS90002: Tenant not found.",
            "error_codes": [90_002],
        });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    let at = |path: &str| simulator.url(IDENTITY, &format!("/{tenant}/oauth2/v2.0/{path}"));
    Json(json!({
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    }))
    .into_response()
}
