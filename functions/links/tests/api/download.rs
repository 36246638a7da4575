//! A file's bytes behind a link.

use http::Method;
use jiff::SignedDuration;
use serde_json::json;
use simulators::drives::{Fault, Scope, Vendor};
use testkit::{PUBLIC_URL, TestApp};

use crate::{fetch, put_file, send, url_for};

/// For as long as the link lives, whatever the provider's own URLs and tokens live.
#[tokio::test]
async fn a_link_works_to_its_end_on_every_drive() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        put_file(&app, vendor, "a.txt", "Hello!", "text/plain");
        let hours = json!({"expireHours": 48});
        let (url, answer) = url_for(&jane, "generate_download_url", &id, hours).await;
        assert!(url.starts_with(PUBLIC_URL) && url.ends_with("/content"));
        let ends = (app.clock.now() + SignedDuration::from_hours(48)).to_string();
        assert_eq!(answer.header("x-link-expires-at"), ends);
        let mut seen = std::collections::HashSet::new();

        for hours in [0, 5, 20, 22] {
            app.clock.advance(SignedDuration::from_hours(hours));
            let answer = app.get_link(&url).await;
            match answer.status {
                302 => {
                    let location = answer.header("location").to_owned();
                    assert_eq!(fetch(&location).await, (200, b"Hello!".to_vec()));
                    assert!(seen.insert(location), "made anew for each use");
                    assert_eq!(answer.header("referrer-policy"), "no-referrer");
                }
                200 => assert_eq!(answer.body, b"Hello!", "{vendor:?}"),
                status => panic!("{vendor:?}: {status} {}", answer.text()),
            }
            assert_eq!(answer.header("cache-control"), "no-store");
            assert!(!format!("{:?}{}", answer.headers, answer.text()).contains("canary-"));
        }
        app.clock.advance(SignedDuration::from_hours(1));
        assert_eq!(app.get_link(&url).await.status, 410, "{vendor:?}");
    }
}

#[tokio::test]
async fn what_is_streamed_has_ranges_and_a_name() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::GoogleDrive).await;
    put_file(&app, Vendor::GoogleDrive, "a.txt", "Hello!", "text/plain");
    let (url, _) = url_for(&jane, "generate_download_url", &id, json!({})).await;

    let whole = app.get_link(&url).await;
    assert_eq!((whole.status, whole.text()), (200, "Hello!"));
    assert_eq!(whole.header("content-type"), "text/plain");
    assert_eq!(whole.header("content-length"), "6");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-disposition"), "inline");
    assert_eq!(
        whole.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );

    for (range, part, content_range) in [
        ("bytes=0-1", "He", "bytes 0-1/6"),
        ("bytes=4-", "o!", "bytes 4-5/6"),
        ("bytes=-3", "lo!", "bytes 3-5/6"),
        ("bytes=2-99", "llo!", "bytes 2-5/6"),
    ] {
        let answer = send(&app, Method::GET, &url, &[("range", range)], Vec::new()).await;
        assert_eq!((answer.status, answer.text()), (206, part), "{range}");
        assert_eq!(answer.header("content-range"), content_range, "{range}");
    }
    let beyond = send(
        &app,
        Method::GET,
        &url,
        &[("range", "bytes=6-")],
        Vec::new(),
    )
    .await;
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), "bytes */6");
    for range in [
        "bytes=3-1",
        "lines=0-1",
        "bytes=a-b",
        "bytes=0-1,3-4",
        "bytes=-0",
        "bytes",
    ] {
        let answer = send(&app, Method::GET, &url, &[("range", range)], Vec::new()).await;
        assert_eq!((answer.status, answer.text()), (200, "Hello!"), "{range}");
    }
}

#[tokio::test]
async fn what_is_forced_is_saved_under_its_name() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    for vendor in [Vendor::GoogleDrive, Vendor::Dropbox] {
        let id = jane.connect_drive(vendor).await;
        put_file(&app, vendor, "a.txt", "Hello!", "text/plain");
        let forced = json!({"forceToDownload": true, "expireHours": 1});
        let (url, _) = url_for(&jane, "generate_download_url", &id, forced).await;
        let answer = app.get_link(&url).await;
        assert_eq!(
            (answer.status, answer.text()),
            (200, "Hello!"),
            "{vendor:?}"
        );
        assert_eq!(
            answer.header("content-disposition"),
            "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"
        );
    }
    let id = jane.connect_drive(Vendor::GoogleDrive).await;
    let (url, _) = url_for(&jane, "generate_download_url", &id, json!({})).await;
    let answer = app.get_link(&format!("{url}?download=1")).await;
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
}

