//! The flow that all vendors share: a person is asked, and what they answer is turned into a cloud
//! account.

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::app::App;
use shared::database::OAuthState;
use shared::domain::cloud_account::{CloudAccount, CloudProvider, Credentials};
use shared::domain::ids::{CloudAccountId, StateId};
use shared::domain::redirect_url::RedirectUrl;
use shared::domain::text::{parse_name, parse_opaque, shown};
use shared::domain::user::Caller;
use shared::domain::{Error, Result};
use shared::drive;
use shared::providers::oauth;
use shared::web::auth::Session;

/// A consent page may be open for so long.
const STATE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// An authorization code: at most this many bytes. Microsoft's have about 1,500.
const CODE_BYTES_MAX: usize = 4_096;
/// Of a vendor's error, at most so many characters are passed on.
const ERROR_CHARS_MAX: usize = 512;

/// What `generate_…_authorization_url` takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizationUrlRequest {
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    cloud_name: String,
    shared: Option<bool>,
}

/// What `…_authorization_callback` takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallbackRequest {
    code: Option<SecretString>,
    state: String,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    error: Option<String>,
    error_description: Option<String>,
}

/// The URL where the person is asked.
pub(crate) async fn ask(
    app: &App,
    session: &Session,
    provider: CloudProvider,
    body: AuthorizationUrlRequest,
) -> Result<String> {
    let redirect_url = RedirectUrl::parse(
        "redirectURL",
        &body.redirect_url,
        &app.config().redirect_urls,
    )?;
    let cloud_name = parse_name("cloudName", &body.cloud_name)?;
    let caller = session.caller(app).await?;

    let now = app.clock().now();
    let (id, expires) = (StateId::new(now), now + STATE_LIFETIME);
    let state = OAuthState {
        user_id: caller.user_id,
        provider,
        cloud_name,
        shared: body.shared.unwrap_or_default(),
        redirect_url,
        verifier: oauth::new_verifier()?,
        expires,
    };
    let keys = app.secrets().keys().await?;
    let client = app.providers().oauth(provider, keys.app(provider)?)?;
    let token = app.tokens().oauth_state(id, expires).await?;
    let url = client.authorization_url(&state.redirect_url, token, &state.verifier)?;
    app.database()
        .open_oauth_state(app.secrets(), id, &state)
        .await?;
    Ok(url)
}

/// The cloud account that the person's answer makes.
pub(crate) async fn connect(
    app: &App,
    session: &Session,
    provider: CloudProvider,
    body: CallbackRequest,
) -> Result<CloudAccount> {
    let caller = session.caller(app).await?;
    let state = close_state(app, &caller, provider, &body).await?;
    if let Some(error) = body.error.filter(|error| !error.is_empty()) {
        return Err(consent_refused(&error, body.error_description.as_deref()));
    }
    let code = parse_code(body.code)?;

    let keys = app.secrets().keys().await?;
    let client = app.providers().oauth(provider, keys.app(provider)?)?;
    let tokens = client
        .exchange(
            code,
            &state.redirect_url,
            &state.verifier,
            app.clock().now(),
        )
        .await?;

    let now = app.clock().now();
    let account = CloudAccount {
        id: CloudAccountId::new(now),
        account_id: caller.account_id,
        user_id: caller.user_id,
        provider,
        name: state.cloud_name,
        credentials: Credentials::of_tokens(&tokens)?,
        service_url: None,
        active: true,
        inactive_reason: None,
        shared: state.shared,
        internal_storage: false,
        demo_prefix: None,
        created: now,
    };
    drive::store(app, &account, Some(&tokens)).await?;
    Ok(account)
}

/// What the person was asked with. Whatever does not fit is one answer, and nothing is exchanged.
async fn close_state(
    app: &App,
    caller: &Caller,
    provider: CloudProvider,
    body: &CallbackRequest,
) -> Result<OAuthState> {
    let id = app
        .tokens()
        .read_oauth_state(&body.state)
        .await?
        .map_err(|_| Error::state())?;
    let redirect_url = RedirectUrl::parse(
        "redirectURL",
        &body.redirect_url,
        &app.config().redirect_urls,
    )
    .map_err(|_| Error::state())?;
    app.database()
        .close_oauth_state(app.secrets(), id, caller.user_id, provider, &redirect_url)
        .await?
        .ok_or_else(Error::state)
}

fn parse_code(code: Option<SecretString>) -> Result<SecretString> {
    let code = code.ok_or_else(|| Error::invalid("code", "is missing"))?;
    parse_opaque("code", code.expose_secret(), CODE_BYTES_MAX).map(SecretString::from)
}

/// The vendor's words, which may as well be those of whoever made the callback.
fn consent_refused(error: &str, description: Option<&str>) -> Error {
    let description = description.filter(|text| !text.is_empty());
    let text = match description {
        Some(description) => format!("{error}: {description}"),
        None => error.to_owned(),
    };
    Error::consent_refused(shown(&text, ERROR_CHARS_MAX))
}
