//! The mailbox itself, its file and its page.

use std::io::Write;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use simulators::aws::mailbox::{MESSAGES_MAX, Mailbox, Message};
use simulators::aws::mailbox_page;
use tower::ServiceExt;

fn message(to: &str, subject: &str) -> Message {
    Message {
        to: to.to_owned(),
        from: "no-reply@amove.example".to_owned(),
        subject: subject.to_owned(),
        text: "Text".to_owned(),
        html: "<p title=\"x\">Hello</p>".to_owned(),
        received_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        reply_to: Vec::new(),
        configuration_set: None,
    }
}

async fn get(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn a_file_keeps_the_newest_messages() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made/mail.jsonl");
    let mailbox = Mailbox::persistent(&file).unwrap();
    for index in 0..=2 * MESSAGES_MAX {
        mailbox
            .receive(message("a@example.com", &index.to_string()))
            .unwrap();
    }
    assert_eq!(mailbox.all().len(), MESSAGES_MAX);
    drop(mailbox);
    // A writer that was killed in the middle of a line.
    let mut log = std::fs::File::options().append(true).open(&file).unwrap();
    log.write_all(br#"{"to":"a@exam"#).unwrap();

    let mailbox = Mailbox::persistent(&file).unwrap();
    let all = mailbox.all();
    assert_eq!(all.len(), MESSAGES_MAX);
    assert_eq!(
        all[0],
        message("a@example.com", &(2 * MESSAGES_MAX).to_string())
    );
    mailbox
        .receive(message("b@example.com", "one more"))
        .unwrap();
    drop(mailbox);
    let mailbox = Mailbox::persistent(&file).unwrap();
    assert_eq!(mailbox.all()[0].subject, "one more");
}

#[tokio::test]
async fn the_json_lists_the_messages_to_an_address() {
    let mailbox = Mailbox::in_memory();
    let router = mailbox_page::router(mailbox.clone());
    mailbox
        .receive(message("a+b@example.com", "first"))
        .unwrap();
    mailbox.receive(message("c@example.com", "other")).unwrap();
    mailbox
        .receive(message("A+b@example.com", "second"))
        .unwrap();

    let (status, body) = get(&router, "/_local/mail.json?to=a%2Bb@example.com&wait=30").await;
    assert_eq!(status, StatusCode::OK);
    let messages: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        messages[1],
        serde_json::json!({
            "to": "a+b@example.com",
            "from": "no-reply@amove.example",
            "subject": "first",
            "text": "Text",
            "html": "<p title=\"x\">Hello</p>",
            "receivedAt": "2026-01-02T03:04:05Z",
        })
    );
    assert_eq!(messages[0]["subject"], "second");

    let (_, body) = get(&router, "/_local/mail.json").await;
    assert_eq!(
        serde_json::from_str::<Vec<Message>>(&body).unwrap().len(),
        3
    );
    let (_, body) = get(&router, "/_local/mail.json?to=nobody@example.com").await;
    assert_eq!(body, "[]");
    let (status, _) = get(&router, "/_local/mail.json?wait=soon").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test(start_paused = true)]
async fn the_json_waits_for_the_first_mail() {
    let mailbox = Mailbox::in_memory();
    let router = mailbox_page::router(mailbox.clone());
    let reader = tokio::spawn({
        let router = router.clone();
        async move { get(&router, "/_local/mail.json?to=a@example.com&wait=60").await }
    });
    tokio::time::sleep(std::time::Duration::from_secs(59)).await;
    mailbox.receive(message("a@example.com", "late")).unwrap();
    assert!(reader.await.unwrap().1.contains("late"));

    let before = tokio::time::Instant::now();
    let (_, body) = get(&router, "/_local/mail.json?to=b@example.com&wait=9999").await;
    assert_eq!(body, "[]");
    assert_eq!(before.elapsed().as_secs(), 60);
}

#[tokio::test]
async fn the_page_shows_hostile_mail_as_text() {
    let mailbox = Mailbox::in_memory();
    let router = mailbox_page::router(mailbox.clone());
    let (_, empty) = get(&router, "/_local/mail").await;
    assert!(empty.contains("No mail yet"));

    let mut hostile = message("a@example.com", "</h2><script>alert(1)</script>");
    hostile.text = "</pre><script>alert(2)</script>".to_owned();
    hostile.html = "\"></iframe><script>alert(3)</script>".to_owned();
    mailbox.receive(hostile).unwrap();
    mailbox.receive(message("b@example.com", "Newer")).unwrap();

    let (status, page) = get(&router, "/_local/mail").await;
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains("<script"), "{page}");
    assert_eq!(page.matches("</iframe>").count(), 2);
    assert!(page.find("Newer").unwrap() < page.find("alert(1)").unwrap());
}
