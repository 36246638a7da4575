//! The demo drive: all that a bucket can do, and no way out of one's own part of it.

use serde_json::{Value, json};
use testkit::canary::assert_absent;
use testkit::{
    BUCKET, DEMO_BUCKET, PUBLIC_URL, ROLE_ACCESS_KEY, ROLE_SECRET_KEY, ROLE_SESSION_TOKEN,
    Response, TestApp, User,
};

/// A request to a demo drive.
async fn ask(user: &User<'_>, endpoint: &str, id: &str, mut body: Value) -> Response {
    for field in ["bucketName", "storageName"] {
        if body.get(field).is_none() {
            body[field] = json!("demo");
        }
    }
    user.storage(endpoint, id, body).await
}

async fn paths(user: &User<'_>, id: &str, path: &str) -> Vec<String> {
    let listed = ask(user, "list_objects", id, json!({"path": path}))
        .await
        .json();
    let paths = listed["data"].as_array().unwrap().iter();
    paths
        .map(|entry| entry["path"].as_str().unwrap().to_owned())
        .collect()
}

/// The keys of the platform's bucket below `account`'s prefix, without it.
async fn keys_of(app: &TestApp, email: &str) -> Vec<String> {
    let prefix = format!("{}/", app.account_of(email));
    let keys = app.demo_keys().await.into_iter();
    keys.filter_map(|key| key.strip_prefix(&prefix).map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn a_new_drive_holds_its_welcome_file() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;

    let buckets = ask(&jane, "list_buckets", &id, json!({})).await.json();
    let bucket = json!({
        "id": "",
        "name": "demo",
        "region": "eu-central-1",
        "createDate": app.clock.now().to_string(),
    });
    assert_eq!(buckets, json!({"data": [bucket], "continuationToken": ""}));
    let listed = ask(&jane, "list_objects", &id, json!({})).await.json();
    let entries = listed["data"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{listed}");
    assert_eq!(entries[0]["name"], "Welcome.txt");
    assert_eq!(entries[0]["path"], "Welcome.txt");
    assert_eq!(
        (&entries[0]["id"], &entries[0]["type"]),
        (&json!(""), &json!(1))
    );
    assert!(entries[0]["size"].as_u64().unwrap() > 100);
    assert_eq!(listed["bucketName"], "demo");
}

#[tokio::test]
async fn folders_and_pages_work_below_the_prefix() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    for (path, name) in [("/", "a"), ("/", "b"), ("a", "c")] {
        let folder = json!({"path": path, "folderName": name});
        ask(&jane, "create_folder", &id, folder)
            .await
            .expect_empty();
    }
    assert_eq!(paths(&jane, &id, "/").await, ["a/", "b/", "Welcome.txt"]);
    assert_eq!(paths(&jane, &id, "a").await, ["a/c/"]);

    let mut seen = Vec::new();
    let mut token = String::new();
    loop {
        let page = json!({"count": 1, "continuationToken": token});
        let page = ask(&jane, "list_objects", &id, page).await.json();
        let entries = page["data"].as_array().unwrap();
        seen.extend(entries.iter().map(|entry| entry["path"].clone()));
        page["continuationToken"]
            .as_str()
            .unwrap()
            .clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    seen.sort_by_key(Value::to_string);
    assert_eq!(seen, ["Welcome.txt", "a/", "b/"]);
}

#[tokio::test]
async fn the_url_is_a_link_of_ours_and_no_answer_shows_the_role() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let file = json!({"key": "Welcome.txt", "expireHours": 168, "forceToDownload": true});
    let mut answers = Vec::new();
    for endpoint in ["generate_download_url", "generate_upload_url"] {
        let answer = ask(&jane, endpoint, &id, file.clone()).await;
        assert!(answer.string().starts_with(PUBLIC_URL), "{endpoint}");
        answers.push(answer);
    }
    let upload = &answers[1];
    assert_eq!(upload.header("x-upload-method"), "PUT");
    assert_eq!(
        upload.header("x-upload-headers"),
        r#"{"Content-Type":"application/octet-stream"}"#
    );
    for (endpoint, body) in [
        ("list_buckets", json!({})),
        ("list_objects", json!({"count": 1})),
        ("list_objects", json!({"continuationToken": "x"})),
        ("list_objects", json!({"bucketName": DEMO_BUCKET})),
        ("create_folder", json!({"path": "/", "folderName": "a"})),
        ("delete_object", json!({"key": "a/"})),
        ("delete_object", json!({"key": "a", "storageName": "other"})),
    ] {
        answers.push(ask(&jane, endpoint, &id, body).await);
    }
    let refreshed = json!({"cloudAccountId": id});
    answers.push(
        jane.post("/api/v1/desktop/refresh_token", refreshed.clone())
            .await,
    );
    answers.push(app.post("/api/v1/desktop/refresh_token", refreshed).await);
    for answer in answers {
        let shown = format!("{:?} {}", answer.headers, answer.text());
        assert_absent(&shown, "the role's key", ROLE_ACCESS_KEY);
        assert_absent(&shown, "the role's secret", ROLE_SECRET_KEY);
        assert_absent(&shown, "the role's session", ROLE_SESSION_TOKEN);
        assert_absent(&shown, "the bucket", DEMO_BUCKET);
        assert!(!shown.contains("X-Amz"), "{shown}");
    }
    let records = format!("{:?}", app.records());
    assert_absent(&records, "the role's key", ROLE_ACCESS_KEY);
    assert_absent(&records, "the role's session", ROLE_SESSION_TOKEN);
}

#[tokio::test]
async fn no_path_leads_out_of_the_drive() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let mallory = app.user("mallory@example.com").await;
    app.give_demo_drive(&jane).await;
    let id = app.give_demo_drive(&mallory).await;
    let hers = app.account_of("jane@example.com");
    app.put_demo_object("outside.txt", b"the platform's").await;
    let before = app.demo_keys().await;

    for path in [
        "../",
        "..",
        "/..",
        "a/../..",
        &format!("../{hers}/"),
        &format!("./../{hers}"),
    ] {
        let listed = ask(&mallory, "list_objects", &id, json!({"path": path})).await;
        listed.expect_problem(499, "DEFAULT");
        let folder = json!({"path": path, "folderName": "x"});
        let made = ask(&mallory, "create_folder", &id, folder).await;
        made.expect_problem(499, "DEFAULT");
        for endpoint in [
            "delete_object",
            "generate_download_url",
            "generate_upload_url",
        ] {
            let key = json!({"key": format!("{path}/Welcome.txt")});
            let answer = ask(&mallory, endpoint, &id, key).await;
            answer.expect_problem(499, "DEFAULT");
        }
    }
    // These are names like any other.
    for path in [
        &*format!("{hers}/"),
        &format!("/{hers}"),
        &format!("//{hers}/"),
        &format!("..%2f{hers}/"),
        &format!("%2e%2e/{hers}/"),
        &format!("..\\{hers}\\"),
        &format!("{DEMO_BUCKET}/"),
    ] {
        assert_eq!(paths(&mallory, &id, path).await, [""; 0], "{path}");
        for key in [path.to_owned(), format!("{path}/Welcome.txt")] {
            let deleted = ask(&mallory, "delete_object", &id, json!({"key": key})).await;
            deleted.expect_empty();
        }
    }
    assert_eq!(app.demo_keys().await, before);
}

