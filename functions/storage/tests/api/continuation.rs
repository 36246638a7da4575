//! Pages, and the tokens that lead from one to the next.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{TestApp, User};

use crate::wire::{paths, paths_of, store};

const PATH: &str = "/api/v1/desktop/list_objects";

/// Seven files and two folders below `m/`, and one file beside it.
async fn fill(user: &User<'_>, account: &str) {
    for number in 0..7 {
        store(user, account, &format!("m/f{number}.txt"), b"x").await;
    }
    store(user, account, "m/f3/inside.txt", b"x").await;
    store(user, account, "m/zz/inside.txt", b"x").await;
    store(user, account, "beside.txt", b"x").await;
}

fn page_of(account: &str, count: u16, token: &Value) -> Value {
    json!({
        "cloudAccountId": account,
        "bucketName": testkit::BUCKET,
        "path": "m/",
        "count": count,
        "continuationToken": token,
    })
}

#[tokio::test]
async fn pages_hold_everything_once_in_whatever_process() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    fill(&user, &account).await;
    let whole: BTreeSet<_> = paths(&user, &account, "m/").await.into_iter().collect();
    assert_eq!(whole.len(), 9);

    for count in [1, 2, 4, 8, 9, 1000] {
        let (mut token, mut seen, mut pages) = (json!(""), Vec::new(), 0);
        loop {
            // Each page from a process that has never heard of the one before.
            let process = app.another_process();
            let page = process
                .post(PATH, &user.jwt, &page_of(&account, count, &token))
                .await
                .json();
            let entries = paths_of(&page);
            assert!(entries.len() <= usize::from(count), "{count}: {page}");
            seen.extend(entries);
            token = page["continuationToken"].clone();
            pages += 1;
            assert!(pages <= 10, "{count}: {page}");
            if token == "" {
                break;
            }
        }
        assert!(pages >= 9_usize.div_ceil(count.into()), "{count}: {pages}");
        assert_eq!(seen.len(), 9, "{count}: nothing twice in {seen:?}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), whole, "{count}");
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_own_folder_only() {
    let app = TestApp::start().await;
    app.s3.create_bucket("archive").unwrap();
    let user = app.user("jane@example.com").await;
    let (account, other) = (user.connect_s3().await, user.connect_s3().await);
    fill(&user, &account).await;
    let page = user
        .post(PATH, page_of(&account, 2, &json!("")))
        .await
        .json();
    let token = &page["continuationToken"];
    assert_ne!(token, "");

    for (field, value) in [
        ("cloudAccountId", json!(other)),
        ("bucketName", json!("archive")),
        ("path", json!("m/f3/")),
        ("path", json!("/")),
        ("id", json!("m/")),
    ] {
        let mut body = page_of(&account, 2, token);
        body[field] = value;
        expect_refused(&user, body, field).await;
    }

    let mut body = page_of(&account, 2, token);
    body["path"] = json!("/m");
    assert_eq!(
        user.post(PATH, body.clone()).await.status,
        200,
        "the same folder"
    );
    body["count"] = json!(5);
    assert_eq!(user.post(PATH, body).await.status, 200, "another count");
}

#[tokio::test]
async fn an_id_does_not_carry_a_token_to_another_path() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    fill(&user, &account).await;
    let mut first = page_of(&account, 2, &json!(""));
    first["id"] = json!("x");
    let page = user.post(PATH, first).await.json();

    let mut body = page_of(&account, 2, &page["continuationToken"]);
    body["id"] = json!("x");
    assert_eq!(user.post(PATH, body.clone()).await.status, 200);
    body["path"] = json!("/");
    expect_refused(&user, body, "another path").await;
}

#[tokio::test]
async fn another_users_token_leads_nowhere() {
    let app = TestApp::start().await;
    let (jane, eve) = (
        app.user("jane@example.com").await,
        app.user("eve@example.com").await,
    );
    let (janes, eves) = (jane.connect_s3().await, eve.connect_s3().await);
    fill(&jane, &janes).await;
    let page = jane.post(PATH, page_of(&janes, 2, &json!(""))).await.json();
    let token = &page["continuationToken"];

    // Both accounts even see the same bucket.
    expect_refused(&eve, page_of(&eves, 2, token), "with her account").await;
    let foreign = eve.post(PATH, page_of(&janes, 2, token)).await;
    assert_eq!(
        foreign.expect_problem(499, "NOT_FOUND"),
        "Object not found."
    );
}

#[tokio::test]
async fn a_token_that_was_not_made_for_it_is_refused() {
    let app = TestApp::start().await;
    let user = app.user("jane@example.com").await;
    let account = user.connect_s3().await;
    fill(&user, &account).await;
    let page = user
        .post(PATH, page_of(&account, 2, &json!("")))
        .await
        .json();
    let token = page["continuationToken"].as_str().unwrap();

    for (forged, reason) in [
        ("garbage".to_owned(), "no token"),
        ("m/f1.txt".to_owned(), "a key"),
        ("bm90LW9uZS1vZi1vdXJz".to_owned(), "Base64"),
        (" ".to_owned(), "a space"),
        ("\0".to_owned(), "NUL"),
        ("a.b.c".to_owned(), "three parts"),
        (user.jwt.clone(), "a session's JWT"),
        (app.request_token().await, "a request token"),
        (token[..token.len() - 4].to_owned(), "cut"),
        (format!("{token}A"), "longer"),
        (format!("{token} "), "with a space behind"),
        (
            token.rsplit_once('.').unwrap().0.to_owned() + ".",
            "unsigned",
        ),
        (changed_in_the_middle(token), "changed"),
        ("x".repeat(9_000), "over-long"),
    ] {
        expect_refused(&user, page_of(&account, 2, &json!(forged)), reason).await;
    }
    assert_eq!(
        user.post(PATH, page_of(&account, 2, &json!(token)))
            .await
            .status,
        200
    );
}

/// The token with another byte in its claims.
fn changed_in_the_middle(token: &str) -> String {
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let middle = parts[1].len() / 2;
    let other = if &parts[1][middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    parts[1].replace_range(middle..=middle, other);
    parts.join(".")
}

/// The token is named, and nothing else is told.
async fn expect_refused(user: &User<'_>, body: Value, reason: &str) {
    let refused = user.post(PATH, body).await;
    assert_eq!(
        refused.expect_problem(499, "DEFAULT"),
        "continuationToken: must come from a listing of the same folder",
        "{reason}"
    );
    for leak in ["f1.txt", "zz", "beside", "data"] {
        assert!(!refused.text().contains(leak), "{reason}: {leak}");
    }
}
