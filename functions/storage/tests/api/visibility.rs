//! Whose accounts may be used by whom.

use serde_json::json;
use testkit::{Response, TestApp, User};

use crate::wire::{EVERY_ENDPOINT, good_body, store};

async fn try_each(user: &User<'_>, account: &str) -> Vec<Response> {
    let mut answers = Vec::new();
    for endpoint in EVERY_ENDPOINT {
        let body = good_body(endpoint);
        answers.push(user.storage(endpoint, account, body).await);
    }
    answers
}

#[tokio::test]
async fn an_account_of_others_is_as_unknown_as_one_that_never_was() {
    let app = TestApp::start().await;
    let (jane, eve) = (
        app.user("jane@example.com").await,
        app.user("eve@example.com").await,
    );
    let janes = jane.connect_s3().await;
    let deleted = eve.connect_s3().await;
    let path = format!("/api/v1/desktop/delete?id={deleted}");
    assert_eq!(eve.delete(&path).await.json(), true);
    let janes_deleted = jane.connect_s3().await;
    let path = format!("/api/v1/desktop/delete?id={janes_deleted}");
    assert_eq!(jane.delete(&path).await.json(), true);

    let unknown = try_each(&eve, "0199c2f4-7a10-7c3e-8d55-3f1f0c9b6a42").await;
    for (case, account) in [
        ("another's", &janes),
        ("her own, deleted", &deleted),
        ("another's, deleted", &janes_deleted),
    ] {
        let answers = try_each(&eve, account).await;
        for ((endpoint, answer), unknown) in EVERY_ENDPOINT.iter().zip(&answers).zip(&unknown) {
            assert_eq!(
                answer.expect_problem(499, "NOT_FOUND"),
                "Object not found.",
                "{case} on {endpoint}"
            );
            assert_eq!(
                answer.observable(),
                unknown.observable(),
                "{case} on {endpoint}"
            );
        }
    }
    store(&jane, &janes, "a.txt", b"x").await;
    for (endpoint, answer) in EVERY_ENDPOINT.iter().zip(try_each(&jane, &janes).await) {
        assert_eq!(answer.status, 200, "{endpoint} for its owner");
    }
}

#[tokio::test]
async fn a_shared_account_is_seen_by_those_who_may() {
    let app = TestApp::start().await;
    let owner = app.user("jane@example.com").await;
    let private = owner.connect_s3().await;
    let mut connection = owner.s3_connection();
    connection["shared"] = json!(true);
    let shared = owner
        .post("/api/v1/desktop/insert", connection)
        .await
        .json();
    let shared = shared["id"].as_str().unwrap();
    let stranger = app.user("eve@example.com").await;

    let admin = app.colleague(&owner, "admin@example.com", 16).await;
    let creative = app.colleague(&owner, "creative@example.com", 32).await;
    let standard = app.colleague(&owner, "standard@example.com", 64).await;
    for (who, user, account, status) in [
        ("the owner", &owner, private.as_str(), 200),
        ("the owner", &owner, shared, 200),
        ("an admin", &admin, shared, 200),
        ("an admin", &admin, &private, 499),
        ("a creative", &creative, shared, 200),
        ("a creative", &creative, &private, 499),
        ("a standard user", &standard, shared, 499),
        ("a standard user", &standard, &private, 499),
        ("a stranger", &stranger, shared, 499),
    ] {
        store(&owner, shared, "a.txt", b"x").await;
        for (endpoint, answer) in EVERY_ENDPOINT.iter().zip(try_each(user, account).await) {
            assert_eq!(answer.status, status, "{who} on {endpoint}");
            if status == 499 {
                answer.expect_problem(499, "NOT_FOUND");
            }
        }
    }
}

#[tokio::test]
async fn refused_requests_change_nothing() {
    let app = TestApp::start().await;
    let (jane, eve) = (
        app.user("jane@example.com").await,
        app.user("eve@example.com").await,
    );
    let janes = jane.connect_s3().await;
    store(&jane, &janes, "a.txt", b"kept").await;

    for answer in try_each(&eve, &janes).await {
        assert!(!answer.text().contains("a.txt"), "{}", answer.text());
    }
    assert_eq!(crate::wire::paths(&jane, &janes, "/").await, ["a.txt"]);
}
