//! `PUT /api/v1/desktop/update_accountlogsetting`

use axum::Json as Answer;
use axum::extract::State;
use secrecy::SecretString;
use serde::Deserialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::ids::LogSettingId;
use shared::domain::log_setting::LogSetting;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire::{LogSettingAnswer, LogTargetRequest};

/// What the endpoint takes: as setup, plus the id. Written out, since a flattened struct would lose
/// which field an error is about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRequest {
    id: String,
    token: SecretString,
    server_address: String,
    service_port: String,
    active: bool,
    provider: u32,
}

/// Changes where the account's logs go; `NOT_FOUND` if the account has no setting with this id.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<UpdateRequest>,
) -> Result<Answer<LogSettingAnswer>> {
    let id = LogSettingId::parse("id", &body.id)?;
    let UpdateRequest {
        token,
        server_address,
        service_port,
        active,
        provider,
        ..
    } = body;
    let target = LogTargetRequest {
        token,
        server_address,
        service_port,
        active,
        provider,
    }
    .parse()?;
    let caller = session.caller(&app).await?;
    let setting = LogSetting {
        id,
        account_id: caller.account_id,
        target,
    };
    app.database()
        .update_log_setting(app.secrets(), &setting)
        .await?;
    Ok(Answer(setting.into()))
}
