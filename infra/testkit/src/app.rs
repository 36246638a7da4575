use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};
use shared::app::App;
use shared::aws::AwsService;
use shared::config::Config;
use shared::web::client::Peer;
use shared::web::serve;
use simulators::aws::control::ControlPlane;
use simulators::aws::dynamodb::DynamoDb;
use simulators::aws::mailbox::Mailbox;
use simulators::aws::s3::S3;
use simulators::drives::{Drives, DrivesServer};
use simulators::google_identity::CLIENT_ID;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::process::json_request;
use crate::{Faults, KeyDocument, Process, Response, TestClock, User};

pub(crate) const TABLE: &str = "desktop-api";
pub(crate) const SECRET: &str = "desktop-api-keys";

/// The access key of the role that the service itself runs under.
pub const ROLE_ACCESS_KEY: &str = "AKIAROLECANARY000001";
/// Its secret key.
pub const ROLE_SECRET_KEY: &str = "canary/secret/of/the/role";
/// The session that its keys belong to.
pub const ROLE_SESSION_TOKEN: &str = "canary/session+token/of/the/role==";
/// The platform's own bucket.
pub const DEMO_BUCKET: &str = "platform-demo-drives";
/// The access key that the embedded S3 knows.
pub const S3_ACCESS_KEY: &str = "AKIATESTCANARY000001";
/// Its secret key.
pub const S3_SECRET_KEY: &str = "canary/secret+key/of/the/embedded/s3";
/// The SES configuration set of the service.
pub const MAIL_CONFIGURATION_SET: &str = "desktop-api-mail";
/// Where the links of ours lead, as far as clients read.
pub const PUBLIC_URL: &str = "https://links.example";
/// A bucket that is there from the start.
pub const BUCKET: &str = "pictures";

/// Every family's routes.
pub fn routes() -> Router<App> {
    signup::routes()
        .merge(auth::routes())
        .merge(cloud_accounts::routes())
        .merge(storage::routes())
        .merge(log_settings::routes())
        .merge(oauth::routes())
        .merge(links::routes())
}

/// The service over embedded servers of its own.
pub struct TestApp {
    router: Router,
    /// The parts of the service.
    pub app: App,
    /// The service's time.
    pub clock: TestClock,
    /// The records.
    pub dynamodb: DynamoDb,
    /// What goes wrong between the service and the records.
    pub faults: Faults,
    /// SES and Secrets Manager.
    pub control: ControlPlane,
    /// What was mailed.
    pub mailbox: Mailbox,
    /// The vendors of the drives that users connect by consent.
    pub drives: Drives,
    drives_server: DrivesServer,
    /// The S3 server that users connect.
    pub s3: S3,
    /// Where that server keeps its buckets.
    pub s3_root: Arc<TempDir>,
    /// The platform's own S3, which knows the role only.
    pub platform_s3: S3,
    _platform_root: TempDir,
    pub(crate) records_config: SdkConfig,
}

impl TestApp {
    /// The service with the settings of a test: loopback may be dialled, answers are not held back.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The service with settings changed by `configure`.
    pub async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let any_port = "127.0.0.1:0".parse().unwrap();
        let dynamodb = DynamoDb::in_memory().await.unwrap();
        dynamodb.create_table(TABLE).unwrap();
        let mailbox = Mailbox::in_memory();
        let control = ControlPlane::start(mailbox.clone(), any_port)
            .await
            .unwrap();
        control.set_secret(SECRET, KeyDocument::new("k1").text());
        let s3_root = Arc::new(TempDir::new().unwrap());
        let s3 = S3::start(s3_root.path(), any_port, S3_ACCESS_KEY, S3_SECRET_KEY)
            .await
            .unwrap();
        s3.create_bucket(BUCKET).unwrap();
        let platform_root = TempDir::new().unwrap();
        let platform_s3 = S3::start(
            platform_root.path(),
            any_port,
            ROLE_ACCESS_KEY,
            ROLE_SECRET_KEY,
        )
        .await
        .unwrap();
        platform_s3.create_bucket(DEMO_BUCKET).unwrap();

