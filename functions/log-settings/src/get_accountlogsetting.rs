//! `GET /api/v1/desktop/get_accountlogsetting`

use axum::Json as Answer;
use axum::extract::State;
use shared::app::App;
use shared::domain::Result;
use shared::web::auth::Session;

use crate::wire::LogSettingAnswer;

/// Where the account's logs go, or `null`.
pub async fn handle(
    State(app): State<App>,
    session: Session,
) -> Result<Answer<Option<LogSettingAnswer>>> {
    let caller = session.caller(&app).await?;
    let setting = app
        .database()
        .log_setting(app.secrets(), caller.account_id)
        .await?;
    Ok(Answer(setting.map(LogSettingAnswer::from)))
}
