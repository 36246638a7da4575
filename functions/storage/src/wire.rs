//! What several storage endpoints read and answer in the same way.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json as Answer;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use shared::app::App;
use shared::domain::ids::CloudAccountId;
use shared::domain::storage::{CloudStorage, ObjectAddress, ObjectKey, Offer, URL_HOURS_MAX};
use shared::domain::{Error, Result};
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
    let account = session
        .cloud_account(app, id)
        .await?
        .open(app.secrets())
        .await?;
    app.providers().open(&account)
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

/// The URL as a bare JSON string; headers tell when it ends and how to use it.
pub(crate) fn answer_url(offer: Offer) -> Result<Response> {
    let Offer::Signed(signed) = offer else {
        return Err(Error::internal("links are not served"));
    };
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
