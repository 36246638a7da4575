//! `POST /api/v1/desktop/insert`

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::app::App;
use shared::deadline;
use shared::domain::cloud_account::{CloudAccount, CloudProvider, Credentials, CredentialsKind};
use shared::domain::ids::CloudAccountId;
use shared::domain::oauth_tokens::OAuthTokens;
use shared::domain::text::{parse_name, parse_opaque};
use shared::domain::{Error, ErrorKind, Result};
use shared::drive;
use shared::net::ServiceUrl;
use shared::providers::oauth::Verdict;
use shared::web::auth::Session;
use shared::web::cloud_account::CloudAccountAnswer;
use shared::web::json::Json;

/// Outside of any request, a vendor has so long to renew tokens that are inserted.
const RENEWAL_TIME: Duration = Duration::from_secs(20);
/// What is kept of a request's time to store what was renewed.
const STORE_RESERVE: Duration = Duration::from_secs(8);
/// Access keys: at most this many bytes.
const ACCESS_KEY_BYTES_MAX: usize = 256;
/// Secret keys: at most this many bytes.
const SECRET_KEY_BYTES_MAX: usize = 1_024;
/// OAuth tokens as JSON text: at most this many bytes.
const CREDENTIALS_DATA_BYTES_MAX: usize = 16_384;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InsertRequest {
    cloud_type: i64,
    name: String,
    access_key: Option<SecretString>,
    secret_key: Option<SecretString>,
    credentials_data: Option<SecretString>,
    service_url: Option<String>,
    shared: Option<bool>,
    internal_storage: Option<bool>,
}

/// Connects a cloud account, once the provider has accepted its credentials.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<InsertRequest>,
) -> Result<Answer<CloudAccountAnswer>> {
    // A number that is too large, or negative, is no provider, as 0 is none.
    let cloud_type = u32::try_from(body.cloud_type).unwrap_or_default();
    let provider = CloudProvider::parse("cloudType", cloud_type)?;
    let name = parse_name("name", &body.name)?;
    let credentials = parse_credentials(provider, &body)?;
    let service_url = parse_service_url(&app, provider, body.service_url.as_deref())?;
    let caller = session.caller(&app).await?;

    let (credentials, renewed) =
        proven(&app, provider, credentials, service_url.as_deref()).await?;

    let now = app.clock().now();
    let account = CloudAccount {
        id: CloudAccountId::new(now),
        account_id: caller.account_id,
        user_id: caller.user_id,
        provider,
        name,
        credentials,
        service_url,
        active: true,
        inactive_reason: None,
        shared: body.shared.unwrap_or_default(),
        internal_storage: body.internal_storage.unwrap_or_default(),
        demo_prefix: None,
        created: now,
    };
    drive::store(&app, &account, renewed.as_ref()).await?;
    Ok(Answer(CloudAccountAnswer::masked(&account)))
}

/// Credentials that the provider has accepted, and, if that took a renewal, the tokens that nobody else
/// holds now.
async fn proven(
    app: &App,
    provider: CloudProvider,
    credentials: Credentials,
    service_url: Option<&str>,
) -> Result<(Credentials, Option<OAuthTokens>)> {
    let check = async |credentials: &Credentials| {
        app.providers()
            .connect(provider, credentials, service_url)?
            .check_credentials()
            .await
    };
    let (CredentialsKind::OAuthTokens, Some(given)) =
        (provider.credentials_kind(), &credentials.credentials_data)
    else {
        check(&credentials).await?;
        return Ok((credentials, None));
    };
    let now = app.clock().now();
    let tokens = OAuthTokens::parse("credentialsData", given, now)?;
    if tokens.expires > now {
        let credentials = Credentials::of_tokens(&tokens)?;
        match check(&credentials).await {
            Err(error) if error.kind() == ErrorKind::AccessExpired => {}
            outcome => return outcome.map(|()| (credentials, None)),
        }
    }
    // A renewal proves as much as the cheapest call does, and may have spent the token that was given:
    // from here on, what was received is stored.
    let keys = app.secrets().keys().await?;
    let client = app.providers().oauth(provider, keys.app(provider)?)?;
    let time = deadline::left_or(RENEWAL_TIME).saturating_sub(STORE_RESERVE);
    let renewed = client.refresh(&tokens.refresh_token, now, time).await;
    let renewed = renewed.map_err(|refusal| match refusal.verdict() {
        Verdict::Permanent => {
            Error::access("The storage provider refused the credentials.").because(refusal)
        }
        Verdict::Transient | Verdict::Ours => refusal.into_unavailable(),
    })?;
    Ok((Credentials::of_tokens(&renewed)?, Some(renewed)))
}

/// Reads the credentials; those that the provider needs must be there. Empty is not there: clients
/// post whole objects back.
fn parse_credentials(provider: CloudProvider, body: &InsertRequest) -> Result<Credentials> {
    let secret = |field: &str, value: &Option<SecretString>, max: usize| match value {
        Some(value) if !value.expose_secret().is_empty() => {
            parse_opaque(field, value.expose_secret(), max).map(|value| Some(value.into()))
        }
        _ => Ok(None),
    };
    let credentials = Credentials {
        access_key: secret("accessKey", &body.access_key, ACCESS_KEY_BYTES_MAX)?,
        secret_key: secret("secretKey", &body.secret_key, SECRET_KEY_BYTES_MAX)?,
        credentials_data: parse_credentials_data(body.credentials_data.as_ref())?,
    };
    let needed: &[(&str, bool)] = match provider.credentials_kind() {
        CredentialsKind::Keys => &[
            ("accessKey", credentials.access_key.is_some()),
            ("secretKey", credentials.secret_key.is_some()),
        ],
        CredentialsKind::OAuthTokens => {
            &[("credentialsData", credentials.credentials_data.is_some())]
        }
    };
    match needed.iter().find(|(_, there)| !there) {
        Some((field, _)) => Err(Error::invalid(field, "is required for this cloudType")),
        None => Ok(credentials),
    }
}

/// JSON may have line breaks; what is in it is read where it is used.
fn parse_credentials_data(text: Option<&SecretString>) -> Result<Option<SecretString>> {
    match text.filter(|text| !text.expose_secret().is_empty()) {
        Some(text) if text.expose_secret().len() > CREDENTIALS_DATA_BYTES_MAX => Err(
            Error::invalid("credentialsData", "must be at most 16384 bytes"),
        ),
        text => Ok(text.cloned()),
    }
}

fn parse_service_url(
    app: &App,
    provider: CloudProvider,
    text: Option<&str>,
) -> Result<Option<String>> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => {
            let url = ServiceUrl::parse("serviceUrl", text, app.providers().egress_policy())?;
            Ok(Some(url.as_str().to_owned()))
        }
        None if provider.needs_service_url() => Err(Error::invalid(
            "serviceUrl",
            "is required for this cloudType",
        )),
        None => Ok(None),
    }
}
