//! What refusals and broken servers become.

use std::time::{Duration, Instant};

use shared::domain::storage::CloudStorage;
use shared::domain::{Clock, Error, ErrorKind};
use shared::net::{Egress, EgressPolicy, ServiceUrl};
use shared::providers::s3::{Connection, Flavour, RegionCache, S3Storage};
use tokio::net::TcpListener;

use crate::recorded::{Answer, Recorded, listing};
use crate::{ACCESS_KEY, SECRET_KEY, any_port, first_page, object, open, policy};

async fn refusal(answer: fn() -> Answer) -> Error {
    let server = Recorded::start(move |_| answer()).await;
    let error = open(&server.url)
        .list_objects(&first_page(""))
        .await
        .unwrap_err();
    let everything = format!("{error:?}");
    for secret in [
        "secret words",
        ACCESS_KEY,
        SECRET_KEY,
        "Signature=",
        "AWS4-HMAC",
        &server.url,
    ] {
        assert!(!everything.contains(secret), "{secret}: {everything}");
    }
    error
}

#[tokio::test]
async fn the_status_decides_unless_the_code_knows_better() {
    use ErrorKind::{AccessRefused, Duplicate, Invalid, NotFound, Unavailable};
    let cases: [(fn() -> Answer, ErrorKind); 19] = [
        (|| Answer::error(403, "AccessDenied", ""), AccessRefused),
        (
            || {
                Answer::error(
                    403,
                    "InvalidAccessKeyId",
                    "<AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId>",
                )
            },
            AccessRefused,
        ),
        (
            || {
                Answer::error(
                    403,
                    "SignatureDoesNotMatch",
                    "<StringToSign>AWS4-HMAC-SHA256 x</StringToSign>",
                )
            },
            AccessRefused,
        ),
        (|| Answer::error(401, "Unauthorized", ""), AccessRefused),
        (|| Answer::error(400, "ExpiredToken", ""), AccessRefused),
        (|| Answer::error(403, "SomethingNew", ""), AccessRefused),
        (
            || Answer::error(404, "NoSuchBucket", "<BucketName>photos</BucketName>"),
            NotFound,
        ),
        (|| Answer::error(404, "SomethingNew", ""), NotFound),
        (|| Answer::error(409, "BucketNotEmpty", ""), Duplicate),
        (|| Answer::error(409, "OperationAborted", ""), Unavailable),
        (|| Answer::error(412, "PreconditionFailed", ""), Duplicate),
        (|| Answer::error(400, "InvalidBucketName", ""), Invalid),
        (|| Answer::error(400, "SomethingNew", ""), Invalid),
        (
            || Answer::error(403, "RequestTimeTooSkewed", ""),
            Unavailable,
        ),
        (|| Answer::error(429, "TooManyRequests", ""), Unavailable),
        (|| Answer::error(500, "InternalError", ""), Unavailable),
        (|| Answer::error(503, "SlowDown", ""), Unavailable),
        (
            || Answer::error(507, "InsufficientStorage", ""),
            Unavailable,
        ),
        (|| Answer::error(301, "PermanentRedirect", ""), Unavailable),
    ];
    for (number, (answer, kind)) in cases.into_iter().enumerate() {
        let error = refusal(answer).await;
        assert_eq!(error.kind(), kind, "{number}: {error:?}");
        assert_eq!(
            error.retry_after().is_some(),
            kind == Unavailable,
            "{number}: {error:?}"
        );
    }
}

#[tokio::test]
async fn the_log_gets_code_and_request() {
    let error = refusal(|| {
        Answer::error(403, "AccessDenied", "").with("x-amz-request-id", "4442587FB7D0A2F9")
    })
    .await;
    assert_eq!(
        error.causes(),
        "ListObjectsV2: 403 AccessDenied, request 4442587FB7D0A2F9"
    );
}

#[tokio::test]
async fn a_refusal_by_a_server_that_is_no_vendors_own_proves_nothing() {
    for answer in [
        || Answer::error(403, "AccessDenied", ""),
        || Answer::error(403, "InvalidAccessKeyId", ""),
        || Answer::error(403, "SignatureDoesNotMatch", ""),
        || Answer::error(403, "InvalidSecurity", ""),
        || Answer::error(401, "Unauthorized", ""),
    ] {
        let server = Recorded::start(move |_| answer()).await;
        let error = open(&server.url).check_credentials().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessRefused);
    }
    let server = Recorded::start(|_| Answer::new(403, "AccessDenied")).await;
    assert!(open(&server.url).check_credentials().await.is_err());
}

