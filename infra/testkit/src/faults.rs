//! What `DynamoDB` does to its callers and the embedded server never does.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};

const TRANSACTION: &str = "DynamoDB_20120810.TransactWriteItems";

/// A switch between the service and its records. It is off until a test switches it on.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    conflicts: usize,
    spared: usize,
    lost: usize,
    struck: usize,
    transactions: Vec<String>,
    time: Option<Time>,
}

/// How the test's runtime stops its time, so that the pauses before a repeat take none.
#[derive(Debug, Clone, Copy)]
struct Time {
    stop: fn(),
    go_on: fn(),
    stopped: bool,
}

impl Faults {
    /// Cancels the next `n` transactions: their first write conflicts with another transaction.
    pub fn conflicts(&self, n: usize) {
        self.switch(State {
            conflicts: n,
            ..State::default()
        });
    }

    /// Loses the answers to the next `n` requests, which are carried out.
    pub fn lose_answers(&self, n: usize) {
        self.lose_answers_after(0, n);
    }

    /// As [`Self::lose_answers`], but the next `spared` requests are answered.
    pub fn lose_answers_after(&self, spared: usize, n: usize) {
        self.switch(State {
            spared,
            lost: n,
            ..State::default()
        });
    }

    /// The client request tokens of the transactions since the faults were last switched.
    pub fn transactions(&self) -> Vec<String> {
        self.state().transactions.clone()
    }

    /// How many requests met a fault since the faults were last switched.
    pub fn struck(&self) -> usize {
        self.state().struck
    }

    /// Lets the pauses between a fault and the repeat of the request take no time. The functions
    /// are `tokio::time::pause` and `tokio::time::resume`: that Tokio has them is a feature for
    /// tests only. Time stands still no longer than until the next request is sent.
    pub fn skip_pauses(&self, stop: fn(), go_on: fn()) {
        self.state().time = Some(Time {
            stop,
            go_on,
            stopped: false,
        });
    }

    /// `config`, with these faults on the way to the server and back.
    pub(crate) fn on_the_way(&self, config: &SdkConfig) -> SdkConfig {
        let (faults, inner) = (self.clone(), config.http_client().unwrap());
        let client = http_client_fn(move |settings, components| {
            SharedHttpConnector::new(Faulty {
                inner: inner.http_connector(settings, components),
                faults: faults.clone(),
            })
        });
        config.to_builder().http_client(client).build()
    }

    fn switch(&self, new: State) {
        let mut state = self.state();
        let time = state.time;
        *state = State { time, ..new };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// What is to become of a request.
    fn next(&mut self, request: &HttpRequest) -> Fate {
        if let Some(time) = self.time.as_mut().filter(|time| time.stopped) {
            time.stopped = false;
            (time.go_on)();
        }
        if request.headers().get("x-amz-target") == Some(TRANSACTION) {
            let body = request.body().bytes().expect("the body is in memory");
            let body: Value = serde_json::from_slice(body).unwrap();
            let token = body["ClientRequestToken"].as_str();
            self.transactions.push(token.unwrap_or_default().to_owned());
            if self.conflicts > 0 {
                self.conflicts -= 1;
                self.strike();
                return Fate::Cancelled(body["TransactItems"].as_array().map_or(0, Vec::len));
            }
        }
        if self.spared > 0 {
            self.spared -= 1;
        } else if self.lost > 0 {
            self.lost -= 1;
            return Fate::Unanswered;
        }
        Fate::Answered
    }

    fn strike(&mut self) {
        self.struck += 1;
        if let Some(time) = self.time.as_mut().filter(|time| !time.stopped) {
            time.stopped = true;
            (time.stop)();
        }
    }
}

enum Fate {
    Answered,
    /// Not carried out; so many writes were in it.
    Cancelled(usize),
    /// Carried out.
    Unanswered,
}

#[derive(Debug)]
struct Faulty {
    inner: SharedHttpConnector,
    faults: Faults,
}

impl HttpConnector for Faulty {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let fate = self.faults.state().next(&request);
        match fate {
            Fate::Answered => self.inner.call(request),
            Fate::Cancelled(writes) => HttpConnectorFuture::ready(Ok(cancelled(writes))),
            Fate::Unanswered => {
                let (faults, answer) = (self.faults.clone(), self.inner.call(request));
                HttpConnectorFuture::new(async move {
                    answer.await?;
                    faults.state().strike();
                    Err(ConnectorError::timeout("the answer was lost".into()))
                })
            }
        }
    }
}

/// The answer as `DynamoDB` gives it: a reason per write, in order.
fn cancelled(writes: usize) -> HttpResponse {
    let mut codes = vec!["None"; writes];
    codes[0] = "TransactionConflict";
    let mut reasons: Vec<_> = codes.iter().map(|code| json!({"Code": code})).collect();
    reasons[0]["Message"] = json!("Transaction is ongoing for the item");
    let codes = codes.join(", ");
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": reasons,
        "Message": format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        ),
    });
    let mut response = HttpResponse::new(400.try_into().unwrap(), body.to_string().into());
    let headers = response.headers_mut();
    headers.insert("content-type", "application/x-amz-json-1.0");
    response
}
