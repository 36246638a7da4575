//! The page that asks a person. Vendors check the request before they ask.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use url::Url;

use super::Vendor;

/// What a person says to a request for access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing yet: show the page.
    Ask,
    /// Yes.
    Approve,
    /// No.
    Deny,
}

impl Decision {
    /// The decision in a request's query: `auto=approve`, `auto=deny`, or none. The page's buttons
    /// send the same.
    pub(crate) fn in_query(query: &[(String, String)]) -> Self {
        match query.iter().find(|(name, _)| name == "auto") {
            Some((_, value)) if value == "approve" => Self::Approve,
            Some((_, value)) if value == "deny" => Self::Deny,
            _ => Self::Ask,
        }
    }
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Page<'a> {
    vendor: &'a str,
    scopes: &'a [String],
    fields: &'a [(String, String)],
}

/// The page: a plain form that repeats the request with the decision.
pub(crate) fn page(vendor: Vendor, scopes: &[String], query: &[(String, String)]) -> Response {
    let fields: Vec<_> = query
        .iter()
        .filter(|(name, _)| name != "auto")
        .cloned()
        .collect();
    let page = Page {
        vendor: vendor.title(),
        scopes,
        fields: &fields,
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Sends the browser back to the app with `answer` added to the redirect URI's query.
pub(crate) fn back(redirect_uri: &str, answer: &[(&str, &str)]) -> Response {
    match Url::parse(redirect_uri) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(answer);
            Redirect::to(url.as_str()).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
