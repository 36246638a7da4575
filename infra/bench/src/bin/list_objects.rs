//! `cargo run --release -p bench --bin list_objects`: a folder of 1,000 keys listed through the
//! product's router and, in turn, by the SDK alone.
//!
//! It also counts the round trips to the records that such an authenticated request makes.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation,
    ResponseChecksumValidation, StalledStreamProtectionConfig,
};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_types::SdkConfig;
use aws_types::sdk_config::SharedCredentialsProvider;
use bench::{Durations, verdict};
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use shared::app::App;
use shared::aws::AwsService;
use shared::domain::Clock;
use shared::web::serve;
use testkit::lambda::Person;
use testkit::{
    BUCKET, ROLE_ACCESS_KEY, ROLE_SECRET_KEY, S3_ACCESS_KEY, S3_SECRET_KEY, TestApp, routes,
};
use tower::ServiceExt;

const KEYS: u16 = 1_000;
const FOLDER: &str = "Raw footage/";
const ROUNDS: usize = 101;
const WARM_UP_ROUNDS: usize = 10;
const RATIO_MAX: f64 = 1.2;
const ROUND_TRIPS_MAX: u32 = 1;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let servers = TestApp::start().await;
    let person = Person::new(&servers, "jane").await;
    let sdk = sdk(servers.s3.url());
    for number in 0..KEYS {
        let put = sdk.put_object().bucket(BUCKET);
        let put = put.key(format!("{FOLDER}take {number:04}.mov"));
        put.body(ByteStream::from_static(b"x")).send().await?;
    }

    let sent = Sent::default();
    let router = serve(routes(), service(&servers, &sent));
    let request = |endpoint: &str, body: &Value| {
        Request::post(format!("/api/v1/desktop/{endpoint}"))
            .header("authorization", format!("Bearer {}", person.user.jwt))
            .header("content-type", "application/json")
            .body(body.to_string())
    };
    let account = &person.cloud_account_id;
    let listing =
        json!({"cloudAccountId": account, "bucketName": BUCKET, "path": FOLDER, "count": KEYS});
    let signing =
        json!({"cloudAccountId": account, "storageName": BUCKET, "key": format!("{FOLDER}take")});

    let [mut through_router, mut unlisted, mut direct] = <[Durations; 3]>::default();
    for round in 0..WARM_UP_ROUNDS + ROUNDS {
        let start = Instant::now();
        let request_signing = request("generate_download_url", &signing)?;
        let signed = router.clone().oneshot(request_signing).await?;
        let took_unlisted = start.elapsed();

        sent.clear();
        let start = Instant::now();
        let request_listing = request("list_objects", &listing)?;
        let answer = router.clone().oneshot(request_listing).await?;
        let body = answer.into_body().collect().await?.to_bytes();
        let took_router = start.elapsed();

        let start = Instant::now();
        let list = sdk.list_objects_v2().bucket(BUCKET).prefix(FOLDER);
        let list = list.delimiter("/").max_keys(KEYS.into()).send().await?;
        let took_direct = start.elapsed();

        let answer: Value = serde_json::from_slice(&body)?;
        let listed = answer["data"].as_array().map_or(0, Vec::len);
        if [listed, list.contents().len()] != [usize::from(KEYS); 2] {
            return Err(format!("not every key is listed: {answer}").into());
        }
        if !signed.status().is_success() {
            return Err(format!("no URL is signed: {}", signed.status()).into());
        }
        if round >= WARM_UP_ROUNDS {
            through_router.push(took_router);
            unlisted.push(took_unlisted);
            direct.push(took_direct);
        }
    }
    print(&through_router, &unlisted, &direct, &sent.operations());
    Ok(())
}

/// The SDK alone, with the settings of the product's clients.
fn sdk(url: String) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(8))
        .operation_timeout(Duration::from_secs(12))
        .build();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new(
            S3_ACCESS_KEY,
            S3_SECRET_KEY,
            None,
            None,
            "bench",
        ))
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// The product over `servers`, with its requests to the records written down in `sent`.
fn service(servers: &TestApp, sent: &Sent) -> App {
    let (records, others) = (servers.dynamodb.url(), servers.control.url());
    let plain = aws_smithy_http_client::Builder::new().build_http();
    let counted = SharedHttpClient::new(Counted {
        inner: plain.clone(),
        sent: sent.clone(),
    });
    let role = Credentials::new(ROLE_ACCESS_KEY, ROLE_SECRET_KEY, None, None, "bench");
    let base = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(role))
        .build();
    let aws = move |service| {
        let (url, client) = match service {
            AwsService::DynamoDb => (&records, &counted),
            AwsService::SecretsManager | AwsService::Ses | AwsService::S3 => (&others, &plain),
        };
        let config = base.to_builder().endpoint_url(url);
        config.http_client(client.clone()).build()
    };
    App::over(servers.app.config().clone(), aws, Clock::system())
}

/// The operations that were asked of the records.
#[derive(Clone, Debug, Default)]
struct Sent(Arc<Mutex<Vec<String>>>);

impl Sent {
    fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn push(&self, request: &HttpRequest) {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push(operation.to_owned());
    }

    fn operations(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// An HTTP client, or a connector, that writes down what passes it.
#[derive(Debug)]
struct Counted<T> {
    inner: T,
    sent: Sent,
}

impl HttpClient for Counted<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Counted {
            inner: self.inner.http_connector(settings, components),
            sent: self.sent.clone(),
        })
    }
}

impl HttpConnector for Counted<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.sent.push(&request);
        self.inner.call(request)
    }
}

fn print(
    through_router: &Durations,
    unlisted: &Durations,
    direct: &Durations,
    operations: &[String],
) {
    println!("One folder of {KEYS} keys, {ROUNDS} rounds:\n");
    println!("{:<32}{:>10}{:>9}", "", "median ms", "min ms");
    for (what, durations) in [
        ("POST list_objects", through_router),
        ("ListObjectsV2 by the SDK alone", direct),
        // The same way without a request to the provider: what authentication, the records and the
        // provider's client cost of the first.
        ("POST generate_download_url", unlisted),
    ] {
        let (median, min) = (durations.median(), durations.min());
        println!("{what:<32}{median:>10.2}{min:>9.2}");
    }
    let ratio = through_router.median() / direct.median();
    println!(
        "\nratio of medians: {ratio:.2}; the budget of {RATIO_MAX:.1} {}",
        verdict(ratio, RATIO_MAX)
    );
    let round_trips = u32::try_from(operations.len()).unwrap_or(u32::MAX);
    println!(
        "round trips to the records of a warm request: {round_trips} ({}); the budget of \
         {ROUND_TRIPS_MAX} {}",
        operations.join(", "),
        verdict(round_trips.into(), ROUND_TRIPS_MAX.into())
    );
}