/// Nothing that can run is shown from our own origin, whatever the provider calls it.
#[tokio::test]
async fn what_could_run_is_only_ever_saved() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::GoogleDrive).await;
    for (name, media_type) in [
        ("a.html", "text/html"),
        ("a.svg", "image/svg+xml"),
        ("a.xml", "application/xml"),
        ("a.js", "text/javascript"),
        ("a.bin", "nonsense"),
        ("b.html", "TEXT/HTML; charset=utf-8"),
    ] {
        put_file(&app, Vendor::GoogleDrive, name, "<script>", media_type);
        let key = json!({"key": name});
        let (url, _) = url_for(&jane, "generate_download_url", &id, key).await;
        let answer = app.get_link(&url).await;
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment")
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

/// A browser that opens a file loads it into a document of its own, and runs nothing there.
#[tokio::test]
async fn what_is_shown_is_shown_by_its_name() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::GoogleDrive).await;
    let image = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox";
    let media = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'";
    let viewer = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; \
                  frame-ancestors 'self'";
    let text = "default-src 'none'; sandbox";
    for (name, told, media_type, policy) in [
        ("a.png", "text/html", "image/png", image),
        ("a.mp4", "text/html", "video/mp4", media),
        ("a.wav", "audio/wav; codec=1", "audio/wav; codec=1", media),
        ("a.pdf", "application/pdf", "application/pdf", viewer),
        ("a.csv", "text/csv", "text/plain; charset=utf-8", text),
        (
            "a.txt",
            "text/plain; charset=iso-8859-1",
            "text/plain; charset=iso-8859-1",
            text,
        ),
    ] {
        put_file(&app, Vendor::GoogleDrive, name, "<script>", told);
        let (url, _) = url_for(&jane, "generate_download_url", &id, json!({"key": name})).await;
        let answer = app.get_link(&url).await;
        assert_eq!((answer.status, answer.text()), (200, "<script>"), "{name}");
        assert_eq!(answer.header("content-type"), media_type, "{name}");
        assert_eq!(answer.header("content-disposition"), "inline", "{name}");
        assert_eq!(answer.header("content-security-policy"), policy, "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn dropbox_signs_for_four_hours_itself() {
    let app = TestApp::start().await;
    let jane = app.user("jane@example.com").await;
    let id = jane.connect_drive(Vendor::Dropbox).await;
    put_file(&app, Vendor::Dropbox, "a.txt", "Hello!", "text/plain");
    let (url, _) = url_for(
        &jane,
        "generate_download_url",
        &id,
        json!({"expireHours": 4}),
    )
    .await;
    assert!(!url.starts_with(PUBLIC_URL), "{url}");
    assert_eq!(fetch(&url).await, (200, b"Hello!".to_vec()));
    assert!(app.records_of("LINK#").is_empty());
}

#[tokio::test]
async fn what_fails_at_the_provider_has_the_status_of_plain_http() {
    for vendor in Vendor::ALL {
        let app = TestApp::start().await;
        let jane = app.user("jane@example.com").await;
        let id = jane.connect_drive(vendor).await;
        let day = json!({"expireHours": 24});
        let (url, _) = url_for(&jane, "generate_download_url", &id, day).await;
        let missing = app.get_link(&url).await;
        missing.expect_problem(404, "NOT_FOUND");

        put_file(&app, vendor, "a.txt", "Hello!", "text/plain");
        let switches = app.drives.of(vendor).switches();
        let busy = Fault::Status {
            status: 503,
            retry_after: Some(9),
        };
        switches.add(busy, Scope::Api, None);
        let busy = app.get_link(&url).await;
        assert_eq!(
            (busy.status, busy.header("retry-after")),
            (503, "9"),
            "{vendor:?}"
        );
        switches.reset();

        app.drives.of(vendor).grants().revoke_all();
        let dead = app.get_link(&url).await;
        assert_eq!(dead.status, 403, "{vendor:?}");
        let accept = [("accept", "text/html,*/*")];
        let page = send(&app, Method::GET, &url, &accept, Vec::new()).await;
        assert_eq!(page.status, 403);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text().contains("<h1>The file cannot be reached</h1>"));
    }
}
