//! How the pages of this family look, and what a browser may do on them.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest;
use axum::body::Body;
use axum::response::Response;
use data_encoding::BASE64;
use http::header::{
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderName, HeaderValue};
use shared::domain::{Error, Result};

/// The one style of every page, allowed by its hash.
pub(crate) const STYLE: &str = include_str!("../templates/viewer.css");

/// Nothing but what the page itself holds or our own origin answers; no script in the page, no form, no
/// frame around it (<https://www.w3.org/TR/CSP3/>).
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = BASE64.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()).as_ref());
    format!(
        "default-src 'none'; script-src 'self'; style-src 'sha256-{style}'; img-src 'self' data:; \
         media-src 'self'; frame-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000; includeSubDomains"),
    ),
    (
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex, nofollow, noarchive"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// Puts `page` into `response`, with the headers that every page has.
pub(crate) fn show(page: &impl Template, response: &mut Response) -> Result<()> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::internal("a page could not be written").because(error)
    };
    let html = page.render().map_err(|error| failed(error.into()))?;
    let policy = HeaderValue::from_str(&POLICY).map_err(|error| failed(error.into()))?;
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    *response.body_mut() = Body::from(html);
    Ok(())
}