        let clock = TestClock::new();
        let time = clock.clone();
        let drives = Drives::new(move || time.now());
        let drives_server = drives.start(any_port).await.unwrap();
        let drives_url = drives_server.url();
        let mut config = Config::from_source(|name| {
            Some(match name {
                "TABLE_NAME" => TABLE.to_owned(),
                "SECRET_ID" => SECRET.to_owned(),
                "MAIL_FROM" => "Desktop <no-reply@desktop.example>".to_owned(),
                "MAIL_CONFIGURATION_SET" => MAIL_CONFIGURATION_SET.to_owned(),
                "EGRESS_ALLOW_LOOPBACK" => "true".to_owned(),
                "ANSWER_STEP_MS" => "0".to_owned(),
                "PUBLIC_URL" => PUBLIC_URL.to_owned(),
                "DEMO_BUCKET" => DEMO_BUCKET.to_owned(),
                "DRIVES_URL" => drives_url.clone(),
                "GOOGLE_CLIENT_IDS" => CLIENT_ID.to_owned(),
                _ => return None,
            })
        })
        .unwrap();
        configure(&mut config);
        let faults = Faults::default();
        let records_config = sdk_config(dynamodb.url());
        let records = faults.on_the_way(&records_config);
        let others = sdk_config(control.url());
        let buckets = sdk_config(platform_s3.url());
        let aws = move |service| match service {
            AwsService::DynamoDb => records.clone(),
            AwsService::SecretsManager | AwsService::Ses => others.clone(),
            AwsService::S3 => buckets.clone(),
        };
        let app = App::over(config, aws, clock.clock());
        Self {
            router: serve(routes(), app.clone()),
            app,
            clock,
            dynamodb,
            faults,
            control,
            mailbox,
            drives,
            drives_server,
            s3,
            s3_root,
            platform_s3,
            _platform_root: platform_root,
            records_config,
        }
    }

    /// Sends a request through the router.
    pub async fn send(&self, request: Request<Body>) -> Response {
        Response::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Sends JSON, or nothing, as somebody or a stranger.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        jwt: Option<&str>,
        body: Option<&Value>,
    ) -> Response {
        self.send(json_request(method, path, jwt, body)).await
    }

    /// The environment of a process of the service over the same servers.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let config = self.app.config();
        let others = self.control.url();
        vec![
            ("TABLE_NAME", config.table_name.clone()),
            ("SECRET_ID", config.secret_id.clone()),
            ("MAIL_FROM", config.mail_from.clone()),
            ("MAIL_CONFIGURATION_SET", MAIL_CONFIGURATION_SET.to_owned()),
            ("EGRESS_ALLOW_LOOPBACK", "true".to_owned()),
            ("ANSWER_STEP_MS", "0".to_owned()),
            ("PUBLIC_URL", PUBLIC_URL.to_owned()),
            ("DEMO_BUCKET", DEMO_BUCKET.to_owned()),
            ("DRIVES_URL", self.drives_url()),
            ("GOOGLE_CLIENT_IDS", config.google_client_ids.join(",")),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", ROLE_ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", ROLE_SECRET_KEY.to_owned()),
            ("AWS_SESSION_TOKEN", ROLE_SESSION_TOKEN.to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.url()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", others.clone()),
            ("AWS_ENDPOINT_URL_SES", others),
            ("AWS_ENDPOINT_URL_S3", self.platform_s3.url()),
        ]
    }

    /// Where the hosts of the drives' vendors are.
    pub fn drives_url(&self) -> String {
        self.drives_server.url()
    }

    /// Another process of the service, over the same servers: it shares no memory with this one.
    pub fn another_process(&self) -> Process {
        let records = sdk_config(self.dynamodb.url());
        let others = sdk_config(self.control.url());
        let buckets = sdk_config(self.platform_s3.url());
        let aws = move |service| match service {
            AwsService::DynamoDb => records.clone(),
            AwsService::SecretsManager | AwsService::Ses => others.clone(),
            AwsService::S3 => buckets.clone(),
        };
        let app = App::over(self.app.config().clone(), aws, self.clock.clock());
        Process(serve(routes(), app))
    }

    /// A stranger in the network of `address` posts JSON with a fresh request token in it.
    pub async fn post_from(&self, address: &str, path: &str, mut body: Value) -> Response {
        body["requestToken"] = json!(self.request_token().await);
        self.send_from(address, json_request(Method::POST, path, None, Some(&body)))
            .await
    }

    /// Sends a request that comes from `address`.
    pub async fn send_from(&self, address: &str, mut request: Request<Body>) -> Response {
        let peer = Peer(address.parse().expect("an IP address"));
        request.extensions_mut().insert(peer);
        self.send(request).await
    }

    /// A stranger posts JSON.
    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.request(Method::POST, path, None, Some(&body)).await
    }

    /// A stranger posts JSON with a fresh request token in it.
    pub async fn post_with_token(&self, path: &str, mut body: Value) -> Response {
        body["requestToken"] = json!(self.request_token().await);
        self.post(path, body).await
    }

    /// A fresh request token.
    pub async fn request_token(&self) -> String {
        self.request(
            Method::POST,
            "/api/authentication/request_token",
            None,
            None,
        )
        .await
        .string()
    }

    /// The activation code in the newest mail to `address`.
    #[track_caller]
    pub fn mailed_code(&self, address: &str) -> String {
        let mails = self.mailbox.messages_to(address);
        let text = &mails.first().expect("a mail was sent").text;
        let code = text
            .lines()
            .map(str::trim)
            .find(|line| line.len() == 30 && line.matches('-').count() == 4);
        code.expect("the mail carries a code").to_owned()
    }

    /// The link in the newest mail to `address`.
    #[track_caller]
    pub fn mailed_link(&self, address: &str) -> String {
        let mails = self.mailbox.messages_to(address);
        let text = &mails.first().expect("a mail was sent").text;
        let link = text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(PUBLIC_URL));
        link.expect("the mail holds a link").to_owned()
    }

    /// Somebody who has signed up and confirmed.
    pub async fn user(&self, email: &str) -> User<'_> {
        User::sign_up(self, email).await
    }

    /// Every item of the table.
    pub fn records(&self) -> Vec<Value> {
        self.dynamodb.dump(TABLE)
    }

    /// The table's items whose key begins so.
    pub fn records_of(&self, prefix: &str) -> Vec<Value> {
        let mut records = self.records();
        records.retain(|item| item["pk"]["S"].as_str().unwrap().starts_with(prefix));
        records
    }
}

pub(crate) fn sdk_config(url: String) -> SdkConfig {
    let session = Some(ROLE_SESSION_TOKEN.to_owned());
    let role = Credentials::new(ROLE_ACCESS_KEY, ROLE_SECRET_KEY, session, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(role))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url)
        .build()
}
