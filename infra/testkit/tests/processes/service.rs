use std::process::Stdio;

use reqwest::Client;
use serde_json::json;
use testkit::{Response, TestApp};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A process of the service; dropping it kills it.
pub(crate) struct Service {
    child: Child,
    url: String,
    client: Client,
}

impl Service {
    /// Starts one over the servers of `app`, with the machine's time.
    pub(crate) async fn start(app: &TestApp, lease_seconds: u32) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_service"))
            .env_clear()
            .envs(app.environment())
            .env("REFRESH_LEASE_SECONDS", lease_seconds.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.next_line().await.unwrap().expect("it tells its URL");
        Self {
            child,
            url,
            client: Client::new(),
        }
    }

    /// A stranger refreshes a cloud account.
    pub(crate) async fn refresh(&self, id: &str) -> Response {
        let answer = self
            .client
            .post(format!("{}/api/v1/desktop/refresh_token", self.url))
            .json(&json!({"cloudAccountId": id}))
            .send()
            .await
            .unwrap();
        Response {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }

    /// Kills the process, without a chance to do anything more.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }
}
