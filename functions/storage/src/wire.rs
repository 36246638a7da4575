//! What several storage endpoints read and answer in the same way.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json as Answer;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use jiff::Timestamp;
use shared::app::App;
use shared::database::Link;
use shared::domain::ids::CloudAccountId;
use shared::domain::link::LinkId;
use shared::domain::storage::{
    CloudStorage, LinkUse, ObjectAddress, ObjectKey, Offer, SignedUrl, URL_HOURS_MAX,
};
use shared::domain::{Error, Result};
use shared::drive;
use shared::web::auth::Session;

/// A URL lives so many hours if the request does not say.
const URL_HOURS_DEFAULT: u16 = 24;
/// Provider ids: at most this many bytes.
const ID_BYTES_MAX: usize = 1_024;

/// Authorises the caller for a cloud account and opens its drive.
pub(crate) async fn open(
    app: &App,
    session: &Session,
    id: CloudAccountId,
) -> Result<Box<dyn CloudStorage>> {
    let stored = session.cloud_account(app, id).await?;
    drive::open(app, stored).await
}

pub(crate) fn parse_object(
    id: Option<String>,
    storage_name: String,
    key: &str,
) -> Result<ObjectAddress> {
    let id = parse_id(id)?;
    Ok(ObjectAddress {
        bucket: storage_name,
        id,
        key: ObjectKey::parse("key", key)?,
    })
}

pub(crate) fn parse_id(id: Option<String>) -> Result<String> {
    let id = id.unwrap_or_default();
    if id.len() > ID_BYTES_MAX {
        return Err(Error::invalid("id", "must be at most 1,024 bytes"));
    }
    Ok(id)
}

pub(crate) fn parse_lifetime(expire_hours: Option<u16>) -> Result<Duration> {
    match expire_hours.unwrap_or(URL_HOURS_DEFAULT) {
        hours @ 1..=URL_HOURS_MAX => Ok(Duration::from_secs(u64::from(hours) * 3_600)),
        _ => Err(Error::invalid("expireHours", "must be 1 to 168")),
    }
}

/// The URL that `offer` comes to: the provider's own, or `link` of ours, which is stored then.
pub(crate) async fn answer_url(app: &App, offer: Offer, link: Link) -> Result<Response> {
    match offer {
        Offer::Signed(signed) => answer_signed(signed),
        Offer::Link(LinkUse { method, headers }) => {
            let base = public_url(app)?;
            let id = LinkId::new()?;
            app.database().create_link(&id, &link).await?;
            answer_signed(SignedUrl {
                url: format!("{base}/v/{}/content", id.secret()),
                method,
                headers,
                expires: link.expires,
            })
        }
    }
}

/// Where links of ours lead.
pub(crate) fn public_url(app: &App) -> Result<&str> {
    let url = app.config().public_url.as_deref();
    url.ok_or_else(|| Error::internal("PUBLIC_URL is not set"))
}

/// When what is made now for so long ends.
pub(crate) fn expiry(app: &App, lifetime: Duration) -> Result<Timestamp> {
    app.clock()
        .now()
        .checked_add(lifetime)
        .map_err(|error| Error::internal("a URL's life reaches beyond the calendar").because(error))
}

/// The URL as a bare JSON string; headers tell when it ends and how to use it.
fn answer_signed(signed: SignedUrl) -> Result<Response> {
    let headers: BTreeMap<_, _> = signed.headers.into_iter().collect();
    let headers = serde_json::to_string(&headers).map_err(|error| {
        Error::internal("the upload headers could not be written").because(error)
    })?;
    let header = |value: &str| {
        HeaderValue::from_str(value)
            .map_err(|error| Error::internal("a header could not be written").because(error))
    };
    let mut response = Answer(signed.url).into_response();
    response
        .headers_mut()
        .insert("x-link-expires-at", header(&signed.expires.to_string())?);
    if signed.method != "GET" {
        response
            .headers_mut()
            .insert("x-upload-method", header(signed.method)?);
        response
            .headers_mut()
            .insert("x-upload-headers", header(&headers)?);
    }
    Ok(response)
}
