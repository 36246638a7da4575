//! `DELETE /api/v1/desktop/delete_accountlogsetting`

use axum::extract::State;
use shared::app::App;
use shared::domain::Result;
use shared::web::auth::Session;

/// Deletes the account's log setting; `NOT_FOUND` if there is none.
pub async fn handle(State(app): State<App>, session: Session) -> Result<()> {
    let caller = session.caller(&app).await?;
    app.database().delete_log_setting(caller.account_id).await
}