#[tokio::test]
async fn no_other_bucket_is_there() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = app.give_demo_drive(&jane).await;
    let before = app.demo_keys().await;
    for bucket in [DEMO_BUCKET, BUCKET, "demo2", "demo.demo"] {
        for (endpoint, body) in [
            ("list_objects", json!({"path": "/"})),
            ("create_folder", json!({"path": "/", "folderName": "a"})),
            ("delete_object", json!({"key": "Welcome.txt"})),
            ("generate_download_url", json!({"key": "Welcome.txt"})),
            ("generate_upload_url", json!({"key": "Welcome.txt"})),
        ] {
            let mut body = body;
            body["bucketName"] = json!(bucket);
            body["storageName"] = json!(bucket);
            let answer = ask(&jane, endpoint, &id, body).await;
            answer.expect_problem(499, "NOT_FOUND");
        }
    }
    for bucket in ["", "../demo", "demo/", "demo?x"] {
        let listed = ask(&jane, "list_objects", &id, json!({"bucketName": bucket})).await;
        listed.expect_problem(499, "DEFAULT");
    }
    assert_eq!(app.demo_keys().await, before);
}

#[tokio::test]
async fn two_accounts_do_not_see_each_other() {
    let app = TestApp::start().await;
    let (jane, john) = (
        app.user("jane@example.com").await,
        app.user("john@example.com").await,
    );
    let (hers, his) = (
        app.give_demo_drive(&jane).await,
        app.give_demo_drive(&john).await,
    );
    let folder = json!({"path": "/", "folderName": "hers"});
    ask(&jane, "create_folder", &hers, folder)
        .await
        .expect_empty();
    assert_eq!(paths(&jane, &hers, "/").await, ["hers/", "Welcome.txt"]);
    assert_eq!(paths(&john, &his, "/").await, ["Welcome.txt"]);

    for endpoint in ["list_buckets", "list_objects"] {
        let answer = ask(&john, endpoint, &hers, json!({})).await;
        answer.expect_problem(499, "NOT_FOUND");
    }
    let token = json!({"count": 1});
    let page = ask(&jane, "list_objects", &hers, token).await.json();
    let stolen = json!({"continuationToken": page["continuationToken"]});
    let answer = ask(&john, "list_objects", &his, stolen).await;
    answer.expect_problem(499, "DEFAULT");
}

