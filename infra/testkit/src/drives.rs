use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::domain::oauth_tokens::OAuthTokens;
use simulators::drives::Vendor;
use url::Url;

use crate::{Response, TestApp, User};

/// Where vendors send the browser back to.
pub const REDIRECT_URL: &str = "http://127.0.0.1:8123/callback";

/// What a vendor's consent page sent the browser back with.
#[derive(Debug, Clone)]
pub struct Consent {
    /// The vendor.
    pub vendor: Vendor,
    /// The query of the redirect.
    pub answer: Vec<(String, String)>,
}

impl Consent {
    /// What the page at `url` sends the browser back with.
    pub async fn at(vendor: Vendor, url: &str) -> Self {
        Self {
            vendor,
            answer: browse(url).await,
        }
    }

    /// A parameter of the answer; empty if it is not there.
    pub fn parameter(&self, name: &str) -> &str {
        let found = self.answer.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body of the callback that this answer leads to.
    pub fn callback(&self) -> Value {
        let mut body = json!({
            "code": self.parameter("code"),
            "state": self.parameter("state"),
            "redirectURL": REDIRECT_URL,
        });
        if !self.parameter("error").is_empty() {
            body["error"] = json!(self.parameter("error"));
            body["errorDescription"] = json!(self.parameter("error_description"));
        }
        body
    }
}

/// What goes between a client, a browser and a vendor.
impl User<'_> {
    /// The URL where the vendor asks the person.
    pub async fn authorization_url(&self, vendor: Vendor) -> String {
        let body = json!({"redirectURL": REDIRECT_URL, "cloudName": "My drive"});
        let path = format!(
            "/api/v1/desktop/generate_{}_authorization_url",
            vendor.slug()
        );
        self.post(&path, body).await.string()
    }

    /// The person's answer: `decision` is `approve` or `deny`, and what else the page's URL takes.
    pub async fn consent(&self, vendor: Vendor, decision: &str) -> Consent {
        let url = self.authorization_url(vendor).await;
        Consent::at(vendor, &format!("{url}&auto={decision}")).await
    }

    /// Posts the vendor's answer back.
    pub async fn call_back(&self, vendor: Vendor, body: Value) -> Response {
        let path = format!("/api/v1/desktop/{}_authorization_callback", vendor.slug());
        self.post(&path, body).await
    }

    /// Connects a drive; answers the cloud account's id.
    pub async fn connect_drive(&self, vendor: Vendor) -> String {
        let consent = self.consent(vendor, "approve").await;
        let account = self.call_back(vendor, consent.callback()).await.json();
        account["id"].as_str().expect("an id").to_owned()
    }
}

/// Where the page at `url` sends the browser: the query of that URL.
async fn browse(url: &str) -> Vec<(String, String)> {
    let browser = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .unwrap();
    let page = browser.get(url).send().await.unwrap();
    let status = page.status();
    let Some(location) = page.headers().get("location") else {
        panic!("{status}: {}", page.text().await.unwrap());
    };
    let location = Url::parse(location.to_str().unwrap()).unwrap();
    assert_eq!(
        location.as_str().split('?').next(),
        Some(REDIRECT_URL),
        "{status}"
    );
    location.query_pairs().into_owned().collect()
}

impl TestApp {
    /// The tokens of a connected drive, as they are stored.
    pub async fn tokens_of(&self, id: &str) -> OAuthTokens {
        let stored = self.app.database().cloud_account(id.parse().unwrap()).await;
        let account = stored.unwrap().open(self.app.secrets()).await;
        account.unwrap().tokens().unwrap()
    }

    /// The stored refresh token is one that the vendor would take.
    pub async fn holds_the_live_token(&self, vendor: Vendor, id: &str) -> bool {
        let tokens = self.tokens_of(id).await;
        let vendor = self.drives.of(vendor);
        vendor.is_live(tokens.refresh_token.expose_secret())
    }

    /// Lets the access token of a connected drive be past its end, as our record has it.
    pub async fn let_access_end(&self, id: &str) {
        let mut record = self.record(&format!("CLOUD#{id}"));
        let past = self.clock.now() - jiff::SignedDuration::from_secs(1);
        record["token_expires"] = json!({"S": past.to_string()});
        self.put_record(&record).await;
    }

    /// Gets a link of ours, by its URL.
    pub async fn get_link(&self, url: &str) -> Response {
        let path = url
            .strip_prefix(crate::PUBLIC_URL)
            .expect("the link is one of ours");
        self.request(http::Method::GET, path, None, None).await
    }
}
