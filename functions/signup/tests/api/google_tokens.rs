//! ID tokens: what proves something to this service, and what does not.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use simulators::google_identity::{CLIENT_ID, SigningKey};
use testkit::TestApp;

const REFUSED: &str =
    "499 AUTH idToken: is no valid Google ID token for this service. Sign in with Google again.";
const NO_USER: &str =
    "499 AUTH There is no user with this Google account. Sign up with Google first.";

type Tokens = Vec<(String, String)>;

/// Signed by Google, and not good for this service.
fn wrong_claims(app: &TestApp) -> Tokens {
    let now = app.clock.now().as_second();
    let long = "1".repeat(256);
    let other = "407408718192-other.apps.googleusercontent.com";
    let mut claims = Vec::new();
    let mut each = |name: &str, values: &[Value]| {
        claims.extend(values.iter().map(|value| json!({name: value})));
    };
    each("iss", &[json!("https://accounts.google.com/")]);
    each("iss", &[json!("http://accounts.google.com")]);
    each("iss", &[json!("accounts.google.com.example.com")]);
    each(
        "iss",
        &[
            json!(null),
            json!(""),
            json!(5),
            json!(["accounts.google.com"]),
        ],
    );
    each(
        "aud",
        &[json!(other), json!(null), json!(""), json!(7), json!([])],
    );
    each("aud", &[json!([other]), json!({"id": CLIENT_ID})]);
    each("aud", &[json!(format!("{CLIENT_ID},{other}"))]);
    each("exp", &[json!(now), json!(now - 1), json!(null)]);
    each("exp", &[json!((now + 3_600).to_string())]);
    each("iat", &[json!(now + 61), json!(null), json!("now")]);
    each("nbf", &[json!(now + 61), json!("now")]);
    each("sub", &[json!(null), json!(""), json!(110), json!(long)]);
    each("sub", &[json!("1 2"), json!("1\u{0}"), json!("１")]);
    each("email", &[json!(null), json!(""), json!("jane"), json!(7)]);
    each("email", &[json!("jane@gmail.com\r\nBcc: joe@example.com")]);
    each(
        "email",
        &[json!("vıctim@gmail.com"), json!(["jane@gmail.com"])],
    );
    each("email", &[json!(format!("{}@gmail.com", "a".repeat(65)))]);
    each(
        "email_verified",
        &[json!(false), json!(null), json!("true")],
    );
    each("email_verified", &[json!(1), json!(0), json!([true])]);
    let two = json!([CLIENT_ID, other]);
    claims.push(json!({"aud": two, "azp": other}));
    claims.push(json!({"aud": two, "azp": null}));
    claims.push(json!({"aud": [other, "x"], "azp": CLIENT_ID}));
    claims
        .iter()
        .map(|overrides| (overrides.to_string(), app.google().id_token(overrides)))
        .collect()
}

/// Good claims under a header that does not lead to Google's key, or not to it alone.
fn wrong_headers(app: &TestApp) -> Tokens {
    let (google, stranger) = (app.google(), SigningKey::generate());
    let (key, claims) = (google.signing_key(), google.claims(&json!({})));
    let mut tokens = Vec::new();
    let with = |header: &Value, name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        header
    };
    let own = key.header();
    for alg in [
        "none", "None", "NONE", "rs256", "RS384", "RS512", "PS256", "ES256", "HS256", "EdDSA", "",
    ] {
        let header = with(&own, "alg", json!(alg));
        let token = key.sign(&header, &claims);
        let bare = token.rfind('.').map(|end| token[..=end].to_owned());
        tokens.push((format!("{header}, unsigned"), bare.unwrap()));
        tokens.push((header.to_string(), token));
    }
    for (name, value) in [
        ("alg", json!(null)),
        ("kid", json!(null)),
        ("kid", json!(7)),
        ("kid", json!("")),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("k".repeat(10_000))),
        ("kid", json!(stranger.kid())),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!("exp")),
    ] {
        let header = with(&own, name, value);
        let what = format!("{:.80}", header.to_string());
        tokens.push((what, key.sign(&header, &claims)));
    }
    // A stranger says where their key is.
    for (name, value) in [
        ("typ", json!("JWT")),
        ("jwk", stranger.jwk()),
        ("jku", json!("https://example.com/certs")),
        ("x5u", json!("https://example.com/chain.pem")),
        ("x5c", json!([BASE64.encode(&stranger.public_der())])),
    ] {
        for header in [&own, &stranger.header()] {
            let header = with(header, name, value.clone());
            let what = format!("a stranger's {header}");
            tokens.push((what, stranger.sign(&header, &claims)));
        }
    }
    tokens
}

/// The published key, taken for a shared secret.
fn by_the_public_key(app: &TestApp) -> Tokens {
    let google = app.google();
    let key = google.signing_key();
    let der = key.public_der();
    let lines: Vec<_> = BASE64
        .encode(&der)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    );
    let modulus = key.jwk()["n"].as_str().unwrap().to_owned();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(key.kid().to_owned());
    [pem.into_bytes(), der, modulus.into_bytes()]
        .iter()
        .enumerate()
        .map(|(number, secret)| {
            let secret = EncodingKey::from_secret(secret);
            let claims = google.claims(&json!({}));
            let token = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
            (format!("the public key as a secret, {number}"), token)
        })
        .collect()
}

