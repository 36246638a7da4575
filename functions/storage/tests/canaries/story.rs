use http::Method;
use serde_json::{Value, json};
use testkit::{
    BUCKET, KeyDocument, PASSWORD, ROLE_SECRET_KEY, ROLE_SESSION_TOKEN, Response, S3_ACCESS_KEY,
    S3_SECRET_KEY, TestApp, User,
};

use crate::hostile::{self, Hostile};

const ADDRESS: &str = "canary.address@example.com";
pub(crate) const WRONG: &str = "canary/of a+wrong=secret";
const FILE: &str = "canary of a file's name.txt";
const TOKEN: &str = "canary-token-of-a-log-collector";
/// For places where only a number fits.
pub(crate) const NUMBER: u64 = 7_317_317_317_317_317;

/// Something that must not be found.
pub(crate) struct Canary {
    pub(crate) what: &'static str,
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

/// Where something may be after all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nowhere.
    Secret,
    /// In an answer to those who asked for it.
    AnsweredSecret,
    /// In an answer, and in a log that is not one of production.
    Private,
}

/// What happens, and all that was answered.
pub(crate) struct Story<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) jwt: String,
    account: String,
    pub(crate) canaries: Vec<Canary>,
    pub(crate) answers: Vec<String>,
}

impl<'a> Story<'a> {
    pub(crate) fn begin(app: &'a TestApp) -> Self {
        let keys = KeyDocument::new("k1");
        app.set_keys(&keys);
        let key = data_encoding::BASE64.encode(&keys.session_key("k1"));
        let canary = |what, text: &str, kind| Canary {
            what,
            text: text.to_owned(),
            kind,
        };
        let canaries = vec![
            canary("password", PASSWORD, Kind::Secret),
            canary("secret key", S3_SECRET_KEY, Kind::Secret),
            canary("wrong secret", WRONG, Kind::Secret),
            canary("role's secret key", ROLE_SECRET_KEY, Kind::Secret),
            canary("role's session", ROLE_SESSION_TOKEN, Kind::Secret),
            canary("session key", &key, Kind::Secret),
            canary("number", &NUMBER.to_string(), Kind::Secret),
            canary("provider's words", hostile::CANARY, Kind::Secret),
            canary("access key", S3_ACCESS_KEY, Kind::Private),
            canary("log token", TOKEN, Kind::AnsweredSecret),
            canary("address", ADDRESS, Kind::Private),
            canary("file name", FILE, Kind::Private),
        ];
        Self {
            app,
            jwt: String::new(),
            account: String::new(),
            canaries,
            answers: Vec::new(),
        }
    }

