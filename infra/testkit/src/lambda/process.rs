use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use data_encoding::BASE64;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::runtime_api::{Outcome, RuntimeApi};
use crate::{Response, TestApp};

/// What Lambda allows a function for one event, and for its start.
const PATIENCE: Duration = Duration::from_secs(25);

/// A function's process, which takes events; dropping it kills it.
pub struct Lambda {
    child: Child,
    api: RuntimeApi,
    output: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

/// What a function answers, as API Gateway reads it
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GatewayAnswer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    is_base64_encoded: bool,
}

impl Lambda {
    /// Starts `binary` on the servers of `app`, with the environment that Lambda and the template
    /// give it, except that loopback may be dialled.
    pub async fn start(app: &TestApp, binary: &str) -> Self {
        Self::start_with(app, binary, &[]).await
    }

    /// Starts `binary` with more, or other, variables.
    pub async fn start_with(app: &TestApp, binary: &str, more: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start().await;
        let (records, others) = (app.dynamodb.url(), app.control.url());
        let platform_s3 = app.platform_s3.url();
        let config = app.app.config();
        let drives = app.drives_url();
        let google_client_ids = config.google_client_ids.join(",");
        let servers = [
            ("DRIVES_URL", drives.as_str()),
            ("GOOGLE_CLIENT_IDS", &google_client_ids),
            ("PUBLIC_URL", crate::PUBLIC_URL),
            ("DEMO_BUCKET", crate::DEMO_BUCKET),
            ("TABLE_NAME", config.table_name.as_str()),
            ("SECRET_ID", &config.secret_id),
            ("AWS_ENDPOINT_URL_DYNAMODB", &records),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &others),
            ("AWS_ENDPOINT_URL_SES", &others),
            ("AWS_ENDPOINT_URL_S3", &platform_s3),
        ];
        let authority = api.authority();
        let mut child = command(binary, &authority)
            .envs(servers)
            .envs(more.iter().copied())
            .spawn()
            .unwrap();
        let output = Arc::default();
        let readers = vec![
            collect(child.stdout.take().unwrap(), &output),
            collect(child.stderr.take().unwrap(), &output),
        ];
        Self {
            child,
            api,
            output,
            readers,
        }
    }

    /// Gives the function an API Gateway event and waits for its answer.
    pub async fn invoke(&mut self, event: &str) -> Response {
        response(&self.invoke_job(event).await)
    }

    /// Gives the function an event and waits until it is done with it; answers what it answers.
    pub async fn invoke_job(&mut self, event: &str) -> Vec<u8> {
        match self.outcome(event).await {
            Ok(answer) => answer,
            Err(report) => panic!("the function failed: {report}\n{}", self.so_far()),
        }
    }

    /// Gives the function an event that it fails at, so that Lambda would repeat it; answers its
    /// report.
    pub async fn invoke_failing_job(&mut self, event: &str) -> String {
        match self.outcome(event).await {
            Ok(_) => panic!("the function did not fail\n{}", self.so_far()),
            Err(report) => report,
        }
    }

    async fn outcome(&mut self, event: &str) -> Outcome {
        let answer = self.api.queue(event.to_owned());
        let outcome = tokio::select! {
            outcome = timeout(PATIENCE, answer) => outcome,
            status = self.child.wait() => panic!("the function ended, {}: {}", status.unwrap(), self.so_far()),
        };
        match outcome {
            Ok(Ok(outcome)) => outcome,
            _ => panic!("the function does not answer\n{}", self.so_far()),
        }
    }

    /// Stops the function; answers everything that it has printed.
    pub async fn stop(mut self) -> String {
        self.child.kill().await.unwrap();
        for reader in self.readers.drain(..) {
            reader.await.unwrap();
        }
        self.so_far()
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().unwrap()).into_owned()
    }
}

/// Starts `binary` without the variables in `less` and with those in `more`; answers what it prints
/// before it ends by itself, in failure.
pub async fn start_failure(binary: &str, less: &[&str], more: &[(&str, &str)]) -> String {
    let api = RuntimeApi::start().await;
    let mut command = command(binary, &api.authority());
    for name in less {
        command.env_remove(name);
    }
    let ended = timeout(PATIENCE, command.envs(more.iter().copied()).output()).await;
    let ended = ended.expect("the function runs on").unwrap();
    let printed = [ended.stdout, ended.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert!(!ended.status.success(), "{printed}");
    printed
}

fn command(binary: &str, runtime_api: &str) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
            ("AWS_LAMBDA_FUNCTION_NAME", "under-test"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/under-test"),
            (
                "AWS_LAMBDA_LOG_STREAM_NAME",
                "2026/11/23/[$LATEST]0123456789",
            ),
            ("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", crate::ROLE_ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", crate::ROLE_SECRET_KEY),
            ("TABLE_NAME", "no-table"),
            ("SECRET_ID", "no-secret"),
            ("MAIL_FROM", "Desktop <no-reply@desktop.example>"),
            ("MAIL_CONFIGURATION_SET", crate::MAIL_CONFIGURATION_SET),
            ("STAGE", "local"),
            ("EGRESS_ALLOW_LOOPBACK", "true"),
            ("ANSWER_STEP_MS", "10"),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn collect(
    mut pipe: impl AsyncRead + Unpin + Send + 'static,
    output: &Arc<Mutex<Vec<u8>>>,
) -> JoinHandle<()> {
    let output = Arc::clone(output);
    tokio::spawn(async move {
        let mut buffer = [0; 4_096];
        while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
            output.lock().unwrap().extend_from_slice(&buffer[..count]);
        }
    })
}

/// What stands between head and body of an answer that is streamed.
const PRELUDE_END: [u8; 8] = [0; 8];

/// The head of an answer that is streamed, as a function URL reads it
/// (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prelude {
    status_code: u16,
    headers: BTreeMap<String, String>,
}

fn response(answer: &[u8]) -> Response {
    let end = answer
        .windows(PRELUDE_END.len())
        .position(|window| window == PRELUDE_END);
    if let Some(end) = end {
        let prelude: Prelude = serde_json::from_slice(&answer[..end]).unwrap();
        return Response {
            status: prelude.status_code,
            headers: headers(prelude.headers),
            body: answer[end + PRELUDE_END.len()..].to_vec(),
        };
    }
    let answer: GatewayAnswer = serde_json::from_slice(answer).unwrap();
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded {
        BASE64.decode(body.as_bytes()).unwrap()
    } else {
        body.into_bytes()
    };
    Response {
        status: answer.status_code,
        headers: headers(answer.headers),
        body,
    }
}

fn headers(named: BTreeMap<String, String>) -> HeaderMap {
    let pair = |(name, value): (String, String)| {
        (
            HeaderName::try_from(name).unwrap(),
            HeaderValue::try_from(value).unwrap(),
        )
    };
    named.into_iter().map(pair).collect()
}
