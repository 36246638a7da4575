//! What a page saw a person do.

use http::StatusCode;
use shared::app::App;
use shared::database::Gesture;
use shared::domain::Result;
use shared::domain::link::LinkId;

pub(crate) async fn count(app: &App, id: &str, gesture: Gesture) -> Result<StatusCode> {
    let id = LinkId::parse(id)?;
    app.database().count_gesture(&id, gesture).await?;
    Ok(StatusCode::NO_CONTENT)
}
