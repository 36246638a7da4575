//! Google's identity service over HTTP, as a person at the local runner and the product meet it.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use simulators::google_identity::{CLIENT_ID, GoogleIdentity};
use tower::ServiceExt;

const NOW: i64 = 1_795_440_602;
const CERTS: &str = "/www.googleapis.com/oauth2/v3/certs";

fn google() -> GoogleIdentity {
    GoogleIdentity::new(|| Timestamp::from_second(NOW).unwrap())
}

async fn send(
    google: &GoogleIdentity,
    method: Method,
    path: &str,
    body: &str,
) -> (u16, HeaderMap, Vec<u8>) {
    let router = google.router().nest("/control", google.control());
    let mut request = Request::builder().method(method).uri(path);
    if path == "/control" {
        request = request.header("content-type", "application/json");
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (head.status.as_u16(), head.headers, body.to_vec())
}

async fn json_of(google: &GoogleIdentity, method: Method, path: &str, body: &str) -> Value {
    let (status, _, body) = send(google, method, path, body).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

/// Header and claims of a token that the control makes.
async fn token(google: &GoogleIdentity, overrides: &str) -> [Value; 2] {
    let token = json_of(google, Method::POST, "/control/id_token", overrides).await;
    let parts: Vec<_> = token.as_str().unwrap().split('.').collect();
    assert_eq!(parts.len(), 3);
    [parts[0], parts[1]].map(|part| {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
    })
}

async fn kids(google: &GoogleIdentity) -> Vec<String> {
    let set = json_of(google, Method::GET, CERTS, "").await;
    let keys = set["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| {
            assert_eq!(
                [&key["kty"], &key["alg"], &key["use"], &key["e"]],
                ["RSA", "RS256", "sig", "AQAB"]
            );
            let modulus = key["n"].as_str().unwrap().as_bytes();
            let modulus = BASE64URL_NOPAD.decode(modulus).unwrap();
            assert!(modulus.len() == 256 && modulus[0] >= 0x80, "2,048 bits");
            key["kid"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn a_token_says_what_google_says_unless_told_otherwise() {
    let google = google();
    let [header, claims] = token(&google, "").await;
    assert_eq!(header, google.signing_key().header());
    assert_eq!(
        claims,
        json!({
            "iss": "https://accounts.google.com", "azp": CLIENT_ID, "aud": CLIENT_ID,
            "sub": claims["sub"], "email": "jane.doe@gmail.com", "email_verified": true,
            "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe",
            "picture": claims["picture"], "iat": NOW, "exp": NOW + 3_600, "jti": claims["jti"],
        })
    );
    let subject = claims["sub"].as_str().unwrap();
    assert!(subject.len() == 21 && subject.bytes().all(|digit| digit.is_ascii_digit()));

    let [_, again] = token(&google, "{}").await;
    assert_eq!(again["sub"], subject, "the address decides");
    let overrides = r#"{"email": "joe@example.com", "hd": "example.com", "name": null}"#;
    let [_, other] = token(&google, overrides).await;
    assert_ne!(other["sub"], subject);
    assert_eq!(other["hd"], "example.com");
    assert_eq!(other.get("name"), None);
    for bad in ["[]", "x", "\"jane\""] {
        let (status, _, _) = send(&google, Method::POST, "/control/id_token", bad).await;
        assert_eq!(status, 400, "{bad}");
    }
}

#[tokio::test]
async fn the_signing_key_and_the_one_before_are_published() {
    let google = google();
    let first = kids(&google).await;
    assert_eq!(first.len(), 2);
    assert_eq!(token(&google, "").await[0]["kid"], first[0]);
    let (status, _, body) = send(&google, Method::POST, "/control/rotate", "").await;
    assert_eq!((status, body.len()), (200, 0));
    let second = kids(&google).await;
    assert_eq!(second[1], first[0]);
    assert!(!first.contains(&second[0]));
    assert_eq!(token(&google, "").await[0]["kid"], second[0]);
}

#[tokio::test]
async fn keys_are_counted_and_their_answer_can_be_changed() {
    let google = google();
    let (_, headers, _) = send(&google, Method::GET, CERTS, "").await;
    assert_eq!(
        headers["cache-control"],
        "public, max-age=19800, must-revalidate, no-transform"
    );
    let switches = r#"{"cacheControl": "max-age=60", "fault": {"kind": "status", "status": 500}}"#;
    let state = json_of(&google, Method::POST, "/control", switches).await;
    assert_eq!(state["keyFetches"], 1);
    assert_eq!(state["clientId"], CLIENT_ID);
    assert_eq!(send(&google, Method::GET, CERTS, "").await.0, 500);
    let (status, headers, _) = send(&google, Method::GET, CERTS, "").await;
    assert_eq!(
        (status, &headers["cache-control"]),
        (200, &"max-age=60".parse().unwrap())
    );
    let state = json_of(&google, Method::DELETE, "/control", "").await;
    assert_eq!(state["keyFetches"], 0);
}
