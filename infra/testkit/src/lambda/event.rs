//! Files of `events/`, and the live values that their placeholders stand for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use data_encoding::BASE64;
use serde_json::{Value, json};
use simulators::drives::Vendor;

use crate::{BUCKET, PASSWORD, S3_ACCESS_KEY, S3_SECRET_KEY, TestApp, User};

/// Somebody in whose name events are sent.
pub struct Person<'a> {
    app: &'a TestApp,
    /// Signed up, with a session.
    pub user: User<'a>,
    /// A connected account of theirs.
    pub cloud_account_id: String,
    /// An address that has signed up and not confirmed.
    pending: String,
}

impl<'a> Person<'a> {
    /// Signs somebody up, and connects the embedded S3 server for them. The service's time is the
    /// machine's from now on, as it is for processes beside this one.
    pub async fn new(app: &'a TestApp, name: &str) -> Self {
        app.clock.catch_up();
        let user = app.user(&format!("{name}@example.com")).await;
        let cloud_account_id = user.connect_s3().await;
        let pending = format!("{name}.pending@example.com");
        let body = json!({"name": "Joe", "email": pending, "password": PASSWORD});
        app.post_with_token("/api/v1/desktop/signup", body)
            .await
            .expect_empty();
        Self {
            app,
            user,
            cloud_account_id,
            pending,
        }
    }

    /// Sets where the logs of this person's account go; answers the setting's id.
    pub async fn set_up_logs(&self) -> String {
        let body = json!({
            "token": "11111111-2222-4333-8444-555555555555",
            "serverAddress": "splunk.example.com",
            "servicePort": "8088",
            "active": true,
            "provider": 1,
        });
        let path = "/api/v1/desktop/setup_accountlogsetting";
        let setting = self.user.post(path, body).await.json();
        setting["id"].as_str().unwrap().to_owned()
    }

    /// Google's word for who this person is, at an address that they have not signed up with.
    pub fn google_id_token(&self) -> String {
        let email = self.user.email.replace("@example.com", "@gmail.com");
        self.app.google().id_token(&json!({"email": email}))
    }

    /// `event` with this person's values in place of its placeholders, in a body in Base64 too.
    pub async fn fill(&self, event: &str) -> String {
        let mut event: Value = serde_json::from_str(event).unwrap();
        if event["isBase64Encoded"] == true {
            let body = BASE64.decode(event["body"].as_str().unwrap().as_bytes());
            let body = String::from_utf8(body.unwrap()).unwrap();
            let body = self.fill_text(&body).await;
            event["body"] = json!(BASE64.encode(body.as_bytes()));
        }
        let filled = self.fill_text(&event.to_string()).await;
        assert!(!filled.contains("{{"), "a placeholder is left: {filled}");
        filled
    }

    async fn fill_text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        // What is not used is not made: setting up logs changes what other events find.
        for name in [
            "requestToken",
            "jwt",
            "cloudAccountId",
            "logSettingId",
            "activationCode",
            "serviceUrl",
            "accessKey",
            "secretKey",
            "bucket",
            "resetCode",
            "shareLink",
            "downloadLink",
            "uploadLink",
            "googleIdToken",
        ] {
            let placeholder = format!("{{{{{name}}}}}");
            if text.contains(&placeholder) {
                text = text.replace(&placeholder, &self.value(name).await);
            }
        }
        self.fill_consent(text).await
    }

    /// State and code belong together, and a consent is given once.
    async fn fill_consent(&self, mut text: String) -> String {
        for vendor in Vendor::ALL {
            let [state, code] =
                ["State", "Code"].map(|what| format!("{{{{{}{what}}}}}", vendor.slug()));
            if text.contains(&state) {
                let consent = self.user.consent(vendor, "approve").await;
                text = text.replace(&state, consent.parameter("state"));
                text = text.replace(&code, consent.parameter("code"));
            }
        }
        text
    }

    /// Connects a Box with a file in it; answers the cloud account's id.
    async fn connect_box(&self) -> String {
        let id = self.user.connect_drive(Vendor::Box).await;
        let root = simulators::drives::tree::ROOT;
        let tree = self.app.drives.of(Vendor::Box);
        let now = self.app.clock.now();
        tree.tree()
            .add_file(root, "hello.txt", "Hello!", "text/plain", now);
        id
    }

    /// The id in the URL of a link of ours, made by an endpoint for an object on Box.
    async fn link(&self, endpoint: &str) -> String {
        let id = self.connect_box().await;
        let body = json!({"storageName": "", "key": "hello.txt", "contentType": "text/plain"});
        let url = self.user.storage(endpoint, &id, body).await.string();
        url.split('/').nth_back(1).expect("a link").to_owned()
    }

    /// A code that sets a new password for this person.
    async fn reset_code(&self) -> String {
        let body = json!({"username": self.user.email});
        let path = "/api/authentication/forgot_password";
        self.app.post_with_token(path, body).await.expect_empty();
        self.app.mailed_code(&self.user.email)
    }

    /// The id in a link that was mailed, to a file on Box.
    async fn share_link(&self) -> String {
        let id = self.connect_box().await;
        let recipient = format!("friend.of.{}", self.user.email);
        let body = json!({"storageName": "", "key": "hello.txt", "email": recipient});
        let sent = self.user.storage("send_download_url", &id, body).await;
        sent.expect_empty();
        let url = self.app.mailed_link(&recipient);
        url.rsplit('/').next().expect("a link").to_owned()
    }

    async fn value(&self, name: &str) -> String {
        match name {
            "requestToken" => self.app.request_token().await,
            "jwt" => self.user.jwt.clone(),
            "cloudAccountId" => self.cloud_account_id.clone(),
            "logSettingId" => self.set_up_logs().await,
            "activationCode" => self.app.mailed_code(&self.pending),
            "serviceUrl" => self.app.s3.url(),
            "accessKey" => S3_ACCESS_KEY.to_owned(),
            "secretKey" => S3_SECRET_KEY.to_owned(),
            "bucket" => BUCKET.to_owned(),
            "resetCode" => self.reset_code().await,
            "shareLink" => self.share_link().await,
            "downloadLink" => self.link("generate_download_url").await,
            "uploadLink" => self.link("generate_upload_url").await,
            "googleIdToken" => self.google_id_token(),
            _ => unreachable!("{name}"),
        }
    }
}

/// The files of `events/<family>/`, by name.
pub fn events_of(family: &str) -> BTreeMap<String, String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let files = std::fs::read_dir(folder.join(family)).unwrap();
    files
        .map(|file| {
            let file = file.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            (file.file_name().into_string().unwrap(), text)
        })
        .collect()
}
