//! The way through Lambda: the function's real binary, which streams, fed with this family's events.

use testkit::TestApp;
use testkit::lambda::{Lambda, Person, events_of};

/// The status of each event as it stands, and of the same with its placeholders filled.
const ROWS: [(&str, u16, u16); 10] = [
    ("content.json", 404, 302),
    ("content.unknown.json", 404, 404),
    ("count_download.json", 404, 204),
    ("count_view.json", 404, 204),
    ("upload.another_type.json", 404, 400),
    ("upload.json", 404, 201),
    ("upload_by_post.json", 404, 201),
    ("viewer_page.json", 404, 200),
    ("viewer_page.unknown.json", 404, 404),
    ("viewer_script.json", 200, 200),
];

#[tokio::test]
async fn every_event_is_answered() {
    let files = events_of("links");
    let named: Vec<_> = ROWS.iter().map(|row| row.0).collect();
    assert_eq!(named, files.keys().map(String::as_str).collect::<Vec<_>>());
    let app = TestApp::start().await;
    let mut lambda = Lambda::start(&app, env!("CARGO_BIN_EXE_links")).await;
    for (number, (file, raw, filled)) in ROWS.into_iter().enumerate() {
        let event = &files[file];
        assert_eq!(lambda.invoke(event).await.status, raw, "{file}");
        let person = Person::new(&app, &format!("person{number}")).await;
        let answer = lambda.invoke(&person.fill(event).await).await;
        assert_eq!(answer.status, filled, "{file}: {}", answer.text());
        let kept = answer.header("cache-control") != "no-store";
        assert_eq!(kept, file == "viewer_script.json", "{file}");
        assert_ne!(answer.header("x-request-id"), "");
    }
    let printed = lambda.stop().await;
    assert!(printed.contains("answered"), "{printed}");
    for secret in ["canary", "boxcloud", "hello.txt", "AAAAAAAA"] {
        let line = printed.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
