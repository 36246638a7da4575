//! Links of ours to objects, stored under the hash of what the URL holds.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cloud_accounts::StoredCloudAccount;
use super::error::unavailable;
use super::table::{self, Key};
use super::transaction::Outcome;
use super::users::read_user;
use super::{Database, Item, number, write_item};
use crate::domain::ids::{CloudAccountId, UserId};
use crate::domain::link::LinkId;
use crate::domain::storage::{ContentType, ObjectAddress, ObjectKey, path_of_key};
use crate::domain::user::User;
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
    /// To look at the object on a page of ours, and to read it: what is sent by mail.
    Share(SharedFile),
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

/// What a page tells about a file without asking its provider: as it was when it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// What it is, as the provider said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// A link that is good now.
pub struct LiveLink {
    /// The link.
    pub link: Link,
    /// The cloud account behind it.
    pub account: StoredCloudAccount,
    /// Who made it.
    pub maker: User,
}

/// What people do with a shared file.
#[derive(Debug, Clone, Copy)]
pub enum Gesture {
    /// Look at its page.
    View,
    /// Take it away.
    Download,
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
    Share(SharedFile),
    Download { attachment: bool },
    Upload { content_type: String },
}

impl Database {
    /// Stores a link.
    pub async fn create_link(&self, id: &LinkId, link: &Link) -> Result<()> {
        self.put(link_item(id, link)?).await
    }

    /// Stores links to one thing, all of them or none: at most ten.
    pub async fn create_links(&self, ids: &[LinkId], link: &Link) -> Result<()> {
        let mut transaction = self.transaction();
        for id in ids {
            transaction = transaction.create(link_item(id, link)?)?;
        }
        match transaction.commit().await? {
            Outcome::Committed => Ok(()),
            Outcome::Refused => Err(Error::internal("a new link met an old one")),
        }
    }

    /// Forgets links that nobody was told of: at most ten.
    pub async fn forget_links<'a>(&self, ids: impl Iterator<Item = &'a LinkId>) -> Result<()> {
        let mut transaction = self.transaction();
        for id in ids {
            transaction = transaction.discard(&Key::link(&id.hash()))?;
        }
        transaction.commit().await.map(|_| ())
    }

    /// Counts what somebody did with a shared file. It is for the record: no link ends of it. Errors:
    /// `NotFound` for a link that is none, or no shared file's.
    pub async fn count_gesture(&self, id: &LinkId, gesture: Gesture) -> Result<()> {
        let counter = match gesture {
            Gesture::View => "views",
            Gesture::Download => "downloads",
        };
        let outcome = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::link(&id.hash()).attributes()))
            .update_expression("ADD #counter :one")
            .condition_expression("attribute_exists(purpose.#share)")
            .expression_attribute_names("#counter", counter)
            .expression_attribute_names("#share", "share")
            .expression_attribute_values(":one", number(1))
            .send()
            .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Err(Error::not_found())
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    /// The parts of [`Database::live_link`] that its content needs.
    pub async fn link(&self, id: &LinkId) -> Result<(Link, StoredCloudAccount)> {
        let live = self.live_link(id).await?;
        Ok((live.link, live.account))
    }

    /// A link that is good now, with the cloud account behind it and who made it. Errors: `NotFound` for one that
    /// never was, `LinkEnded` for one whose time is over, whose cloud account is disconnected, or
    /// whose maker may no longer use it.
    pub async fn live_link(&self, id: &LinkId) -> Result<LiveLink> {
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
        let maker = read_user(user.ok_or_else(Error::link_ended)?)?;
        let account = StoredCloudAccount::read(account.ok_or_else(Error::link_ended)?)
            .map_err(|_| Error::link_ended())?;
        if !maker.active || !account.ownership().visible_to(&maker.caller()) {
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
                PurposeRecord::Share(file) => LinkPurpose::Share(file),
                PurposeRecord::Download { attachment } => LinkPurpose::Download { attachment },
                PurposeRecord::Upload { content_type } => LinkPurpose::Upload {
                    content_type: ContentType::parse("contentType", &content_type)?,
                },
            },
            expires: record.expires,
        };
        Ok(LiveLink {
            link,
            account,
            maker,
        })
    }
}

fn link_item(id: &LinkId, link: &Link) -> Result<Item> {
    let hash = id.hash();
    let record = LinkRecord {
        user_id: link.user_id,
        cloud_account_id: link.cloud_account_id,
        bucket: link.object.bucket.clone(),
        object_id: link.object.id.clone(),
        object_key: link.object.key.as_str().to_owned(),
        purpose: match &link.purpose {
            LinkPurpose::Share(file) => PurposeRecord::Share(file.clone()),
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
    Ok(item)
}
