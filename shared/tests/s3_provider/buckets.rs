//! Lists of buckets, and where they live.

use shared::domain::storage::CloudStorage;
use shared::providers::s3::Flavour;

use crate::recorded::{Answer, Asked, Recorded, buckets};
use crate::regions::scope;
use crate::{BUCKET, Setup, download, object, s3};

#[tokio::test]
async fn every_bucket_is_listed() {
    let (server, _root) = s3().await;
    server.create_bucket("another.bucket-2").unwrap();
    for flavour in [
        Flavour::Aws,
        Flavour::Wasabi,
        Flavour::Generic,
        Flavour::GoogleCloud,
        Flavour::Cloudflare,
    ] {
        let listed = Setup::flavour(flavour)
            .open(&server.url())
            .list_buckets(true)
            .await
            .unwrap();
        let names: Vec<_> = listed
            .iter()
            .map(|bucket| (bucket.id.as_str(), bucket.name.as_str()))
            .collect();
        assert_eq!(
            names,
            [("", "another.bucket-2"), ("", BUCKET)],
            "{flavour:?}"
        );
        assert!(listed.iter().all(|bucket| bucket.created.is_some()));
    }
}

fn location(asked: &Asked) -> Answer {
    let location = match asked.uri.path() {
        "/in-ireland/" => "EU",
        "/in-virginia/" => "",
        "/in-iowa/" => "US-CENTRAL1",
        "/refused/" => return Answer::error(403, "AccessDenied", ""),
        _ => "ap-southeast-2",
    };
    Answer::new(
        200,
        format!("<LocationConstraint>{location}</LocationConstraint>"),
    )
}

#[tokio::test]
async fn every_flavour_tells_regions_in_its_own_way() {
    let names = [
        "in-ireland",
        "in-virginia",
        "in-iowa",
        "in-sydney",
        "refused",
        "UPPER_case",
    ];
    let wasabi = [
        Some("eu-west-1"),
        Some("us-east-1"),
        Some("US-CENTRAL1"),
        Some("ap-southeast-2"),
        None,
        None,
    ];
    let generic = [
        Some("eu-west-1"),
        None,
        Some("US-CENTRAL1"),
        Some("ap-southeast-2"),
        None,
        None,
    ];
    let google = [
        Some("eu"),
        None,
        Some("us-central1"),
        Some("ap-southeast-2"),
        None,
        None,
    ];
    for (flavour, regions) in [
        (Flavour::Wasabi, wasabi),
        (Flavour::Generic, generic),
        (Flavour::GoogleCloud, google),
        (Flavour::Cloudflare, [Some("auto"); 6]),
    ] {
        let server =
            Recorded::start(
                move |asked| match (asked.method.as_str(), asked.uri.path()) {
                    ("GET", "/") => Answer::new(200, buckets(names.map(str::to_owned))),
                    ("HEAD", _) => Answer::new(403, ""),
                    _ => location(asked),
                },
            )
            .await;
        let drive = Setup::flavour(flavour).open(&server.url);
        let told = drive.list_buckets(true).await.unwrap();
        assert_eq!(
            told.iter()
                .map(|bucket| bucket.name.as_str())
                .collect::<Vec<_>>(),
            names
        );
        assert_eq!(
            told.iter()
                .map(|bucket| bucket.region.as_deref())
                .collect::<Vec<_>>(),
            regions,
            "{flavour:?}"
        );
        assert_eq!(told[0].created.unwrap().to_string(), "2026-01-02T03:04:05Z");

        let asked = server.asked().len();
        let untold = drive.list_buckets(false).await.unwrap();
        assert!(
            untold.iter().all(|bucket| bucket.region.is_none()),
            "{flavour:?}"
        );
        assert_eq!(server.asked().len(), asked + 1, "{flavour:?}");
    }
}

#[tokio::test]
async fn amazon_tells_regions_page_by_page_and_they_are_remembered() {
    let server = Recorded::start(|asked| {
        let bucket = |name: &str| {
            format!("<Bucket><Name>{name}</Name><BucketRegion>eu-north-1</BucketRegion></Bucket>")
        };
        let (name, token) = match asked.query() {
            query if query.contains("continuation-token=page%202") => ("photos", ""),
            _ => ("other", "<ContinuationToken>page 2</ContinuationToken>"),
        };
        Answer::new(
            200,
            format!(
                "<ListAllMyBucketsResult><Buckets>{}</Buckets>{token}</ListAllMyBucketsResult>",
                bucket(name)
            ),
        )
    })
    .await;
    let setup = Setup::flavour(Flavour::Aws);
    let listed = setup.open(&server.url).list_buckets(true).await.unwrap();
    let told: Vec<_> = listed
        .iter()
        .map(|bucket| (bucket.name.as_str(), bucket.region.as_deref().unwrap()))
        .collect();
    assert_eq!(told, [("other", "eu-north-1"), ("photos", "eu-north-1")]);
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.query().contains("max-buckets=1000"))
    );

    let down = setup
        .open(&server.url)
        .download_url(&object("a"), &download(false))
        .await
        .unwrap()
        .signed()
        .unwrap();
    assert_eq!((scope(&down.url), server.asked().len()), ("eu-north-1", 2));
}

#[tokio::test]
async fn cloudflares_long_list_goes_on_after_the_last_name() {
    let server = Recorded::start(|asked| {
        let names: Box<dyn Iterator<Item = String>> = match asked.header("cf-start-after") {
            "" => Box::new((0..1_000).map(|number| format!("bucket-{number:04}"))),
            "bucket-0999" => Box::new(["last-one".to_owned()].into_iter()),
            other => panic!("{other}"),
        };
        Answer::new(200, buckets(names))
    })
    .await;
    let listed = Setup::flavour(Flavour::Cloudflare)
        .open(&server.url)
        .list_buckets(false)
        .await
        .unwrap();
    assert_eq!(listed.len(), 1_001);
    let asked = server.asked();
    assert!(
        asked[1].header("authorization").contains("cf-start-after"),
        "signed: {:?}",
        asked[1]
    );
}

#[tokio::test]
async fn one_bucket_is_enough_to_try_the_keys() {
    for (flavour, query) in [
        (Flavour::Aws, "x-id=ListBuckets&max-buckets=1"),
        (Flavour::Generic, "x-id=ListBuckets"),
    ] {
        let server = Recorded::start(|_| Answer::new(200, buckets([]))).await;
        Setup::flavour(flavour)
            .open(&server.url)
            .check_credentials()
            .await
            .unwrap();
        assert_eq!(server.asked()[0].query(), query);
    }
}
