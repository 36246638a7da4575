//! `DELETE /api/v1/desktop/delete?id=UUID`

use axum::Json as Answer;
use axum::extract::{Query, State};
use shared::app::App;
use shared::domain::ids::CloudAccountId;
use shared::domain::{Error, Result};
use shared::drive;
use shared::web::auth::Session;

/// Disconnects a cloud account: its credentials are destroyed, its connection is released, and an
/// OAuth grant is ended at the provider, if the provider has a way to and answers.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Answer<bool>> {
    let id = parse_id(&query)?;
    let account = session.cloud_account(&app, id).await?;
    let deleted = app.database().delete_cloud_account(account).await?;
    drive::end_grant(&app, deleted).await;
    Ok(Answer(true))
}

/// The one `id` of the query. Two would leave open which one is meant.
fn parse_id(query: &[(String, String)]) -> Result<CloudAccountId> {
    let mut ids = query.iter().filter(|(name, _)| name == "id");
    match (ids.next(), ids.next()) {
        (Some((_, id)), None) => CloudAccountId::parse("id", id),
        (Some(_), Some(_)) => Err(Error::invalid("id", "is there twice")),
        (None, _) => Err(Error::invalid("id", "is missing")),
    }
}
