//! `POST /api/v1/desktop/list_objects`

use axum::Json as Answer;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::app::App;
use shared::domain::ids::CloudAccountId;
use shared::domain::storage::{
    EntryKind, FolderAddress, FolderPath, ListRequest, PAGE_ENTRIES_MAX,
};
use shared::domain::{Error, Result};
use shared::tokens::Continuation;
use shared::web::auth::Session;
use shared::web::json::Json;

use crate::wire;

/// What the endpoint takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListObjectsRequest {
    cloud_account_id: String,
    id: Option<String>,
    bucket_name: String,
    path: Option<String>,
    continuation_token: Option<String>,
    count: Option<u16>,
}

/// What the endpoint answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListObjectsAnswer {
    data: Vec<Entry>,
    continuation_token: String,
    bucket_name: String,
    path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    name: String,
    path: String,
    size: u64,
    last_modified_utc: Option<Timestamp>,
    r#type: u8,
}

/// One page of the files and folders directly inside a folder.
pub async fn handle(
    State(app): State<App>,
    session: Session,
    Json(body): Json<ListObjectsRequest>,
) -> Result<Answer<ListObjectsAnswer>> {
    let cloud_account_id = CloudAccountId::parse("cloudAccountId", &body.cloud_account_id)?;
    let path = body.path.unwrap_or_else(|| "/".to_owned());
    let folder = FolderAddress {
        bucket: body.bucket_name,
        id: wire::parse_id(body.id)?,
        path: FolderPath::parse("path", &path)?,
    };
    let count = parse_count(body.count)?;
    let place = Place {
        cloud_account_id,
        folder: &folder,
    };
    let cursor = place
        .cursor(&app, body.continuation_token.as_deref())
        .await?;
    let drive = wire::open(&app, &session, cloud_account_id).await?;

    let page = drive
        .list_objects(&ListRequest {
            folder: folder.clone(),
            cursor,
            count,
        })
        .await?;

    let data = page
        .entries
        .into_iter()
        .map(|entry| Entry {
            id: entry.id,
            name: entry.name,
            path: entry.path,
            size: entry.size,
            last_modified_utc: entry.modified,
            r#type: match entry.kind {
                EntryKind::File => 1,
                EntryKind::Folder => 2,
            },
        })
        .collect();
    let continuation_token = place.token(&app, page.next).await?;
    Ok(Answer(ListObjectsAnswer {
        data,
        continuation_token,
        bucket_name: folder.bucket,
        path,
    }))
}

fn parse_count(count: Option<u16>) -> Result<u16> {
    match count.unwrap_or(PAGE_ENTRIES_MAX) {
        count @ 1..=PAGE_ENTRIES_MAX => Ok(count),
        _ => Err(Error::invalid("count", "must be 1 to 1000")),
    }
}

/// What is listed: a continuation token is good for this and nothing else.
struct Place<'a> {
    cloud_account_id: CloudAccountId,
    folder: &'a FolderAddress,
}

impl Place<'_> {
    fn continuation(&self, cursor: String) -> Continuation {
        let FolderAddress { bucket, id, path } = self.folder;
        // Both, since it is the provider that decides which of them it goes by.
        let folder = format!("{id} {}", path.as_str());
        Continuation {
            cloud_account_id: self.cloud_account_id,
            bucket: bucket.clone(),
            folder,
            cursor,
        }
    }

    /// The token of the next page; empty on the last.
    async fn token(&self, app: &App, next: Option<String>) -> Result<String> {
        match next {
            Some(cursor) => app.tokens().continuation(self.continuation(cursor)).await,
            None => Ok(String::new()),
        }
    }

    /// The provider's cursor in `token`; `None` for the first page.
    async fn cursor(&self, app: &App, token: Option<&str>) -> Result<Option<String>> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        let foreign = || {
            Error::invalid(
                "continuationToken",
                "must come from a listing of the same folder",
            )
        };
        let continuation = app
            .tokens()
            .read_continuation(token)
            .await?
            .map_err(|_| foreign())?;
        let here = self.continuation(continuation.cursor.clone());
        if here == continuation {
            Ok(Some(continuation.cursor))
        } else {
            Err(foreign())
        }
    }
}
