//! Nothing is done for those who do not say who they are.

use http::Method;
use serde_json::json;
use testkit::{BUCKET, TestApp};

use crate::wire::{ENDPOINTS, good_body, paths, store};

#[tokio::test]
async fn without_a_good_jwt_nothing_is_answered_or_done() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    store(&user, &account, "a.txt", b"kept").await;
    let (header, rest) = user.jwt.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let forged = format!("{header}.{claims}.{turned}");
    let unsigned = format!("{header}.{claims}.");
    let request_token = app.request_token().await;

    for endpoint in ENDPOINTS {
        let path = format!("/api/v1/desktop/{endpoint}");
        let mut body = good_body(endpoint);
        body["cloudAccountId"] = json!(account);
        body["bucketName"] = json!(BUCKET);
        body["storageName"] = json!(BUCKET);
        for (jwt, reason) in [
            (None, "none"),
            (Some("garbage"), "no JWT"),
            (Some(forged.as_str()), "another signature"),
            (Some(&unsigned), "no signature"),
            (Some(&request_token), "another token"),
        ] {
            // Before anything is said of the body.
            for body in [&body, &json!({})] {
                let answer = app.request(Method::POST, &path, jwt, Some(body)).await;
                answer.expect_problem(401, "AUTH");
                assert_eq!(
                    answer.header("www-authenticate"),
                    "Bearer",
                    "{endpoint} with {reason}"
                );
            }
        }
    }
    assert_eq!(paths(&user, &account, "/").await, ["a.txt"]);
}

#[tokio::test]
async fn endpoints_have_one_method() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    for endpoint in ENDPOINTS {
        let path = format!("/api/v1/desktop/{endpoint}");
        assert_eq!(user.get(&path).await.status, 405, "{endpoint}");
        assert_eq!(user.put(&path, json!({})).await.status, 405, "{endpoint}");
        let other = path.replace("desktop", "Desktop");
        assert_eq!(user.post(&other, json!({})).await.status, 404, "{other}");
        let slash = format!("{path}/");
        assert_eq!(user.post(&slash, json!({})).await.status, 404, "{slash}");
    }
}
