//! Finding the region of a bucket.

use shared::domain::storage::CloudStorage;
use shared::providers::s3::Flavour;

use crate::recorded::{Answer, Asked, Recorded, buckets, listing};
use crate::{Setup, download, first_page, object, upload};

/// Refuses requests that are signed for another region than eu-central-1, as services do.
async fn in_frankfurt(refusal: fn() -> Answer) -> Recorded {
    Recorded::start(
        move |asked| match (asked.region(), asked.method.as_str(), asked.query()) {
            ("eu-central-1", "GET", _) => Answer::new(200, listing(&["a"], "")),
            ("eu-central-1", ..) => Answer::new(204, ""),
            (_, "HEAD", _) => Answer::new(400, "").with("x-amz-bucket-region", "eu-central-1"),
            _ => refusal(),
        },
    )
    .await
}

#[tokio::test]
async fn a_wrong_region_is_learnt_from_the_refusal() {
    // Bodies as the services send them, less the ids.
    let refusals: [fn() -> Answer; 6] = [
        || {
            let endpoint =
                "<Endpoint>photos.s3.eu-central-1.amazonaws.com</Endpoint><Bucket>photos</Bucket>";
            Answer::error(301, "PermanentRedirect", endpoint)
                .with("x-amz-bucket-region", "eu-central-1")
        },
        || {
            Answer::error(
                400,
                "AuthorizationHeaderMalformed",
                "<Region>eu-central-1</Region>",
            )
        },
        || {
            let endpoint =
                "<Endpoint>photos.s3-eu-central-1.amazonaws.com</Endpoint><Bucket>photos</Bucket>";
            Answer::error(307, "TemporaryRedirect", endpoint)
        },
        || {
            Answer::error(
                301,
                "PermanentRedirect",
                "<Endpoint>s3.eu-central-1.wasabisys.com</Endpoint>",
            )
        },
        // These do not tell, so that HeadBucket is asked.
        || Answer::error(400, "IllegalLocationConstraintException", ""),
        || {
            Answer::error(
                301,
                "PermanentRedirect",
                "<Endpoint>photos.s3.amazonaws.com</Endpoint>",
            )
        },
    ];
    for (number, refusal) in refusals.into_iter().enumerate() {
        let server = in_frankfurt(refusal).await;
        let setup = Setup::flavour(Flavour::Aws);
        let page = setup
            .open(&server.url)
            .list_objects(&first_page(""))
            .await
            .unwrap();
        assert_eq!(page.entries.len(), 1);
        let regions: Vec<_> = server
            .asked()
            .iter()
            .map(|asked| asked.region().to_owned())
            .collect();
        let expected: &[&str] = match number {
            4.. => &["us-east-1", "us-east-1", "eu-central-1"],
            _ => &["us-east-1", "eu-central-1"],
        };
        assert_eq!(regions, expected, "refusal {number}");

        // The process knows now, whichever drive is opened for the account.
        setup
            .open(&server.url)
            .delete_object(&object("a"))
            .await
            .unwrap();
        let asked = server.asked();
        assert_eq!(
            (asked.len(), asked.last().unwrap().region()),
            (expected.len() + 1, "eu-central-1")
        );
    }
}

/// Refusals of `HEAD` have no body.
#[tokio::test]
async fn a_wrong_region_is_learnt_from_a_refusal_without_a_code() {
    for (status, region, asked) in [
        (301, Some("eu-central-1"), 2),
        (400, Some("eu-central-1"), 2),
        // This does not tell, so that HeadBucket is asked.
        (301, None, 3),
    ] {
        let server = Recorded::start(move |asked| match (asked.region(), asked.uri.path()) {
            ("eu-central-1", _) => Answer::new(200, "").with("content-length", "0"),
            (_, "/photos/a") => {
                let refusal = Answer::new(status, "");
                match region {
                    Some(region) => refusal.with("x-amz-bucket-region", region),
                    None => refusal,
                }
            }
            _ => Answer::new(400, "").with("x-amz-bucket-region", "eu-central-1"),
        })
        .await;
        let drive = Setup::flavour(Flavour::Aws).open(&server.url);
        drive.describe(&object("a")).await.unwrap();
        assert_eq!(server.asked().len(), asked, "{status} {region:?}");
        // The process knows now.
        drive.describe(&object("a")).await.unwrap();
        assert_eq!(server.asked().len(), asked + 1, "{status} {region:?}");
    }
}

