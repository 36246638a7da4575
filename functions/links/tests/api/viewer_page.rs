//! The page that a mailed link leads to.

use http::{Method, Request};
use serde_json::json;
use simulators::drives::{Fault, Scope, Vendor};
use testkit::{PUBLIC_URL, Response, TestApp, User};

use crate::{put_file, send};

/// What is displayed: the page without tags and references.
pub(crate) fn shown(page: &str) -> String {
    let body = page.split_once("<main>").expect("a page").1;
    let mut text = String::new();
    for (number, part) in body.split('<').enumerate() {
        let visible = if number == 0 {
            part
        } else {
            part.split_once('>').map_or("", |tag| tag.1)
        };
        text.push_str(visible);
    }
    unescape(&text)
}

fn unescape(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
}

/// Sends a file on Jane's Box to Bob; answers the link in his mail.
pub(crate) async fn mailed(app: &TestApp, jane: &User<'_>, name: &str) -> String {
    let id = jane.connect_drive(Vendor::Box).await;
    let body = json!({"email": "bob@example.com", "storageName": "", "key": name});
    jane.storage("send_download_url", &id, body)
        .await
        .expect_empty();
    app.mailed_link("bob@example.com")
}

async fn page_for(name: &str, content: &str, media_type: &str) -> (Response, String) {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(&app, Vendor::Box, name, content, media_type);
    let link = mailed(&app, &jane, name).await;
    let page = app.get_link(&link).await;
    assert_eq!(page.status, 200);
    let html = page.text().to_owned();
    (page, html)
}

#[tokio::test]
async fn the_page_tells_what_it_is_and_until_when() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(
        &app,
        Vendor::Box,
        "Report Q3.bin",
        "0123456789",
        "application/octet-stream",
    );
    let link = mailed(&app, &jane, "Report Q3.bin").await;
    let page = app.get_link(&link).await;
    let text = shown(page.text());
    let until = app.clock.now() + jiff::SignedDuration::from_hours(24);
    let until = until.strftime("%-d %B %Y, %H:%M UTC").to_string();
    for part in ["Report Q3.bin", "10 bytes", "Shared by Jane", &until] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("There is no preview for this kind of file."));
    let path = link.strip_prefix(PUBLIC_URL).unwrap();
    assert!(
        page.text()
            .contains(&format!("href=\"{path}/content?download=1\""))
    );
    // The button works without a script.
    let answer = app.get_link(&format!("{link}/content?download=1")).await;
    assert_eq!(answer.status, 302);
}

#[tokio::test]
async fn every_page_has_the_headers_that_bind_a_browser() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(&app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let link = mailed(&app, &jane, "a.txt").await;
    let unknown = format!("{PUBLIC_URL}/v/{}", "A".repeat(43));
    for (url, status) in [
        (link, 200),
        (unknown, 404),
        (format!("{PUBLIC_URL}/v/x"), 404),
    ] {
        let page = app.get_link(&url).await;
        assert_eq!(page.status, status);
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-robots-tag", "noindex, nofollow, noarchive"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "strict-transport-security",
                "max-age=31536000; includeSubDomains",
            ),
        ] {
            assert_eq!(page.header(name), value, "{name} of {url}");
        }
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        for loose in ["unsafe", "http", "*", "blob:"] {
            assert!(!policy.contains(loose), "{loose} in {policy}");
        }
        assert_eq!(page.header("set-cookie"), "");
        // Nothing of another origin, and no script in the page.
        let html = page.text();
        assert!(
            !html.contains("http:") && !html.contains("https:"),
            "{html}"
        );
        assert_eq!(html.matches("<script").count(), usize::from(status == 200));
        let tags = html.split('<').filter_map(|part| part.split_once('>'));
        for (tag, _) in tags {
            let handler = tag.split_whitespace().find(|word| word.starts_with("on"));
            assert_eq!(handler, None, "{tag}");
        }
    }
}

