//! `POST /api/v1/desktop/list_buckets`

use axum::Json as Answer;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::app::App;
use shared::domain::Result;
use shared::domain::ids::CloudAccountId;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListBucketsRequest {
    cloud_account_id: String,
    include_region: Option<bool>,
}

/// What the endpoint answers. Every bucket is in it, so there is nothing to continue.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListBucketsAnswer {
    data: Vec<Bucket>,
    continuation_token: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bucket {
    id: String,
    name: String,
    region: Option<String>,
    create_date: Option<Timestamp>,
}

/// The buckets that the account's credentials show.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<ListBucketsRequest>,
) -> Result<Answer<ListBucketsAnswer>> {
    let id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let drive = wire::open(&app, &session, id).await?;
    let buckets = drive
        .list_buckets(body.include_region.unwrap_or(true))
        .await?;
    let data = buckets
        .into_iter()
        .map(|bucket| Bucket {
            id: bucket.id,
            name: bucket.name,
            region: bucket.region,
            create_date: bucket.created,
        })
        .collect();
    Ok(Answer(ListBucketsAnswer {
        data,
        continuation_token: "",
    }))
}