#[tokio::test]
async fn a_region_of_the_whole_server_is_learnt_from_the_list_of_buckets() {
    let server = Recorded::start(|asked| match asked.region() {
        "garage" => Answer::new(200, buckets(["photos".to_owned()])),
        _ => Answer::error(
            400,
            "AuthorizationHeaderMalformed",
            "<Region>garage</Region>",
        ),
    })
    .await;
    let setup = Setup::default();
    setup.open(&server.url).check_credentials().await.unwrap();
    setup.open(&server.url).check_credentials().await.unwrap();
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_refusal_is_followed_once() {
    let server = Recorded::start(|asked| {
        let other = if asked.region() == "eu-west-1" {
            "eu-west-2"
        } else {
            "eu-west-1"
        };
        Answer::error(301, "PermanentRedirect", "").with("x-amz-bucket-region", other)
    })
    .await;
    let error = Setup::flavour(Flavour::Aws)
        .open(&server.url)
        .list_objects(&first_page(""))
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        shared::domain::ErrorKind::Unavailable,
        "{error:?}"
    );
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_region_that_is_none_is_not_followed() {
    let server = Recorded::start(|_| {
        Answer::error(
            400,
            "AuthorizationHeaderMalformed",
            "<Region>evil.example/#</Region>",
        )
    })
    .await;
    let error = Setup::flavour(Flavour::Aws)
        .open(&server.url)
        .check_credentials()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), shared::domain::ErrorKind::AccessRefused);
    assert_eq!(server.asked().len(), 1);
}

/// The region that a URL is signed for.
pub(crate) fn scope(url: &str) -> &str {
    url.split("%2F").nth(2).unwrap()
}

#[tokio::test]
async fn a_url_is_signed_for_the_region_of_its_bucket() {
    type Script = fn(&Asked) -> Answer;
    let scripts: [(Flavour, Script, &str, &[&str]); 9] = [
        (
            Flavour::Aws,
            |_| Answer::new(200, "").with("x-amz-bucket-region", "eu-central-1"),
            "eu-central-1",
            &["HEAD /photos/"],
        ),
        (
            Flavour::Aws,
            |_| Answer::new(301, "").with("x-amz-bucket-region", "eu-central-1"),
            "eu-central-1",
            &["HEAD /photos/"],
        ),
        (
            Flavour::Aws,
            |_| Answer::new(403, "").with("x-amz-bucket-region", "eu-central-1"),
            "eu-central-1",
            &["HEAD /photos/"],
        ),
        (
            Flavour::Aws,
            |_| Answer::new(403, ""),
            "us-east-1",
            &["HEAD /photos/"],
        ),
        (
            Flavour::Generic,
            |_| Answer::new(200, ""),
            "us-east-1",
            &["HEAD /photos/"],
        ),
        (
            Flavour::Generic,
            |asked| match asked.query() {
                query if query.contains("location") => Answer::error(
                    400,
                    "AuthorizationHeaderMalformed",
                    "<Region>garage</Region>",
                ),
                _ => Answer::new(400, ""),
            },
            "garage",
            &["HEAD /photos/", "GET /photos/"],
        ),
        (
            Flavour::Wasabi,
            |_| {
                Answer::new(
                    200,
                    "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">eu-central-2</LocationConstraint>",
                )
            },
            "eu-central-2",
            &["GET /photos/"],
        ),
        (
            Flavour::GoogleCloud,
            |_| panic!("any region will do"),
            "auto",
            &[],
        ),
        (
            Flavour::Cloudflare,
            |_| panic!("any region will do"),
            "auto",
            &[],
        ),
    ];
    for (number, (flavour, script, region, lines)) in scripts.into_iter().enumerate() {
        let server = Recorded::start(script).await;
        let setup = Setup::flavour(flavour);
        let down = setup
            .open(&server.url)
            .download_url(&object("a"), &download(false))
            .await
            .unwrap()
            .signed()
            .unwrap();
        let up = setup
            .open(&server.url)
            .upload_url(&object("a"), &upload("text/plain"))
            .await
            .unwrap()
            .signed()
            .unwrap();
        assert_eq!(
            (scope(&down.url), scope(&up.url)),
            (region, region),
            "{flavour:?} {number}"
        );
        assert_eq!(server.lines(), lines, "asked once, {flavour:?} {number}");
        assert!(
            down.url.starts_with(&format!("{}/photos/a?", server.url)),
            "{}",
            down.url
        );
    }
}
