//! What is offered to somebody who wants a URL, and for how long it is good.

use std::time::Duration;

use jiff::SignedDuration;
use shared::domain::storage::{Content, Download, Offer, SignedUrl, UploadTarget};

use crate::client::{click, fetch, follow_upload, for_download, for_upload};
use crate::opened::Opened;
use crate::{Gated, Kept, Outcome};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn hours(hours: u16) -> SignedDuration {
    SignedDuration::from_hours(hours.into())
}

/// Whether it is signed. If it is, it says when it ends.
fn is_signed(opened: &Opened, offer: Offer, lifetime: Duration) -> bool {
    let Some(signed) = offer.signed() else {
        return false;
    };
    let end = opened.now() + SignedDuration::try_from(lifetime).unwrap();
    let early = end.duration_since(signed.expires);
    assert!(
        (SignedDuration::ZERO..MINUTE).contains(&early),
        "{early} before its time"
    );
    true
}

pub(crate) async fn urls_are_signed_for_as_long_as_declared(opened: &Opened) -> Outcome {
    opened.put("a.txt", b"x").await;
    let object = opened.object("a.txt");
    let capabilities = opened.capabilities();
    for lifetime in [1, 4, 5, 24, 168] {
        let options = for_download(lifetime, false);
        let offer = opened.drive.download_url(&object, &options).await.unwrap();
        assert_eq!(
            is_signed(opened, offer, options.lifetime),
            lifetime <= capabilities.download_hours_max,
            "a download for {lifetime} hours"
        );
        // The provider's own URL may not be able to do this.
        let options = for_download(lifetime, true);
        let offer = opened.drive.download_url(&object, &options).await.unwrap();
        let signed = is_signed(opened, offer, options.lifetime);
        assert!(
            !signed || lifetime <= capabilities.download_hours_max,
            "an attachment for {lifetime} hours"
        );
        let options = for_upload(lifetime, "text/plain");
        let offer = opened.drive.upload_url(&object, &options).await.unwrap();
        assert_eq!(
            is_signed(opened, offer, options.lifetime),
            lifetime <= capabilities.upload_hours_max,
            "an upload for {lifetime} hours"
        );
    }
    Kept
}

pub(crate) async fn a_signed_download_lives_as_long_as_it_says(opened: &Opened) -> Outcome {
    let longest = opened.capabilities().download_hours_max;
    if longest == 0 {
        return Gated;
    }
    opened.put("a.txt", b"text").await;
    let object = opened.object("a.txt");
    let sign = async |lifetime, age| -> SignedUrl {
        let options = for_download(lifetime, false);
        let offer = opened
            .aged(age, async |_| {
                let drive = opened.open_again();
                drive.download_url(&object, &options).await
            })
            .await;
        offer.unwrap().signed().unwrap()
    };
    for lifetime in [1, longest] {
        let old = sign(lifetime, hours(lifetime) - MINUTE).await;
        assert_eq!(fetch(&old).await.body, b"text", "for {lifetime} hours");
    }
    let dead = fetch(&sign(longest, hours(longest) + MINUTE).await).await;
    assert!(dead.status.is_client_error(), "{dead:?}");
    assert_ne!(dead.body, b"text");
    Kept
}

pub(crate) async fn a_signed_upload_lives_as_long_as_it_says(opened: &Opened) -> Outcome {
    let longest = opened.capabilities().upload_hours_max;
    if longest == 0 {
        return Gated;
    }
    for (key, lifetime, age, is_good) in [
        ("1", 1, hours(1) - MINUTE, true),
        ("2", longest, hours(longest) - MINUTE, true),
        ("3", longest, hours(longest) + MINUTE, false),
    ] {
        let object = opened.object(key);
        let options = for_upload(lifetime, "text/plain");
        let offer = opened
            .aged(age, async |_| {
                let drive = opened.open_again();
                drive.upload_url(&object, &options).await
            })
            .await
            .unwrap();
        let drive = opened.open_again();
        let content_type = &options.content_type;
        let status = follow_upload(&*drive, &object, &offer, content_type, b"text").await;
        let status = status.unwrap();
        assert_eq!(status.is_success(), is_good, "{key}: {status}");
        let got = click(&*drive, &object, &Download::default()).await;
        let got = got.map(|arrived| arrived.body).unwrap_or_default();
        assert_eq!(got == b"text", is_good, "{key}");
    }
    Kept
}

pub(crate) async fn what_is_not_signed_is_good_at_any_time(opened: &Opened) -> Outcome {
    opened.put("a.txt", b"text").await;
    let object = opened.object("a.txt");
    let (down, up) = (for_download(168, false), for_upload(168, "text/plain"));
    let offers = opened
        .aged(hours(168) - MINUTE, async |drive| {
            let down = drive.download_url(&object, &down).await.unwrap();
            let up = drive.upload_url(&object, &up).await.unwrap();
            (down, up)
        })
        .await;
    let later = opened.open_again();
    if matches!(offers.0, Offer::Link(_)) {
        let arrived = click(&*later, &object, &Download::default()).await;
        assert_eq!(arrived.unwrap().body, b"text");
    }
    if matches!(offers.1, Offer::Link(_)) {
        for body in [&b"new"[..], b"newer"] {
            let stored = follow_upload(&*later, &object, &offers.1, &up.content_type, body).await;
            assert!(stored.unwrap().is_success());
            let arrived = click(&*later, &object, &Download::default()).await;
            assert_eq!(arrived.unwrap().body, body);
        }
    }
    Kept
}

pub(crate) async fn a_click_is_redirected_where_declared(opened: &Opened) -> Outcome {
    opened.put("a.txt", b"text").await;
    let object = opened.object("a.txt");
    let clicked = opened.drive.download(&object, &Download::default()).await;
    let redirects = match clicked.unwrap() {
        Content::Redirect(_) => true,
        Content::Stream(_) => false,
        Content::OutOfRange(size) => panic!("behind {size:?}"),
    };
    assert_eq!(redirects, opened.capabilities().redirects_downloads);
    Kept
}

pub(crate) async fn no_url_shows_the_credentials(opened: &Opened) -> Outcome {
    opened.put("a.txt", b"text").await;
    let object = opened.object("a.txt");
    let mut shown = Vec::new();
    for hours in [1, 168] {
        for attachment in [false, true] {
            let options = for_download(hours, attachment);
            let offer = opened.drive.download_url(&object, &options).await.unwrap();
            shown.push(format!("{offer:?}"));
            shown.extend(offer.signed().map(|signed| signed.url));
            let request = Download {
                attachment,
                range: None,
                through_us: false,
            };
            match opened.drive.download(&object, &request).await.unwrap() {
                Content::Redirect(url) => shown.push(url),
                Content::Stream(_) | Content::OutOfRange(_) => {}
            }
        }
        let options = for_upload(hours, "text/plain");
        let offer = opened.drive.upload_url(&object, &options).await.unwrap();
        shown.push(format!("{offer:?}"));
        if let Some(signed) = offer.signed() {
            shown.extend([signed.url, format!("{:?}", signed.headers)]);
        }
        let content_type = &options.content_type;
        let target = opened.drive.upload_target(&object, content_type, Some(1));
        match target.await.unwrap() {
            UploadTarget::Redirect(url) => shown.push(url),
            UploadTarget::Relay { .. } => {}
        }
    }
    let secrets = opened.secrets();
    assert!(secrets.iter().all(|secret| secret.len() > 15));
    for text in shown {
        let is_shown = secrets.iter().any(|secret| text.contains(secret));
        assert!(!is_shown, "{text}");
    }
    Kept
}
