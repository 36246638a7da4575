//! No key but the account's own is ever used.

use std::process::Command;

use shared::domain::storage::{CloudStorage, FolderName};
use shared::providers::s3::Flavour;

use crate::recorded::{Answer, Recorded, buckets, listing};
use crate::{ACCESS_KEY, Setup, download, first_page, folder, object, upload};

const CANARY: &str = "AKIALEAKCANARY";

/// A process cannot safely change its own environment, so this test runs again in another one.
#[test]
fn keys_of_the_process_are_not_used() {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "isolation::every_request_is_signed_with_the_accounts_key",
            "--nocapture",
        ])
        .env("AWS_ACCESS_KEY_ID", CANARY)
        .env("AWS_SECRET_ACCESS_KEY", CANARY)
        .env("AWS_SESSION_TOKEN", CANARY)
        .env("AWS_REGION", "ap-canary-1")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && output.contains("1 passed"),
        "{output}"
    );
}

#[tokio::test]
async fn every_request_is_signed_with_the_accounts_key() {
    for flavour in [
        Flavour::Aws,
        Flavour::Wasabi,
        Flavour::Generic,
        Flavour::GoogleCloud,
        Flavour::Cloudflare,
    ] {
        let server = Recorded::start(|asked| match (asked.method.as_str(), asked.uri.path()) {
            ("GET", "/") => Answer::new(200, buckets(["photos".to_owned()])),
            ("GET", _) if asked.query().contains("location") => {
                Answer::new(200, "<LocationConstraint/>")
            }
            ("GET", _) => Answer::new(200, listing(&["a/1"], "")),
            ("POST", _) => Answer::new(200, "<DeleteResult></DeleteResult>"),
            _ => Answer::new(200, ""),
        })
        .await;
        let drive = Setup::flavour(flavour).open(&server.url);
        drive.check_credentials().await.unwrap();
        drive.list_buckets(true).await.unwrap();
        drive.list_objects(&first_page("a")).await.unwrap();
        drive
            .create_folder(&folder("a"), &FolderName::parse("folderName", "b").unwrap())
            .await
            .unwrap();
        drive.delete_object(&object("a")).await.unwrap();
        drive.delete_object(&object("a/")).await.unwrap();
        let down = drive
            .download_url(&object("a"), &download(true))
            .await
            .unwrap()
            .signed()
            .unwrap();
        let up = drive
            .upload_url(&object("a"), &upload("text/plain"))
            .await
            .unwrap()
            .signed()
            .unwrap();

        let asked = server.asked();
        assert!(asked.len() >= 7, "{flavour:?}: {:?}", server.lines());
        for request in &asked {
            let authorization = request.header("authorization");
            assert!(
                authorization.contains(&format!("Credential={ACCESS_KEY}/")),
                "{request:?}"
            );
            assert!(
                !format!("{request:?}").to_lowercase().contains("canary"),
                "{request:?}"
            );
            assert_eq!(request.header("x-amz-security-token"), "");
        }
        for url in [down.url, up.url] {
            assert!(
                url.contains(&format!("X-Amz-Credential={ACCESS_KEY}%2F")),
                "{url}"
            );
            assert!(
                !url.to_lowercase().contains("canary") && !url.contains("Security-Token"),
                "{url}"
            );
        }
    }
}
