//! The endpoints by which somebody gets in and out.

use serde_json::json;

use crate::{Response, TestApp};

impl TestApp {
    /// Somebody signs up.
    pub async fn sign_up(&self, name: &str, email: &str, password: &str) -> Response {
        let body = json!({"name": name, "email": email, "password": password});
        self.post_with_token("/api/v1/desktop/signup", body).await
    }

    /// Somebody types a code.
    pub async fn confirm(&self, code: &str) -> Response {
        self.post_with_token("/api/v1/desktop/confirm_signup", json!({"token": code}))
            .await
    }

    /// Somebody asks for the code again.
    pub async fn resend(&self, email: &str) -> Response {
        let body = json!({"email": email});
        self.post_with_token("/api/v1/desktop/resend_confirmation_email", body)
            .await
    }

    /// Somebody logs in as the kind of user that a sign-up makes.
    pub async fn log_in(&self, email: &str, password: &str) -> Response {
        let body = json!({"username": email, "password": password, "type": 16});
        self.post_with_token("/api/authentication/login", body)
            .await
    }

    /// Somebody logs out.
    pub async fn log_out(&self, jwt: &str) -> Response {
        self.post_with_token("/api/authentication/logout", json!({"jwtToken": jwt}))
            .await
    }
}
