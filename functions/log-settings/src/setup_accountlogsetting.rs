//! `POST /api/v1/desktop/setup_accountlogsetting`

use axum::Json as Answer;
use axum::extract::State;
use shared::app::App;
use shared::domain::Result;
use shared::domain::ids::LogSettingId;
use shared::domain::log_setting::LogSetting;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire::{LogSettingAnswer, LogTargetRequest};

/// Sets where the account's logs go; `DUPLICATE` if that is set already.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<LogTargetRequest>,
) -> Result<Answer<LogSettingAnswer>> {
    let target = body.parse()?;
    let caller = session.caller(&app).await?;
    let setting = LogSetting {
        id: LogSettingId::new(app.clock().now()),
        account_id: caller.account_id,
        target,
    };
    app.database()
        .create_log_setting(app.secrets(), &setting)
        .await?;
    Ok(Answer(setting.into()))
}
