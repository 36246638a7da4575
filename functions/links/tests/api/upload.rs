//! A file that is stored through a link.

use http::Method;
use jiff::SignedDuration;
use reqwest::Client;
use serde_json::{Value, json};
use simulators::drives::Vendor;
use testkit::{PUBLIC_URL, Response, TestApp};

use crate::{content_of, send, url_for};

/// The headers that `X-Upload-Headers` tells, for a body of this size.
fn headers_for(answer: &Response, size: usize) -> Vec<(String, String)> {
    let headers: Value = serde_json::from_str(answer.header("x-upload-headers")).unwrap();
    let fill = |text: &str| {
        let last = i64::try_from(size).unwrap() - 1;
        text.replace("{size}", &size.to_string())
            .replace("{last}", &last.to_string())
    };
    let pairs = headers.as_object().unwrap().iter();
    pairs
        .map(|(name, value)| (name.clone(), fill(value.as_str().unwrap())))
        .collect()
}

/// Uploads as a client does that knows nothing but the URL and the answer's headers.
async fn upload(app: &TestApp, url: &str, told: &Response, body: &[u8]) -> u16 {
    let method: Method = told.header("x-upload-method").parse().unwrap();
    let headers = headers_for(told, body.len());
    let mut place = url.to_owned();
    if url.starts_with(PUBLIC_URL) {
        let headers: Vec<_> = headers
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let answer = send(app, method.clone(), url, &headers, body.to_vec()).await;
        if answer.status != 307 {
            return answer.status;
        }
        answer.header("location").clone_into(&mut place);
    }
    let mut request = Client::new().request(method, place).body(body.to_vec());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn every_drive_takes_an_upload_by_url_and_headers_alone() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        for hours in [1, 24] {
            for body in [&b"Hello!"[..], b"Hello again!", b""] {
                let options = json!({"contentType": "text/plain", "expireHours": hours});
                let (url, told) = url_for(&jane, "generate_upload_url", &id, options).await;
                let status = upload(&app, &url, &told, body).await;
                assert!(
                    (200..300).contains(&status),
                    "{vendor:?} {hours} h: {status}"
                );
                assert_eq!(
                    content_of(&app, vendor, "a.txt").as_deref(),
                    Some(body),
                    "{vendor:?} {hours} h"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_link_works_when_the_providers_own_would_have_ended() {
    for vendor in [Vendor::Dropbox, Vendor::OneDrive, Vendor::Box] {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        let options = json!({"contentType": "text/plain", "expireHours": 48});
        let (url, told) = url_for(&jane, "generate_upload_url", &id, options).await;
        for (hours, body) in [(0, "one"), (30, "two"), (17, "three")] {
            app.clock.advance(SignedDuration::from_hours(hours));
            let status = upload(&app, &url, &told, body.as_bytes()).await;
            assert!((200..300).contains(&status), "{vendor:?} {body}: {status}");
            let stored = content_of(&app, vendor, "a.txt");
            assert_eq!(stored.as_deref(), Some(body.as_bytes()), "{vendor:?}");
        }
        app.clock.advance(SignedDuration::from_hours(1));
        assert_eq!(upload(&app, &url, &told, b"late").await, 410, "{vendor:?}");
    }
}

/// A large body need not pass through us to learn where it goes.
#[tokio::test]
async fn an_empty_request_asks_where_the_body_goes() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::OneDrive).await;
    let (url, _) = url_for(&jane, "generate_upload_url", &id, json!({})).await;
    let answer = send(&app, Method::PUT, &url, &[], Vec::new()).await;
    assert_eq!(answer.status, 307);
    assert!(content_of(&app, Vendor::OneDrive, "a.txt").is_none());
}

#[tokio::test]
async fn a_relay_takes_its_own_type_up_to_its_limit() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    let options = json!({"contentType": "text/plain"});
    let (url, _) = url_for(&jane, "generate_upload_url", &id, options).await;
    let text = [("content-type", "text/plain")];

    for headers in [&[][..], &[("content-type", "text/html")]] {
        let answer = send(&app, Method::PUT, &url, headers, b"x".to_vec()).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains("Content-Type"));
    }
    let limit = 4_500_000;
    let answer = send(&app, Method::PUT, &url, &text, vec![b'x'; limit + 1]).await;
    assert_eq!(answer.status, 413);
    assert!(
        answer.text().contains("at most 4500000 bytes"),
        "{}",
        answer.text()
    );
    assert!(content_of(&app, Vendor::Box, "a.txt").is_none());
    let answer = send(&app, Method::PUT, &url, &text, vec![b'x'; limit]).await;
    assert_eq!(answer.status, 201);
    assert_eq!(content_of(&app, Vendor::Box, "a.txt").unwrap().len(), limit);
}

/// A link is good for one thing.
#[tokio::test]
async fn a_link_to_store_does_not_read_and_one_to_read_does_not_store() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Box).await;
    let (up, _) = url_for(&jane, "generate_upload_url", &id, json!({})).await;
    let (down, _) = url_for(&jane, "generate_download_url", &id, json!({})).await;
    assert_eq!(app.get_link(&up).await.status, 404);
    for method in [Method::PUT, Method::POST] {
        let answer = send(&app, method, &down, &[], b"x".to_vec()).await;
        assert_eq!(answer.status, 404);
    }
    assert!(content_of(&app, Vendor::Box, "a.txt").is_none());
}
