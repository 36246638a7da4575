use http::Method;
use serde_json::{Value, json};

use crate::{BUCKET, Response, S3_ACCESS_KEY, S3_SECRET_KEY, TestApp};

/// The password of every user that a test signs up.
pub const PASSWORD: &str = "canary horse battery staple";

/// Somebody who has signed up, confirmed and holds a session.
pub struct User<'a> {
    app: &'a TestApp,
    /// The address, as typed.
    pub email: String,
    /// The session's JWT.
    pub jwt: String,
}

impl<'a> User<'a> {
    pub(crate) async fn sign_up(app: &'a TestApp, email: &str) -> Self {
        let body = json!({"name": "Jane", "email": email, "password": PASSWORD});
        app.post_with_token("/api/v1/desktop/signup", body)
            .await
            .expect_empty();
        let code = app.mailed_code(email);
        let jwt = app
            .post_with_token("/api/v1/desktop/confirm_signup", json!({"token": code}))
            .await
            .string();
        Self {
            app,
            email: email.to_owned(),
            jwt,
        }
    }

    /// Somebody who exists, after a login.
    pub async fn log_in(app: &'a TestApp, email: &str, user_type: u32) -> Self {
        let login = json!({"username": email, "password": PASSWORD, "type": user_type});
        let answer = app
            .post_with_token("/api/authentication/login", login)
            .await
            .json();
        let jwt = answer["jwtToken"].as_str().expect("a login answers a JWT");
        Self {
            app,
            email: email.to_owned(),
            jwt: jwt.to_owned(),
        }
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.app
            .request(Method::POST, path, Some(&self.jwt), Some(&body))
            .await
    }

    /// Puts JSON.
    pub async fn put(&self, path: &str, body: Value) -> Response {
        self.app
            .request(Method::PUT, path, Some(&self.jwt), Some(&body))
            .await
    }

    /// Gets.
    pub async fn get(&self, path: &str) -> Response {
        self.app
            .request(Method::GET, path, Some(&self.jwt), None)
            .await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Response {
        self.app
            .request(Method::DELETE, path, Some(&self.jwt), None)
            .await
    }

    /// What connects the embedded S3 server as a generic one.
    pub fn s3_connection(&self) -> Value {
        json!({
            "cloudType": 8,
            "name": "Pictures",
            "accessKey": S3_ACCESS_KEY,
            "secretKey": S3_SECRET_KEY,
            "serviceUrl": self.app.s3.url(),
        })
    }

    /// Connects the embedded S3 server; answers the cloud account's id.
    pub async fn connect_s3(&self) -> String {
        let account = self
            .post("/api/v1/desktop/insert", self.s3_connection())
            .await
            .json();
        account["id"]
            .as_str()
            .expect("a cloud account has an id")
            .to_owned()
    }

    /// Posts to a storage endpoint, on an account and, where it needs one, the embedded bucket.
    pub async fn storage(&self, endpoint: &str, account: &str, mut body: Value) -> Response {
        body["cloudAccountId"] = json!(account);
        let bucket = if endpoint == "list_objects" {
            "bucketName"
        } else {
            "storageName"
        };
        if body.get(bucket).is_none() {
            body[bucket] = json!(BUCKET);
        }
        self.post(&format!("/api/v1/desktop/{endpoint}"), body)
            .await
    }
}
