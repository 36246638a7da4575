//! Microsoft's identity platform, as far as the product asks it.

use reqwest::Client;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use serde_json::Value;
use shared::domain::storage::CloudStorage;
use shared::providers::onedrive::OneDriveStorage;

use super::{World, vendor};

// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BACK: &str = "https://app.example/back?x=1";
/// A parameter that is as good as none.
const SAME: (&str, &str) = ("prompt", "select_account");

struct Identity {
    client: Client,
    url: String,
}

impl Identity {
    fn of(world: &World) -> Self {
        let client = Client::builder().redirect(Policy::none());
        let root = world.server.url();
        Self {
            client: client.build().unwrap(),
            url: format!("{root}/login.microsoftonline.com/common/oauth2/v2.0"),
        }
    }

    /// A good request but for one parameter, and what the person says: status and redirect.
    async fn authorize(&self, change: (&str, &str), auto: &str) -> (u16, String) {
        let mut query = vec![
            ("client_id", "onedrive-client"),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", "Files.ReadWrite.All offline_access"),
            ("state", "s t"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("auto", auto),
        ];
        query.retain(|(name, _)| *name != change.0);
        query.push(change);
        let url = format!("{}/authorize", self.url);
        let answer = self.client.get(url).query(&query).send().await.unwrap();
        let location = answer.headers().get(LOCATION);
        let location = location.map(|url| url.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default())
    }

    async fn code(&self) -> String {
        let (_, location) = self.authorize(SAME, "approve").await;
        let (_, query) = location.split_once("code=").unwrap();
        query.split('&').next().unwrap().to_owned()
    }

    /// A good request but for one parameter.
    async fn redeem(&self, change: (&str, &str), code: &str) -> (u16, Value) {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "onedrive-client"),
            ("client_secret", "onedrive-canary-client-secret"),
            ("redirect_uri", BACK),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        self.token(&form).await
    }

    async fn refresh(&self, refresh_token: &str, scope: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "onedrive-client"),
            ("client_secret", "onedrive-canary-client-secret"),
            ("refresh_token", refresh_token),
            ("scope", scope),
        ];
        self.token(&form).await
    }

    async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/token", self.url);
        let answer = self.client.post(url).form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[tokio::test]
async fn a_wrong_request_is_never_agreed_to() {
    let world = World::start().await;
    let identity = Identity::of(&world);
    for wrong in [
        ("client_id", "other"),
        ("redirect_uri", "/back"),
        ("redirect_uri", "https://app.example/#part"),
        ("redirect_uri", ""),
    ] {
        let refused = identity.authorize(wrong, "approve").await;
        assert_eq!(refused, (400, String::new()), "{wrong:?}");
    }
    for (wrong, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "Files.Eat"), "invalid_scope"),
        (("scope", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "S512"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        let (_, location) = identity.authorize(wrong, "approve").await;
        let expected = format!("{BACK}&error={error}&error_description=");
        assert!(location.starts_with(&expected), "{location}");
        assert!(location.ends_with("&state=s+t"), "{location}");
    }
    let page = identity.authorize(SAME, "ask").await;
    assert_eq!(page, (200, String::new()));
    let (_, denied) = identity.authorize(SAME, "deny").await;
    assert!(denied.contains("error=access_denied&"), "{denied}");
}

#[tokio::test]
async fn a_code_is_good_once_for_who_asked_for_it() {
    let world = World::start().await;
    let identity = Identity::of(&world);
    let (client, grant, request) = ("invalid_client", "invalid_grant", "invalid_request");
    for (wrong, status, error, number) in [
        (("client_id", "x"), 400, "unauthorized_client", 700_016),
        (("client_secret", "x"), 401, client, 7_000_215),
        (("client_secret", ""), 401, client, 7_000_218),
        (
            ("grant_type", "password"),
            400,
            "unsupported_grant_type",
            70_003,
        ),
        (("grant_type", ""), 400, request, 900_144),
        (
            ("redirect_uri", "https://app.example/"),
            400,
            grant,
            500_112,
        ),
        (("redirect_uri", ""), 400, request, 900_144),
        (("code_verifier", "x"), 400, grant, 501_481),
        (("code", "x"), 400, grant, 9_002_313),
        (("scope", "Sites.Read.All"), 400, grant, 65_001),
    ] {
        let (got, answer) = identity.redeem(wrong, &identity.code().await).await;
        assert_eq!((got, &answer["error"]), (status, &error.into()), "{answer}");
        assert_eq!(answer["error_codes"][0], number);
        let description = answer["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{number}: ")));
    }
    let code = identity.code().await;
    let (status, tokens) = identity.redeem(SAME, &code).await;
    assert_eq!((status, &tokens["expires_in"]), (200, &3_599.into()));
    assert_eq!(tokens["scope"], "Files.ReadWrite.All");
    assert_eq!(identity.redeem(SAME, &code).await.0, 400);

    // Nobody asked for offline_access.
    let (_, location) = identity.authorize(("scope", "Files.Read"), "approve").await;
    let (_, code) = location.split_once("code=").unwrap();
    let (code, _) = code.split_once('&').unwrap();
    let (_, tokens) = identity.redeem(SAME, code).await;
    assert_eq!(tokens["scope"], "Files.Read");
    assert_eq!(tokens.get("refresh_token"), None);
}

#[tokio::test]
async fn a_refresh_answers_another_token_and_keeps_the_old_one() {
    const SCOPE: &str = "https://graph.microsoft.com/Files.ReadWrite.All offline_access";
    let world = World::start().await;
    let identity = Identity::of(&world);
    let (_, tokens) = identity.redeem(SAME, &identity.code().await).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    let (_, second) = identity.refresh(first, SCOPE).await;
    assert_ne!(second["refresh_token"], tokens["refresh_token"]);
    let (_, third) = identity.refresh(first, SCOPE).await;
    let access = third["access_token"].as_str().unwrap().to_owned();
    let drive = OneDriveStorage::new(world.http(), access.into(), world.clock());
    drive.check_credentials().await.unwrap();
    assert_eq!(vendor(&world).grants().refresh_calls, 2);

    assert_eq!(
        identity.refresh("x", SCOPE).await.1["error_codes"][0],
        70_000
    );
    vendor(&world).grants().revoke_all();
    let (status, revoked) = identity.refresh(first, SCOPE).await;
    assert_eq!((status, &revoked["error"]), (400, &"invalid_grant".into()));
}