/// No token, or no longer Google's.
fn wrong_forms(app: &TestApp) -> Tokens {
    let token = app.google().id_token(&json!({}));
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        unreachable!("a token has three parts")
    };
    let altered = app.google().claims(&json!({"email": "joe@gmail.com"}));
    let altered = BASE64URL_NOPAD.encode(altered.to_string().as_bytes());
    let other = app.google().id_token(&json!({"email": "joe@gmail.com"}));
    let other = other.rsplit('.').next().unwrap();
    [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "null".to_owned(),
        "ya29.a0AfH6SMBx7Qz-an-access-token".to_owned(),
        "🔑.🔑.🔑".to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{token}.{signature}"),
        format!("{header}.{altered}.{signature}"),
        format!("{header}.{payload}.{other}"),
        token[..token.len() - 4].to_owned(),
        format!("{token}AAAA"),
        format!("{token}=="),
        format!("{header}.{payload}.{}", "A".repeat(signature.len())),
        format!("{token}{}", "A".repeat(20_000)),
    ]
    .map(|token| (format!("{token:.60}"), token))
    .into()
}

#[tokio::test]
async fn what_proves_nothing_lets_nobody_up_or_in() {
    let app = TestApp::start().await;
    let tokens = [
        wrong_claims(&app),
        wrong_headers(&app),
        by_the_public_key(&app),
        wrong_forms(&app),
    ]
    .concat();
    assert!(tokens.len() > 90, "{}", tokens.len());
    for (what, token) in &tokens {
        let outcome = app.google_sign_up(token).await.outcome();
        assert_eq!(outcome, REFUSED, "{what}");
        let outcome = app.google_sign_in(token).await.outcome();
        assert_eq!(outcome, REFUSED, "{what}");
    }
    let mut records = app.records();
    records.retain(|item| !item["pk"]["S"].as_str().unwrap().starts_with("RT#"));
    assert!(records.is_empty(), "{records:?}");
    assert_eq!(app.google().key_fetches(), 1, "no header leads to a fetch");
    let token = app.google().id_token(&json!({}));
    app.google_sign_up(&token).await.expect_empty();
}

#[tokio::test]
async fn what_google_may_say_is_taken() {
    let app = TestApp::start().await;
    let now = app.clock.now().as_second();
    let other = "407408718192-other.apps.googleusercontent.com";
    for overrides in [
        json!({"iss": "accounts.google.com"}),
        json!({"aud": [CLIENT_ID]}),
        json!({"aud": [other, CLIENT_ID], "azp": CLIENT_ID}),
        json!({"azp": other}),
        json!({"azp": null}),
        json!({"exp": now + 1}),
        json!({"iat": now + 60, "nbf": now + 60}),
        json!({"name": null, "picture": null, "hd": "example.com"}),
        json!({"nonce": "n-0S6_WzA2Mj", "at_hash": "x", "locale": "de"}),
    ] {
        let token = app.google().id_token(&overrides);
        let outcome = app.google_sign_in(&token).await.outcome();
        assert_eq!(outcome, NO_USER, "{overrides}");
    }
    let (key, claims) = (app.google().signing_key(), app.google().claims(&json!({})));
    let mut header = key.header();
    header["jku"] = json!("https://example.com/certs");
    header["jwk"] = SigningKey::generate().jwk();
    let outcome = app
        .google_sign_in(&key.sign(&header, &claims))
        .await
        .outcome();
    assert_eq!(
        outcome, NO_USER,
        "what else the header holds is nothing to us"
    );
}

#[tokio::test]
async fn a_token_ends_to_the_second() {
    let app = TestApp::start().await;
    let token = app.google().id_token(&json!({}));
    app.clock.advance(jiff::SignedDuration::from_secs(3_599));
    assert_eq!(app.google_sign_in(&token).await.outcome(), NO_USER);
    app.clock.advance(crate::SECOND);
    assert_eq!(app.google_sign_in(&token).await.outcome(), REFUSED);
}

#[tokio::test]
async fn every_client_id_that_is_configured_is_ours() {
    let ids = ["windows.example", "macos.example"];
    let app = TestApp::start_with(|config| {
        config.google_client_ids = ids.map(str::to_owned).into();
    })
    .await;
    for id in ids {
        let token = app.google().id_token(&json!({"aud": id}));
        assert_eq!(app.google_sign_in(&token).await.outcome(), NO_USER);
    }
    let token = app.google().id_token(&json!({"aud": CLIENT_ID}));
    assert_eq!(app.google_sign_in(&token).await.outcome(), REFUSED);
}

#[tokio::test]
async fn without_client_ids_nobody_gets_in() {
    let app = TestApp::start_with(|config| config.google_client_ids.clear()).await;
    let token = app.google().id_token(&json!({}));
    let text = "499 AUTH Google sign-in is not set up on this service. Use a password.";
    assert_eq!(app.google_sign_up(&token).await.outcome(), text);
    assert_eq!(app.google_sign_in(&token).await.outcome(), text);
    assert_eq!(app.google().key_fetches(), 0);
}