#[tokio::test]
async fn each_kind_of_file_has_its_preview() {
    for (name, media_type, element) in [
        ("a.png", "application/octet-stream", "<img "),
        ("a.MP4", "", "<video "),
        ("a.mp3", "audio/mpeg", "<audio "),
        ("a.pdf", "application/pdf", "<iframe "),
        ("a.txt", "text/plain", "<pre "),
        ("a.csv", "text/csv", "<pre "),
        ("a.svg", "image/svg+xml", "There is no preview"),
        ("a.html", "text/html", "There is no preview"),
        ("a.zip", "image/png", "There is no preview"),
        ("a", "application/octet-stream", "There is no preview"),
    ] {
        let (_, html) = page_for(name, "12345", media_type).await;
        assert!(html.contains(element), "{element} for {name}: {html}");
        let elements = ["<img ", "<video ", "<audio ", "<iframe ", "<pre "];
        let count = elements.iter().filter(|tag| html.contains(**tag)).count();
        assert_eq!(count, usize::from(element.starts_with('<')), "{name}");
    }
}

#[tokio::test]
async fn a_text_is_shown_as_text_and_only_its_beginning() {
    let hostile = "<script>alert(1)</script>\r\n\"><img src=x onerror=alert(1)> & é 👩‍👩‍👧";
    let (_, html) = page_for("a.txt", hostile, "text/html").await;
    assert!(shown(&html).contains(&hostile.replace('\r', "")), "{html}");
    assert!(
        !html.contains("<script>") && !html.contains("<img"),
        "{html}"
    );
    assert!(!html.contains("This is the beginning"));

    // A character of three bytes lies across the limit of what is shown.
    let long = format!("{}€ and more", "x".repeat(64 * 1024 - 1));
    let (_, html) = page_for("a.txt", &long, "text/plain").await;
    assert!(html.contains(&"x".repeat(64 * 1024 - 1)));
    assert!(html.contains("This is the beginning") && !html.contains('€'));
    assert!(!html.contains('\u{FFFD}'));

    let (_, html) = page_for("a.txt", "", "text/plain").await;
    assert!(html.contains("<pre ") && !html.contains("This is the beginning"));
    let (_, html) = page_for("a.txt", "\u{FEFF}caf\u{e9}", "text/plain").await;
    assert!(html.contains(">café</pre>"), "{html}");
    let (_, html) = page_for("a.txt", "PK\u{3}\u{4}\0\0", "text/plain").await;
    assert!(html.contains("There is no preview"), "{html}");
}

#[tokio::test]
async fn hostile_names_are_shown_as_text() {
    for name in [
        "<script>alert(1)<script>.txt",
        "\"><img src=x onerror=alert(1)>.png",
        "' onmouseover='alert(1).mp4",
        "a\u{202E}gpj.exe",
        "{{ id }} & é 👩‍👩‍👧.pdf",
        &format!("{}.txt", "x".repeat(240)),
    ] {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        put_file(&app, Vendor::GoogleDrive, name, "x", "text/plain");
        let id = jane.connect_drive(Vendor::GoogleDrive).await;
        let body = json!({"email": "bob@example.com", "storageName": "", "key": name});
        jane.storage("send_download_url", &id, body)
            .await
            .expect_empty();
        let mail = &app.mailbox.messages_to("bob@example.com")[0];
        let page = app.get_link(&app.mailed_link("bob@example.com")).await;
        let html = page.text();
        let visible = name.replace('\u{202E}', "");
        assert!(shown(html).contains(&visible), "{visible} in {html}");
        assert!(!html.contains('\u{202E}'));
        for injected in [
            "<script>",
            "<img src=x",
            "onmouseover='",
            "onerror=alert(1)>",
        ] {
            assert!(!html.contains(injected), "{injected} in {html}");
        }
        for part in [&mail.subject, &mail.from, &mail.to] {
            assert!(!part.contains("alert") && !part.contains("exe"), "{part}");
        }
    }
}

/// Programs that look into mail open links, some of them often.
#[tokio::test]
async fn looking_neither_counts_nor_ends_the_link() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(&app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let link = mailed(&app, &jane, "a.txt").await;
    let before = app.records_of("LINK#");
    for _ in 0..10 {
        for url in [
            link.clone(),
            format!("{link}/content"),
            format!("{link}/content?download=1"),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = send(&app, method.clone(), &url, &[], Vec::new()).await;
                assert!(answer.status < 400, "{method} {url}");
                assert!(method == Method::GET || answer.body.is_empty());
            }
        }
    }
    assert_eq!(app.records_of("LINK#"), before);
}

