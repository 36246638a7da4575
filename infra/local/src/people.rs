//! What the service knows of one person, under `/_local/users`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::app::App;
use shared::domain::Result;
use shared::domain::email::EmailAddress;
use shared::domain::ids::{AccountId, CloudAccountId, SharedCloudDriveId, UserId};
use shared::domain::shared_cloud_drive::{DriveType, SharedCloudDrive, SyncType};
use shared::domain::user::{User, UserType};
use shared::web::cloud_account::CloudAccountAnswer;

/// A user, with the cloud accounts and shared cloud drives of their Amove account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonAnswer {
    user: UserAnswer,
    cloud_accounts: Vec<CloudAccountAnswer>,
    shared_cloud_drives: Vec<SharedCloudDriveAnswer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserAnswer {
    id: UserId,
    account_id: AccountId,
    email: String,
    name: String,
    user_type: UserType,
}

/// A shared cloud drive, in the contract's words.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own in the contract"
)]
struct SharedCloudDriveAnswer {
    id: SharedCloudDriveId,
    account_id: AccountId,
    creator_user_id: UserId,
    cloud_account_id: CloudAccountId,
    active: bool,
    name: String,
    prefix: String,
    prefix_id: String,
    storage_id: String,
    storage_name: String,
    objects_per_folder: u32,
    allow_delete: bool,
    local_cache_encrypted: bool,
    cloud_objects_encrypted: bool,
    drive_type: DriveType,
    sync_type: SyncType,
    deleted: bool,
}

/// Who signed up with an address, or 404.
pub(crate) async fn person(State(app): State<App>, Path(email): Path<String>) -> Result<Response> {
    let email = EmailAddress::parse("email", &email)?;
    let Some(user) = app.database().user_by_email(&email).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let mut cloud_accounts = Vec::new();
    for stored in app.database().cloud_accounts_of(user.account_id).await? {
        let account = stored.open(app.secrets()).await?;
        cloud_accounts.push(CloudAccountAnswer::masked(&account));
    }
    let drives = app.database().shared_cloud_drives(user.account_id).await?;
    let answer = PersonAnswer {
        user: UserAnswer::from(user),
        cloud_accounts,
        shared_cloud_drives: drives.into_iter().map(Into::into).collect(),
    };
    Ok(Json(answer).into_response())
}

impl From<User> for UserAnswer {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            account_id: user.account_id,
            email: user.email.to_string(),
            name: user.name,
            user_type: user.user_type,
        }
    }
}

impl From<SharedCloudDrive> for SharedCloudDriveAnswer {
    fn from(drive: SharedCloudDrive) -> Self {
        Self {
            id: drive.id,
            account_id: drive.account_id,
            creator_user_id: drive.creator_user_id,
            cloud_account_id: drive.cloud_account_id,
            active: drive.active,
            name: drive.name,
            prefix: drive.prefix,
            prefix_id: drive.prefix_id,
            storage_id: drive.storage_id,
            storage_name: drive.storage_name,
            objects_per_folder: drive.objects_per_folder,
            allow_delete: drive.allow_delete,
            local_cache_encrypted: drive.local_cache_encrypted,
            cloud_objects_encrypted: drive.cloud_objects_encrypted,
            drive_type: drive.drive_type,
            sync_type: drive.sync_type,
            deleted: drive.deleted,
        }
    }
}