#[tokio::test]
async fn retry_after_is_waited_for_once_or_passed_on() {
    // Long: the client's to wait for.
    for status in [429, 503] {
        let server = Recorded::start(move |_| {
            Answer::error(status, "SlowDown", "").with("retry-after", "120")
        })
        .await;
        let error = open(&server.url)
            .list_objects(&first_page(""))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.retry_after()),
            (ErrorKind::Unavailable, Some(Duration::from_mins(2)))
        );
        assert_eq!(server.asked().len(), 1);
    }
    // Short: waited for.
    let server =
        Recorded::start(|_| Answer::error(429, "TooManyRequests", "").with("retry-after", "1"))
            .await;
    let start = Instant::now();
    let error = open(&server.url)
        .list_objects(&first_page(""))
        .await
        .unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    assert_eq!(server.asked().len(), 2);
    assert!(
        start.elapsed() >= Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    // A date, or nonsense, is not passed on.
    let server = Recorded::start(|_| {
        Answer::error(503, "SlowDown", "").with("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")
    })
    .await;
    let error = open(&server.url)
        .list_objects(&first_page(""))
        .await
        .unwrap_err();
    assert_eq!(
        error.retry_after(),
        Some(Duration::from_secs(2)),
        "the usual"
    );
}

/// A drive at `url` whose way out is `policy`.
fn drive(url: &str, way_out: EgressPolicy) -> S3Storage {
    let connection = Connection {
        flavour: Flavour::Generic,
        access_key: ACCESS_KEY.into(),
        secret_key: SECRET_KEY.into(),
        service_url: Some(ServiceUrl::parse("serviceUrl", url, &policy()).unwrap()),
    };
    S3Storage::new(
        connection,
        &Egress::new(way_out),
        &RegionCache::new(),
        Clock::system(),
    )
    .unwrap()
}

#[tokio::test]
async fn everything_that_is_not_s3_looks_the_same() {
    let closed = TcpListener::bind(any_port()).await.unwrap();
    let closed_url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let guarded = Recorded::start(|_| panic!("the guard lets nothing through")).await;
    let mut errors = Vec::new();
    for (drive, name) in [
        (drive(&closed_url, policy()), "refused connection"),
        (
            drive("https://does-not-exist.example.com", policy()),
            "unknown name",
        ),
        (
            drive(&closed_url.replace("http:", "https:"), policy()),
            "refused TLS",
        ),
        (
            drive(&guarded.url.replace("http:", "https:"), policy()),
            "no TLS",
        ),
        (
            drive(
                &guarded.url,
                EgressPolicy {
                    allow_loopback: false,
                    ..policy()
                },
            ),
            "refused destination",
        ),
    ] {
        errors.push((drive.list_objects(&first_page("")).await.unwrap_err(), name));
        errors.push((drive.check_credentials().await.unwrap_err(), name));
        errors.push((drive.delete_object(&object("a/")).await.unwrap_err(), name));
    }
    let answers: [fn() -> Answer; 8] = [
        || Answer::new(200, ""),
        || Answer::new(200, "<html><body>Welcome to nginx!</body></html>"),
        || Answer::new(200, "{\"status\":\"ok\"}"),
        || Answer::new(301, "").with("location", "https://127.0.0.1/"),
        || {
            Answer::new(401, "<html>Authorization required</html>")
                .with("www-authenticate", "Basic")
        },
        || Answer::new(403, ""),
        || Answer::new(404, ""),
        || Answer::new(404, "<html>not found</html>"),
    ];
    for answer in answers {
        let server = Recorded::start(move |_| answer()).await;
        errors.push((
            open(&server.url)
                .list_objects(&first_page(""))
                .await
                .unwrap_err(),
            "foreign answer",
        ));
        errors.push((
            open(&server.url).check_credentials().await.unwrap_err(),
            "foreign answer",
        ));
        let lines = server.lines();
        assert!(
            lines
                .iter()
                .all(|line| line == "GET /" || line == "GET /photos/"),
            "no redirect is followed: {lines:?}"
        );
    }
    for (error, name) in errors {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{name}: {error:?}");
        assert_eq!(
            error.public(),
            "serviceUrl: the storage service could not be reached at this address",
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_cut_off() {
    for (mebibytes, reads) in [(7, true), (9, false)] {
        let body = listing(&["a"], &" ".repeat(mebibytes * 1_024 * 1_024));
        let server = Recorded::start(move |_| Answer::new(200, body.clone())).await;
        let listed = open(&server.url).list_objects(&first_page("")).await;
        assert_eq!(listed.is_ok(), reads, "{mebibytes} MiB: {:?}", listed.err());
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let silent = TcpListener::bind(any_port()).await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let start = Instant::now();
    let error = drive(&url, policy())
        .list_objects(&first_page(""))
        .await
        .unwrap_err();
    assert_eq!(
        error.public(),
        "serviceUrl: the storage service could not be reached at this address"
    );
    let waited = start.elapsed();
    assert!(
        (Duration::from_secs(11)..Duration::from_secs(14)).contains(&waited),
        "{waited:?}"
    );
    drop(silent);
}
