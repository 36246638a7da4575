//! Ways through vendors' consent pages, each good for one callback.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::error::unavailable;
use super::seal::{self, Place};
use super::table::{self, Key};
use super::{Database, number, read_item, string, write_item};
use crate::domain::Result;
use crate::domain::cloud_account::CloudProvider;
use crate::domain::ids::{StateId, UserId};
use crate::domain::redirect_url::RedirectUrl;
use crate::secrets::Secrets;

/// What a consent was asked for with.
#[derive(Debug)]
pub struct OAuthState {
    /// Who asked.
    pub user_id: UserId,
    /// Whose consent page it is.
    pub provider: CloudProvider,
    /// What the cloud account will be called.
    pub cloud_name: String,
    /// Whether it will be shared.
    pub shared: bool,
    /// Where the vendor sends the browser back to.
    pub redirect_url: RedirectUrl,
    /// The PKCE verifier.
    pub verifier: SecretString,
    /// When the way closes.
    pub expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct StateRecord {
    user_id: UserId,
    provider: CloudProvider,
    cloud_name: String,
    shared: bool,
    redirect_url: String,
    verifier: String,
    expires_ms: i64,
}

const VERIFIER: &str = "verifier";

impl Database {
    /// Opens a way.
    pub async fn open_oauth_state(
        &self,
        secrets: &Secrets,
        id: StateId,
        state: &OAuthState,
    ) -> Result<()> {
        let key = Key::oauth_state(id);
        let place = Place {
            key: &key,
            attribute: VERIFIER,
        };
        let record = StateRecord {
            user_id: state.user_id,
            provider: state.provider,
            cloud_name: state.cloud_name.clone(),
            shared: state.shared,
            redirect_url: state.redirect_url.as_str().to_owned(),
            verifier: seal::seal(&*secrets.keys().await?, place, &state.verifier)?,
            expires_ms: state.expires.as_millisecond(),
        };
        let mut item = write_item(&key, &record)?;
        item.extend([table::ttl(state.expires)]);
        self.put(item).await
    }

    /// Closes a way: what it was opened with, if it is still open and was opened by this user for
    /// this provider and redirect URL. Of all who try, exactly one reads it.
    pub async fn close_oauth_state(
        &self,
        secrets: &Secrets,
        id: StateId,
        user_id: UserId,
        provider: CloudProvider,
        redirect_url: &RedirectUrl,
    ) -> Result<Option<OAuthState>> {
        let key = Key::oauth_state(id);
        // Names the attempt, so that the SDK's own repeat finds its own work and no second use.
        let attempt = Uuid::new_v4().to_string();
        let closed = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression("SET used_by = :attempt")
            .condition_expression(
                "(attribute_not_exists(used_by) OR used_by = :attempt) AND user_id = :user \
                 AND provider = :provider AND redirect_url = :redirect AND expires_ms > :now",
            )
            .expression_attribute_values(":attempt", string(attempt))
            .expression_attribute_values(":user", string(user_id.to_string()))
            .expression_attribute_values(":provider", number(u32::from(provider)))
            .expression_attribute_values(":redirect", string(redirect_url.as_str()))
            .expression_attribute_values(":now", number(self.clock.now().as_millisecond()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        let item = match closed {
            Ok(closed) => closed.attributes.unwrap_or_default(),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(unavailable(error)),
        };
        let record: StateRecord = read_item(item)?;
        let keys = seal::keys_for(secrets, [&record.verifier].into_iter()).await?;
        let place = Place {
            key: &key,
            attribute: VERIFIER,
        };
        Ok(Some(OAuthState {
            user_id: record.user_id,
            provider: record.provider,
            cloud_name: record.cloud_name,
            shared: record.shared,
            redirect_url: redirect_url.clone(),
            verifier: seal::open(&keys, place, &record.verifier)?,
            expires: Timestamp::from_millisecond(record.expires_ms).unwrap_or_default(),
        }))
    }
}
