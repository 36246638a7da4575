//! The endpoints by which somebody gets in with Google.

use serde_json::json;
use simulators::google_identity::GoogleIdentity;

use crate::{Response, TestApp};

impl TestApp {
    /// Google's identity service.
    pub fn google(&self) -> &GoogleIdentity {
        self.drives.google_identity()
    }

    /// Somebody signs up with an ID token.
    pub async fn google_sign_up(&self, id_token: &str) -> Response {
        let body = json!({"idToken": id_token});
        self.post_with_token("/api/v1/desktop/google_signup", body)
            .await
    }

    /// Somebody signs in with an ID token.
    pub async fn google_sign_in(&self, id_token: &str) -> Response {
        let body = json!({"idToken": id_token});
        self.post_with_token("/api/v1/desktop/google_signin", body)
            .await
    }
}
