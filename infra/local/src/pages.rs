//! What only the local runner serves, under `/_local`.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::connections::{Connections, Subscription};
use shared::domain::ids::{AccountId, CloudAccountId};
use simulators::aws::mailbox_page;

use crate::{Aws, people};

/// The index, the mailbox, and what the API itself does not show.
pub(crate) fn router(app: App, aws: &Aws) -> Router {
    let pages = Router::new()
        .route("/_local", get(index))
        .route("/_local/callback", get(callback))
        .route("/_local/accounts/{account}/connections", get(connections))
        .route("/_local/users/{email}", get(people::person))
        .with_state(app);
    match aws {
        Aws::Embedded(embedded) => pages.merge(mailbox_page::router(embedded.mailbox.clone())),
        Aws::Outside(_) => pages,
    }
}

async fn index() -> Html<&'static str> {
    Html(include_str!("index.html"))
}

#[derive(Template)]
#[template(path = "callback.html")]
struct CallbackPage {
    answer: Vec<(String, String)>,
}

/// Where a vendor's consent page may send the browser back to: shows what it was sent with, for the
/// person to pass on.
async fn callback(Query(answer): Query<Vec<(String, String)>>) -> Response {
    match (CallbackPage { answer }).render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
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