    pub(crate) fn hear(&mut self, answer: &Response) {
        let text = String::from_utf8_lossy(&answer.body);
        self.answers
            .push(format!("{} {:?} {text}", answer.status, answer.headers));
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Response {
        let jwt = Some(self.jwt.as_str()).filter(|jwt| !jwt.is_empty());
        let answer = self.app.request(method, path, jwt, body.as_ref()).await;
        self.hear(&answer);
        answer
    }

    async fn post(&mut self, path: &str, mut body: Value) -> Response {
        if body.get("requestToken").is_some() {
            body["requestToken"] = json!(self.app.request_token().await);
        }
        let family = if path.starts_with("log") && path.len() < 7 {
            "authentication"
        } else {
            "v1/desktop"
        };
        self.send(Method::POST, &format!("/api/{family}/{path}"), Some(body))
            .await
    }

    pub(crate) async fn people_sign_up_and_in(&mut self) {
        let new =
            json!({"requestToken": 1, "name": "Jane", "email": ADDRESS, "password": PASSWORD});
        self.app.control.fail_mail(true);
        self.expect(499, "signup", new.clone()).await;
        self.app.control.fail_mail(false);
        self.expect(200, "signup", new.clone()).await;
        let email = json!({"requestToken": 1, "email": ADDRESS});
        self.expect(200, "resend_confirmation_email", email.clone())
            .await;
        let code = self.app.mailed_code(ADDRESS);
        self.canaries.push(Canary {
            what: "activation code",
            text: code.clone(),
            kind: Kind::Secret,
        });
        let wrong = json!({"requestToken": 1, "token": WRONG});
        self.expect(404, "confirm_signup", wrong).await;
        let right = json!({"requestToken": 1, "token": code});
        self.expect(200, "confirm_signup", right.clone()).await;
        self.expect(404, "confirm_signup", right).await;
        self.expect(200, "signup", new).await;
        self.expect(200, "resend_confirmation_email", email).await;

        let mut login =
            json!({"requestToken": 1, "username": ADDRESS, "password": WRONG, "type": 16});
        self.expect(401, "login", login.clone()).await;
        login["password"] = json!(PASSWORD);
        let session = self.expect(200, "login", login).await.json();
        session["jwtToken"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.jwt);
    }

    pub(crate) async fn accounts_are_connected(&mut self) {
        let mut connection = json!({
            "cloudType": 8,
            "name": "Pictures",
            "accessKey": S3_ACCESS_KEY,
            "secretKey": S3_SECRET_KEY,
            "credentialsData": WRONG,
            "serviceUrl": self.app.s3.url(),
        });
        let account = self.expect(200, "insert", connection.clone()).await.json();
        account["id"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.account);
        let id = json!({"cloudAccountId": self.account});
        self.expect(200, "refresh_token", id).await;

        connection["secretKey"] = json!(WRONG);
        self.expect(499, "insert", connection.clone()).await;
        connection["accessKey"] = json!(WRONG);
        self.expect(499, "insert", connection.clone()).await;
        for url in [
            "https://127.0.0.2",
            "http://canary%2Fof%20a%2Bwrong%3Dsecret@x.example",
            WRONG,
        ] {
            connection["serviceUrl"] = json!(url);
            self.expect(499, "insert", connection.clone()).await;
        }
        for cloud_type in [32, 128, 256, 512, 1024] {
            connection["cloudType"] = json!(cloud_type);
            connection["credentialsData"] = json!(json!({"refresh_token": WRONG}).to_string());
            self.expect(499, "insert", connection.clone()).await;
        }
    }

    pub(crate) async fn storage_is_used(&mut self) {
        let account = self.account.clone();
        for status in self.use_storage(&account, BUCKET).await {
            assert_eq!(status, 200);
        }
        for status in self
            .use_storage(&account, "no-such-bucket")
            .await
            .into_iter()
            .skip(1)
        {
            assert_eq!(status, 499);
        }
        let unknown = "0199c2f4-7a10-7c3e-8d55-3f1f0c9b6a42";
        self.use_storage(unknown, BUCKET).await;
        let token =
            json!({"cloudAccountId": account, "bucketName": BUCKET, "continuationToken": WRONG});
        self.expect(499, "list_objects", token).await;
    }

    pub(crate) async fn a_demo_drive_is_used(&mut self) {
        let owner = User::log_in(self.app, ADDRESS, 16).await;
        let drive = self.app.give_demo_drive(&owner).await;
        for status in self.use_storage(&drive, "demo").await {
            assert_eq!(status, 200);
        }
        self.use_storage(&drive, BUCKET).await;
        let id = json!({"cloudAccountId": drive});
        self.expect(200, "refresh_token", id).await;
    }

    /// Every storage endpoint; answers the statuses.
    async fn use_storage(&mut self, account: &str, bucket: &str) -> Vec<u16> {
        let mut statuses = Vec::new();
        for endpoint in [
            "list_buckets",
            "list_objects",
            "create_folder",
            "generate_upload_url",
            "generate_download_url",
            "delete_object",
        ] {
            let body = json!({
                "cloudAccountId": account,
                "bucketName": bucket,
                "storageName": bucket,
                "path": "/",
                "folderName": FILE,
                "key": FILE,
                "forceToDownload": true,
            });
            statuses.push(self.post(endpoint, body).await.status);
        }
        let folder =
            json!({"cloudAccountId": account, "storageName": bucket, "key": format!("{FILE}/")});
        statuses.push(self.post("delete_object", folder).await.status);
        statuses
    }

    pub(crate) async fn a_provider_is_hostile(&mut self) {
        let hostile = Hostile::start().await;
        let connection = json!({
            "cloudType": 8,
            "name": "Hostile",
            "accessKey": S3_ACCESS_KEY,
            "secretKey": S3_SECRET_KEY,
            "serviceUrl": hostile.url,
        });
        let account = self.expect(200, "insert", connection.clone()).await.json();
        let account = account["id"].as_str().unwrap();
        for status in [200, 301, 400, 401, 403, 404, 409, 418, 429, 500, 503] {
            hostile.answer_with(status);
            self.use_storage(account, BUCKET).await;
            self.post("insert", connection.clone()).await;
        }
        drop(hostile);
        self.use_storage(account, BUCKET).await;
    }

    pub(crate) async fn logs_are_forwarded(&mut self) {
        let mut setting = json!({
            "token": TOKEN,
            "serverAddress": "splunk.example.com",
            "servicePort": "8088",
            "active": true,
            "provider": 1,
        });
        let set = self
            .expect(200, "setup_accountlogsetting", setting.clone())
            .await
            .json();
        self.expect(499, "setup_accountlogsetting", setting.clone())
            .await;
        setting["id"] = set["id"].clone();
        let path = "/api/v1/desktop/update_accountlogsetting";
        let updated = self.send(Method::PUT, path, Some(setting.clone())).await;
        assert_eq!(updated.status, 200);
        for (field, value) in [
            ("token", "x\u{7f}"),
            ("serverAddress", WRONG),
            ("servicePort", WRONG),
        ] {
            let mut bad = setting.clone();
            bad[field] = json!(format!("{WRONG} {value}"));
            assert_eq!(
                self.send(Method::PUT, path, Some(bad)).await.status,
                499,
                "{field}"
            );
        }
        let path = "/api/v1/desktop/get_accountlogsetting";
        assert_eq!(self.send(Method::GET, path, None).await.status, 200);
    }

    pub(crate) async fn things_break(&mut self) {
        let body = json!({"cloudAccountId": self.account});
        let path = "/api/v1/desktop/list_buckets";
        // What is stored in place of something sealed is no secret of ours, but might be one.
        let pk = format!("CLOUD#{}", self.account);
        let whole = self.app.record(&pk);
        for (attribute, value) in [
            ("secret_key", json!({"S": WRONG})),
            ("access_key", json!({"S": format!("v1.{WRONG}")})),
            ("cloud_type", json!({"S": WRONG})),
            ("created", json!({"S": WRONG})),
        ] {
            let mut broken = whole.clone();
            broken[attribute] = value;
            self.app.put_record(&broken).await;
            let answer = self.expect(500, "list_buckets", body.clone()).await;
            assert_eq!(answer.text(), "", "{attribute}");
        }
        self.app.put_record(&whole).await;

        // A cold process, with a secret store that is down or holds something else.
        self.app.control.fail_secrets(3);
        let answer = self
            .app
            .another_process()
            .post(path, &self.jwt, &body)
            .await;
        answer.expect_problem(499, "INTERNAL_ERROR");
        self.hear(&answer);
        self.app.control.fail_secrets(0);
        let secret = &self.app.app.config().secret_id;
        for document in [
            format!("{{\"jwt\": \"{WRONG}"),
            json!({"jwt": WRONG, "tokens": NUMBER}).to_string(),
            json!({"jwt": {"active": WRONG, "keys": {WRONG: WRONG}}}).to_string(),
        ] {
            self.app.control.set_secret(secret, document);
            let answer = self
                .app
                .another_process()
                .post(path, &self.jwt, &body)
                .await;
            assert_eq!((answer.status, answer.text()), (500, ""));
            self.hear(&answer);
        }
    }

    pub(crate) async fn people_leave(&mut self) {
        let path = "/api/v1/desktop/delete_accountlogsetting";
        assert_eq!(self.send(Method::DELETE, path, None).await.status, 200);
        let path = format!("/api/v1/desktop/delete?id={}", self.account);
        assert_eq!(self.send(Method::DELETE, &path, None).await.status, 200);
        let logout = json!({"requestToken": 1, "jwtToken": self.jwt});
        self.expect(200, "logout", logout).await;
        let account = self.account.clone();
        assert_eq!(self.use_storage(&account, BUCKET).await, [401; 7]);
        for jwt in [WRONG, PASSWORD, "eyJhbGciOiJub25lIn0.canary.canary"] {
            jwt.clone_into(&mut self.jwt);
            self.use_storage(&account, BUCKET).await;
        }
    }

    async fn expect(&mut self, status: u16, path: &str, body: Value) -> Response {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        answer
    }
}
