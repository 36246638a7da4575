//! What only the local runner serves, under `/_local`.

use axum::extract::{Path, State};
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::connections::{Connections, Subscription};
use shared::domain::ids::{AccountId, CloudAccountId};
use simulators::aws::mailbox_page;

use crate::Aws;

/// The index, the mailbox, and what the API itself does not show.
pub(crate) fn router(app: App, aws: &Aws) -> Router {
    let pages = Router::new()
        .route("/_local", get(index))
        .route("/_local/accounts/{account}/connections", get(connections))
        .with_state(app);
    match aws {
        Aws::Embedded(embedded) => pages.merge(mailbox_page::router(embedded.mailbox.clone())),
        Aws::Outside(_) => pages,
    }
}

async fn index() -> Html<&'static str> {
    Html(include_str!("index.html"))
}

/// An Amove account's connections, oldest first.
#[derive(Serialize)]
struct ConnectionsAnswer {
    count: u64,
    free: Vec<CloudAccountId>,
    paid: Vec<CloudAccountId>,
}

async fn connections(
    State(app): State<App>,
    Path(account): Path<String>,
) -> Result<Json<ConnectionsAnswer>> {
    let account = AccountId::parse("account", &account)?;
    let count = app.database().connection_count(account).await?;
    let subscriptions = app.database().subscriptions(account).await?;
    let Connections { free, paid } =
        Connections::divide(subscriptions, app.config().connections_free_max);
    let ids = |list: Vec<Subscription>| list.into_iter().map(|one| one.cloud_account_id).collect();
    Ok(Json(ConnectionsAnswer {
        count,
        free: ids(free),
        paid: ids(paid),
    }))
}
