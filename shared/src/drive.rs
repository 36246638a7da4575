//! The drive behind a record: opened with credentials that are good, and kept open while they are
//! renewed.

use async_trait::async_trait;
use bytes::Bytes;

use crate::app::App;
use crate::database::StoredCloudAccount;
use crate::domain::cloud_account::{CloudAccount, CredentialsKind};
use crate::domain::storage::{
    Bucket, Capabilities, CloudStorage, Content, ContentType, Download, DownloadOptions,
    FolderAddress, FolderName, ListRequest, ObjectAddress, Offer, Page, UploadOptions,
    UploadTarget,
};
use crate::domain::{ErrorKind, Result};

/// Opens the drive of `stored`. Where its credentials expire, they are renewed first if they are due,
/// and once more if the provider refuses them all the same. Errors: as [`CloudStorage`] has them, and
/// `AccessRefused` for a connection that is dead.
pub async fn open(app: &App, stored: StoredCloudAccount) -> Result<Box<dyn CloudStorage>> {
    let account = app.refresher().fresh(stored).await?;
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

/// Ends the grant behind `stored` at its vendor, after the account was disconnected. Where that fails
/// it is logged: the tokens are no longer stored, so nobody can use the grant.
pub async fn end_grant(app: &App, stored: StoredCloudAccount) {
    if stored.provider().credentials_kind() == CredentialsKind::OAuthTokens
        && let Err(error) = try_end_grant(app, stored).await
    {
        tracing::warn!(
            cause = error.causes(),
            text = error.public(),
            "a grant was not ended"
        );
    }
}

async fn try_end_grant(app: &App, stored: StoredCloudAccount) -> Result<()> {
    let account = stored.open(app.secrets()).await?;
    let tokens = account.tokens()?;
    let keys = app.secrets().keys().await?;
    let client = app
        .providers()
        .oauth(account.provider, keys.app(account.provider)?)?;
    client.revoke(&tokens, app.clock().now()).await;
    Ok(())
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