#[tokio::test]
async fn deleting_everything_deletes_the_drive_and_nothing_else() {
    let app = TestApp::start().await;
    let (jane, john) = (
        app.user("jane@example.com").await,
        app.user("john@example.com").await,
    );
    let hers = app.give_demo_drive(&jane).await;
    app.give_demo_drive(&john).await;
    app.put_demo_object("outside.txt", b"the platform's").await;
    let folder = json!({"path": "/", "folderName": "a"});
    ask(&jane, "create_folder", &hers, folder)
        .await
        .expect_empty();

    for key in ["/", ""] {
        let answer = ask(&jane, "delete_object", &hers, json!({"key": key})).await;
        answer.expect_problem(499, "DEFAULT");
    }
    let deleted = ask(&jane, "delete_object", &hers, json!({"key": "//"})).await;
    deleted.expect_empty();
    assert_eq!(
        keys_of(&app, "jane@example.com").await,
        ["Welcome.txt", "a/"]
    );

    for key in paths(&jane, &hers, "/").await {
        let deleted = ask(&jane, "delete_object", &hers, json!({"key": key})).await;
        deleted.expect_empty();
    }
    assert_eq!(keys_of(&app, "jane@example.com").await, [""; 0]);
    assert_eq!(keys_of(&app, "john@example.com").await, ["Welcome.txt"]);
    assert!(app.demo_keys().await.contains(&"outside.txt".to_owned()));
}

#[tokio::test]
async fn a_function_without_the_bucket_says_so_in_its_log_only() {
    let app = TestApp::start_with(|config| config.demo_bucket = None).await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_s3().await;
    let mut record = app.record(&format!("CLOUD#{id}"));
    let prefix = format!("{}/", app.account_of("jane@example.com"));
    record["demo_prefix"] = json!({"S": prefix});
    app.put_record(&record).await;
    let answer = ask(&jane, "list_objects", &id, json!({})).await;
    assert_eq!((answer.status, answer.text()), (500, ""));
}