#[tokio::test]
async fn gestures_are_counted_for_each_link() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(&app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let link = mailed(&app, &jane, "a.txt").await;
    for (what, times) in [("views", 3), ("downloads", 2)] {
        for _ in 0..times {
            let answer = send(
                &app,
                Method::POST,
                &format!("{link}/{what}"),
                &[],
                Vec::new(),
            )
            .await;
            assert_eq!((answer.status, answer.text()), (204, ""));
        }
        let answer = app.get_link(&format!("{link}/{what}")).await;
        assert_eq!(answer.status, 405);
    }
    let record = &app.records_of("LINK#")[0];
    assert_eq!(
        (&record["views"]["N"], &record["downloads"]["N"]),
        (&json!("3"), &json!("2"))
    );
    // What is no shared file has nothing to count, and no record comes of trying.
    let unknown = format!("{PUBLIC_URL}/v/{}", "A".repeat(43));
    for url in [unknown, format!("{PUBLIC_URL}/v/x")] {
        let answer = send(&app, Method::POST, &format!("{url}/views"), &[], Vec::new()).await;
        assert_eq!(answer.status, 404);
    }
    assert_eq!(app.records_of("LINK#").len(), 1);
}

#[tokio::test]
async fn a_link_that_is_none_or_no_more_has_a_friendly_page() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(&app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let link = mailed(&app, &jane, "a.txt").await;
    let id = jane.connect_drive(Vendor::Box).await;
    let body = json!({"storageName": "", "key": "a.txt"});
    let other = jane
        .storage("generate_download_url", &id, body)
        .await
        .string();
    let other = other.strip_suffix("/content").unwrap();
    for (url, status, words) in [
        (
            &format!("{PUBLIC_URL}/v/{}", "A".repeat(43)),
            404,
            "Nothing is here",
        ),
        (
            &format!("{PUBLIC_URL}/v/%3Cscript%3E"),
            404,
            "Nothing is here",
        ),
        (&other.to_owned(), 404, "Nothing is here"),
    ] {
        let page = app.get_link(url).await;
        assert_eq!(page.status, status, "{url}");
        assert!(shown(page.text()).contains(words), "{}", page.text());
        assert!(!page.text().contains("script>"), "{}", page.text());
    }
    app.clock.advance(jiff::SignedDuration::from_hours(24));
    let page = app.get_link(&link).await;
    assert_eq!(page.status, 410);
    assert!(shown(page.text()).contains("This link has expired"));
}

/// The page is of use while the storage is away; its preview is not.
#[tokio::test]
async fn a_page_does_without_the_storage() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(&app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let link = mailed(&app, &jane, "a.txt").await;
    let down = Fault::Status {
        status: 503,
        retry_after: None,
    };
    app.drives
        .of(Vendor::Box)
        .switches()
        .add(down, Scope::All, None);
    let page = app.get_link(&link).await;
    assert_eq!(page.status, 200);
    assert!(shown(page.text()).contains("cannot be read at the moment"));
}

#[tokio::test]
async fn the_script_is_a_file_of_its_own() {
    let app = TestApp::start().await;
    let request = Request::get("/v/viewer.js").body(axum::body::Body::empty());
    let script = app.send(request.unwrap()).await;
    assert_eq!(script.status, 200);
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(script.header("cache-control"), "public, max-age=3600");
    assert!(script.text().contains("isTrusted"));
}

#[tokio::test]
async fn the_page_of_a_text_that_was_deleted_says_so() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    put_file(&app, Vendor::Box, "a.txt", "Hello!", "text/plain");
    let link = mailed(&app, &jane, "a.txt").await;
    let root = simulators::drives::tree::ROOT;
    {
        let drive = app.drives.of(Vendor::Box);
        let mut tree = drive.tree();
        let id = tree.child(root, "a.txt").unwrap().id;
        tree.remove(id);
    }
    let page = app.get_link(&link).await;
    assert_eq!(page.status, 200);
    assert!(shown(page.text()).contains("no longer where it was"));
}
