//! Links of ours to objects, stored under the hash of what the URL holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cloud_accounts::StoredCloudAccount;
use super::table::{self, Key};
use super::users::read_user;
use super::{Database, write_item};
use crate::domain::ids::{CloudAccountId, UserId};
use crate::domain::link::LinkId;
use crate::domain::storage::{ContentType, ObjectAddress, ObjectKey, path_of_key};
use crate::domain::user::Caller;
use crate::domain::{Error, Result};

/// A link: who made it, to what, for what, until when.
#[derive(Debug, Clone)]
pub struct Link {
    /// Who made it; it ends when they may no longer see the cloud account.
    pub user_id: UserId,
    /// Where the object is.
    pub cloud_account_id: CloudAccountId,
    /// The object.
    pub object: ObjectAddress,
    /// What the link is good for.
    pub purpose: LinkPurpose,
    /// When it ends.
    pub expires: Timestamp,
}

/// What a link is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To read the object.
    Download {
        /// Browsers save it under its name instead of showing it.
        attachment: bool,
    },
    /// To store one body as the object, as often as one likes.
    Upload {
        /// What the body is.
        content_type: ContentType,
    },
}

#[derive(Serialize, Deserialize)]
struct LinkRecord {
    user_id: UserId,
    cloud_account_id: CloudAccountId,
    bucket: String,
    object_id: String,
    object_key: String,
    purpose: PurposeRecord,
    expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PurposeRecord {
    Download { attachment: bool },
    Upload { content_type: String },
}

impl Database {
    /// Stores a link.
    pub async fn create_link(&self, id: &LinkId, link: &Link) -> Result<()> {
        let hash = id.hash();
        let record = LinkRecord {
            user_id: link.user_id,
            cloud_account_id: link.cloud_account_id,
            bucket: link.object.bucket.clone(),
            object_id: link.object.id.clone(),
            object_key: link.object.key.as_str().to_owned(),
            purpose: match &link.purpose {
                LinkPurpose::Download { attachment } => PurposeRecord::Download {
                    attachment: *attachment,
                },
                LinkPurpose::Upload { content_type } => PurposeRecord::Upload {
                    content_type: content_type.as_str().to_owned(),
                },
            },
            expires: link.expires,
        };
        let mut item = write_item(&Key::link(&hash), &record)?;
        item.extend(table::links_of(link.cloud_account_id, &hash));
        item.extend([table::ttl(link.expires)]);
        self.put(item).await
    }

    /// A link that is good now, with the cloud account behind it. Errors: `NotFound` for one that
    /// never was, `LinkEnded` for one whose time is over, whose cloud account is disconnected, or
    /// whose maker may no longer use it.
    pub async fn link(&self, id: &LinkId) -> Result<(Link, StoredCloudAccount)> {
        let record: Option<LinkRecord> = self.get(&Key::link(&id.hash())).await?;
        let record = record.ok_or_else(Error::not_found)?;
        if record.expires <= self.clock.now() {
            return Err(Error::link_ended());
        }
        let (mut user, mut account) = (None, None);
        let wanted = [
            Key::user(record.user_id),
            Key::cloud_account(record.cloud_account_id),
        ];
        for item in self.get_all(&wanted).await? {
            let is_user = item
                .get("pk")
                .and_then(|pk| pk.as_s().ok())
                .is_some_and(|pk| pk.starts_with("USER#"));
            *(if is_user { &mut user } else { &mut account }) = Some(item);
        }
        let user = read_user(user.ok_or_else(Error::link_ended)?)?;
        let account = StoredCloudAccount::read(account.ok_or_else(Error::link_ended)?)
            .map_err(|_| Error::link_ended())?;
        let maker = Caller {
            user_id: user.id,
            account_id: user.account_id,
            user_type: user.user_type,
        };
        if !user.active || !account.ownership().visible_to(&maker) {
            return Err(Error::link_ended());
        }
        let link = Link {
            user_id: record.user_id,
            cloud_account_id: record.cloud_account_id,
            object: ObjectAddress {
                bucket: record.bucket,
                id: record.object_id,
                key: ObjectKey::parse("key", &path_of_key(&record.object_key))?,
            },
            purpose: match record.purpose {
                PurposeRecord::Download { attachment } => LinkPurpose::Download { attachment },
                PurposeRecord::Upload { content_type } => LinkPurpose::Upload {
                    content_type: ContentType::parse("contentType", &content_type)?,
                },
            },
            expires: record.expires,
        };
        Ok((link, account))
    }
}
