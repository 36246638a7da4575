//! The drive behind a record: opened with credentials that are good, and kept open while they are
//! renewed.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::app::App;
use crate::database::StoredCloudAccount;
use crate::deadline;
use crate::domain::cloud_account::{CloudAccount, CloudProvider, CredentialsKind};
use crate::domain::oauth_tokens::OAuthTokens;
use crate::domain::storage::{
    Bucket, Capabilities, CloudStorage, Content, ContentType, Description, Download,
    DownloadOptions, FolderAddress, FolderName, ListRequest, ObjectAddress, Offer, Page,
    UploadOptions, UploadTarget,
};
use crate::domain::{Error, ErrorKind, Result};

/// A vendor has so long to end a grant.
const END_TIME: Duration = Duration::from_secs(8);
/// What is kept of a request's time to answer it.
const ANSWER_RESERVE: Duration = Duration::from_secs(2);

/// Opens the drive of `stored`. Where its credentials expire, they are renewed first if they are due,
/// and once more if the provider refuses them all the same. Errors: as [`CloudStorage`] has them, and
/// `AccessRefused` for a connection that is dead.
pub async fn open(app: &App, stored: StoredCloudAccount) -> Result<Box<dyn CloudStorage>> {
    let account = app.refresher().usable(stored).await?;
    if let Some(prefix) = &account.demo_prefix {
        let drive = app.demo_bucket()?.drive(prefix, account.created);
        return Ok(Box::new(drive));
    }
    let drive = app.providers().open(&account)?;
    Ok(match account.provider.credentials_kind() {
        CredentialsKind::Keys => drive,
        CredentialsKind::OAuthTokens => Box::new(Renewing {
            app: app.clone(),
            account,
            drive,
        }),
    })
}

/// Stores a new cloud account, with the connection that it takes. `give_back`: tokens that nobody else
/// holds; if the account is not stored, their grant is ended.
pub async fn store(
    app: &App,
    account: &CloudAccount,
    give_back: Option<&OAuthTokens>,
) -> Result<()> {
    let database = app.database();
    let Err(error) = database.insert_cloud_account(app.secrets(), account).await else {
        return Ok(());
    };
    match database.cloud_account(account.id).await {
        // It was stored after all, and the answer was lost.
        Ok(_) => return Ok(()),
        Err(absent) if absent.kind() == ErrorKind::NotFound => {
            if let Some(tokens) = give_back {
                let ended = end(app, account.provider, tokens);
                log_failure(timely(ended).await);
            }
        }
        // Nobody knows: what may be stored is not ended.
        Err(_) => {}
    }
    Err(error)
}

/// Ends the grant behind `stored` at its vendor, after the account was disconnected. Where that fails
/// it is logged: the tokens are no longer stored, so nobody can use the grant.
pub async fn end_grant(app: &App, stored: StoredCloudAccount) {
    if stored.provider().credentials_kind() == CredentialsKind::OAuthTokens {
        log_failure(timely(end_stored(app, stored)).await);
    }
}

async fn end_stored(app: &App, stored: StoredCloudAccount) -> Result<()> {
    let account = stored.open(app.secrets()).await?;
    end(app, account.provider, &account.tokens()?).await
}

async fn end(app: &App, provider: CloudProvider, tokens: &OAuthTokens) -> Result<()> {
    let keys = app.secrets().keys().await?;
    let client = app.providers().oauth(provider, keys.app(provider)?)?;
    client.revoke(tokens, app.clock().now()).await
}

/// What is done already must be answered in time, however slow the vendor is.
async fn timely(work: impl Future<Output = Result<()>>) -> Result<()> {
    let time = deadline::left_or(END_TIME).saturating_sub(ANSWER_RESERVE);
    tokio::time::timeout(time.min(END_TIME), work)
        .await
        .unwrap_or_else(|_| Err(Error::unavailable("the vendor took too long")))
}

fn log_failure(outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(
            cause = error.causes(),
            text = error.public(),
            "a grant was not ended"
        );
    }
}

/// A drive whose access token may end before its time: the provider revoked it, or its clock is
/// ahead.
struct Renewing {
    app: App,
    account: CloudAccount,
    drive: Box<dyn CloudStorage>,
}

impl Renewing {
    async fn renewed(&self) -> Result<Box<dyn CloudStorage>> {
        let account = self.app.refresher().instead_of(&self.account).await?;
        self.app.providers().open(&account)
    }
}

/// Makes a call, and once more on a renewed drive if the access token was refused: what was refused
/// was not done.
macro_rules! renewing {
    ($self:ident, $drive:ident => $call:expr) => {{
        let $drive = &$self.drive;
        match $call.await {
            Err(error) if error.kind() == ErrorKind::AccessExpired => {
                let $drive = $self.renewed().await?;
                $call.await
            }
            outcome => outcome,
        }
    }};
}

#[async_trait]
impl CloudStorage for Renewing {
    fn capabilities(&self) -> &'static Capabilities {
        self.drive.capabilities()
    }

    async fn check_credentials(&self) -> Result<()> {
        renewing!(self, drive => drive.check_credentials())
    }

    async fn list_buckets(&self, with_region: bool) -> Result<Vec<Bucket>> {
        renewing!(self, drive => drive.list_buckets(with_region))
    }

    async fn list_objects(&self, request: &ListRequest) -> Result<Page> {
        renewing!(self, drive => drive.list_objects(request))
    }

    async fn create_folder(&self, parent: &FolderAddress, name: &FolderName) -> Result<()> {
        renewing!(self, drive => drive.create_folder(parent, name))
    }

    async fn delete_object(&self, object: &ObjectAddress) -> Result<()> {
        renewing!(self, drive => drive.delete_object(object))
    }

    async fn describe(&self, object: &ObjectAddress) -> Result<Description> {
        renewing!(self, drive => drive.describe(object))
    }

    async fn download_url(
        &self,
        object: &ObjectAddress,
        options: &DownloadOptions,
    ) -> Result<Offer> {
        renewing!(self, drive => drive.download_url(object, options))
    }

    async fn upload_url(&self, object: &ObjectAddress, options: &UploadOptions) -> Result<Offer> {
        renewing!(self, drive => drive.upload_url(object, options))
    }

    async fn download(&self, object: &ObjectAddress, request: &Download) -> Result<Content> {
        renewing!(self, drive => drive.download(object, request))
    }

    async fn upload_target(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        size: Option<u64>,
    ) -> Result<UploadTarget> {
        renewing!(self, drive => drive.upload_target(object, content_type, size))
    }

    async fn upload(
        &self,
        object: &ObjectAddress,
        content_type: &ContentType,
        body: Bytes,
    ) -> Result<()> {
        renewing!(self, drive => drive.upload(object, content_type, body.clone()))
    }
}
