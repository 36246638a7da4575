//! Requests through the whole AWS client to destinations that must not be dialled, with a listener
//! on loopback that would notice.

#[path = "../src/net/vectors.rs"]
mod vectors;

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_s3::error::SdkError;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use shared::net::{Egress, EgressPolicy, Refused};
use vectors::{HOSTS, URLS};

/// A listener on loopback that counts its connections and gives each the same answer.
struct Canary {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Canary {
    fn listen(answer: String) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("a bound listener").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                counter.fetch_add(1, Ordering::SeqCst);
                // The client may be gone or may speak TLS: the count is what matters.
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { port, connections }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn answer(status: &str, header: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// What a listing of buckets expects, so that it fails only if it is refused.
fn no_buckets() -> String {
    answer("200 OK", "", "<ListAllMyBucketsResult/>")
}

fn config(endpoint: &str) -> aws_sdk_s3::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .force_path_style(true)
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(Duration::from_secs(9))
                .build(),
        )
        .endpoint_url(endpoint)
}

fn client(egress: &Egress, endpoint: &str) -> Client {
    let config = config(endpoint)
        .http_client(egress.http_client())
        .interceptor(egress.interceptor());
    Client::from_conf(config.build())
}

fn egress(port: u16, allow_loopback: bool) -> Egress {
    Egress::new(EgressPolicy {
        ports: vec![443, port],
        allow_loopback,
    })
}

fn resolving_to(port: u16, answers: impl Fn() -> Vec<IpAddr> + Send + Sync + 'static) -> Egress {
    let policy = EgressPolicy {
        ports: vec![443, port],
        allow_loopback: false,
    };
    Egress::with_resolver(policy, move |_| answers())
}

fn unguarded() -> SharedHttpClient {
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https()
}

/// Every vector with the port of the canary and without one.
fn destinations(port: u16) -> Vec<String> {
    let hosts = HOSTS.iter().flat_map(|(_, host)| {
        [
            format!("https://{host}:{port}"),
            format!("http://{host}:{port}"),
            format!("https://{host}"),
            format!("http://{host}"),
        ]
    });
    // A URL with a public host would be dialled where the client reads it more strictly than the
    // rules for endpoints do; those are the business of `ServiceUrl`.
    let urls = URLS.iter().filter(|(_, url)| !url.contains("https:"));
    hosts
        .chain(urls.map(|(_, url)| (*url).to_owned()))
        .collect()
}

#[tokio::test]
async fn no_operation_reaches_a_forbidden_destination() {
    let canary = Canary::listen(no_buckets());
    let egress = resolving_to(canary.port, || vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    for destination in destinations(canary.port) {
        let client = client(&egress, &destination);
        let refused = [
            client.list_buckets().send().await.is_err(),
            client
                .list_objects_v2()
                .bucket("bucket")
                .send()
                .await
                .is_err(),
            client
                .put_object()
                .bucket("bucket")
                .key("folder/")
                .send()
                .await
                .is_err(),
            client
                .delete_object()
                .bucket("bucket")
                .key("key")
                .send()
                .await
                .is_err(),
        ];
        assert_eq!(refused, [true; 4], "{destination:?}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn the_client_refuses_without_the_interceptor() {
    let canary = Canary::listen(no_buckets());
    let egress = resolving_to(canary.port, || vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    for destination in destinations(canary.port) {
        let config = config(&destination)
            .http_client(egress.http_client())
            .build();
        let answer = Client::from_conf(config).list_buckets().send().await;
        assert!(answer.is_err(), "{destination:?}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn the_interceptor_refuses_literals_under_any_client() {
    let canary = Canary::listen(no_buckets());
    let egress = egress(canary.port, false);
    // Without the guarded client the public names among them would be looked up.
    let mut literals = destinations(canary.port);
    literals.retain(|destination| !destination.contains("good.example"));
    for destination in literals {
        let config = config(&destination)
            .http_client(unguarded())
            .interceptor(egress.interceptor());
        let answer = Client::from_conf(config.build())
            .list_buckets()
            .send()
            .await;
        assert!(answer.is_err(), "{destination:?}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn without_the_guard_the_canary_is_reached() {
    let canary = Canary::listen(no_buckets());
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "localhost",
        "0.0.0.0",
    ];
    for (reached, host) in hosts.into_iter().enumerate() {
        let config = config(&format!("http://{host}:{}", canary.port))
            .http_client(unguarded())
            .retry_config(RetryConfig::disabled());
        let answer = Client::from_conf(config.build())
            .list_buckets()
            .send()
            .await;
        assert!(answer.is_ok(), "{host}: {answer:?}");
        assert_eq!(canary.connections(), reached + 1, "{host}");
    }
}

#[tokio::test]
async fn a_name_that_resolves_to_loopback_is_not_dialled() {
    let canary = Canary::listen(no_buckets());
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    // Alternates between a mixed answer and loopback alone, as a name that is being rebound does.
    let egress = resolving_to(canary.port, move || {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        match counter.fetch_add(1, Ordering::SeqCst) % 2 {
            0 => vec![IpAddr::from([93, 184, 215, 14]), loopback],
            _ => vec![loopback],
        }
    });
    let client = client(
        &egress,
        &format!("https://rebind.example.com:{}", canary.port),
    );
    for attempt in 1..=100 {
        let error = client.list_buckets().send().await.expect_err("a refusal");
        assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
        assert_eq!(Refused::find(&error), Some(Refused::Resolved));
        // One question for each request: a refusal is not tried again.
        assert_eq!(calls.load(Ordering::SeqCst), attempt);
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_refusal_can_be_found_in_the_error_of_the_client() {
    let egress = egress(9000, false);
    for (endpoint, refused) in [
        ("https://127.0.0.1:9000", Refused::IpAddress),
        ("https://2130706433:9000", Refused::IpAddress),
        ("https://minio:9000", Refused::HostName),
        ("https://minio.example.com:22", Refused::Port),
        ("http://minio.example.com:9000", Refused::Scheme),
    ] {
        let guarded = client(&egress, endpoint).list_buckets().send().await;
        let error = guarded.expect_err("a refusal by the interceptor");
        assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
        assert_eq!(Refused::find(&error), Some(refused), "{endpoint}");

        let config = config(endpoint).http_client(egress.http_client()).build();
        let error = Client::from_conf(config).list_buckets().send().await;
        let error = error.expect_err("a refusal by the client");
        assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
        assert_eq!(Refused::find(&error), Some(refused), "{endpoint}");
    }
}

#[tokio::test]
async fn endpoints_of_storage_services_pass_to_their_resolution() {
    for (endpoint, name) in [
        (
            "https://s3.eu-central-1.amazonaws.com",
            "s3.eu-central-1.amazonaws.com",
        ),
        (
            "https://acct.blob.core.windows.net",
            "acct.blob.core.windows.net",
        ),
        ("https://s3.wasabisys.com", "s3.wasabisys.com"),
        ("https://minio.example.com:9000", "minio.example.com"),
    ] {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let names = Arc::clone(&asked);
        // A name without an address: the test must not leave the machine.
        let egress = Egress::with_resolver(EgressPolicy::default(), move |name| {
            names.lock().unwrap().push(name.to_owned());
            Vec::new()
        });
        let config = config(endpoint)
            .http_client(egress.http_client())
            .interceptor(egress.interceptor())
            .retry_config(RetryConfig::disabled());
        let answer = Client::from_conf(config.build())
            .list_buckets()
            .send()
            .await;
        assert_eq!(
            Refused::find(&answer.expect_err("no address")),
            None,
            "{endpoint}"
        );
        assert_eq!(*asked.lock().unwrap(), [name]);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let canary = Canary::listen(no_buckets());
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let location = format!("Location: http://127.0.0.1:{}/\r\n", canary.port);
        let redirecting = Canary::listen(answer(status, &location, ""));
        let endpoint = format!("http://127.0.0.1:{}", redirecting.port);
        let answer = client(&egress(443, true), &endpoint)
            .list_buckets()
            .send()
            .await;
        assert!(answer.is_err(), "{status}");
        assert_eq!(redirecting.connections(), 1, "{status}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn loopback_is_reached_when_it_is_allowed() {
    let server = Canary::listen(no_buckets());
    for (reached, host) in ["127.0.0.1", "localhost"].into_iter().enumerate() {
        let endpoint = format!("http://{host}:{}", server.port);
        let answer = client(&egress(443, true), &endpoint)
            .list_buckets()
            .send()
            .await;
        assert!(answer.is_ok(), "{host}: {answer:?}");
        assert_eq!(server.connections(), reached + 1);
    }
}

/// Runs the test above again in a process whose environment names the canary as its proxy.
#[test]
fn proxies_of_the_environment_are_ignored() {
    let canary = Canary::listen(answer("502 Bad Gateway", "", ""));
    let proxy = format!("http://127.0.0.1:{}", canary.port);
    let names = [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ];
    let this = std::env::current_exe().expect("the path of this test");
    let output = std::process::Command::new(this)
        .args(["--exact", "loopback_is_reached_when_it_is_allowed"])
        .envs(names.map(|name| (name, &proxy)))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .expect("a second run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    assert_eq!(canary.connections(), 0);
}
