//! The Runtime API that Lambda shows to a function
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::StatusCode;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What the template gives a function, in milliseconds.
const TIMEOUT_MS: i64 = 25_000;

/// What a function made of an event: the answer's JSON, or the report of its failure.
pub(super) type Outcome = Result<Vec<u8>, String>;

/// A running Runtime API for one function; dropping it stops the server.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Event>,
    server: JoinHandle<()>,
}

struct Event {
    body: String,
    outcome: oneshot::Sender<Outcome>,
}

#[derive(Clone)]
struct Service {
    events: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>>,
    under_way: Arc<Mutex<HashMap<String, oneshot::Sender<Outcome>>>>,
}

impl RuntimeApi {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (events, queue) = mpsc::unbounded_channel();
        let service = Service {
            events: Arc::new(tokio::sync::Mutex::new(queue)),
            under_way: Arc::default(),
        };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(service);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            events,
            server,
        }
    }

    /// What `AWS_LAMBDA_RUNTIME_API` holds.
    pub(super) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Hands an event to the function when it next asks for one.
    pub(super) fn queue(&self, body: String) -> oneshot::Receiver<Outcome> {
        let (outcome, receiver) = oneshot::channel();
        let queued = self.events.send(Event { body, outcome });
        assert!(queued.is_ok(), "the Runtime API runs");
        receiver
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Service {
    fn finish(&self, id: &str, outcome: Outcome) -> StatusCode {
        match self.under_way.lock().unwrap().remove(id) {
            // A test that no longer waits has failed already.
            Some(receiver) => {
                let _ = receiver.send(outcome);
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

async fn next(State(service): State<Service>) -> impl IntoResponse {
    let Some(event) = service.events.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let id = Uuid::new_v4().to_string();
    service
        .under_way
        .lock()
        .unwrap()
        .insert(id.clone(), event.outcome);
    let deadline = Timestamp::now().as_millisecond() + TIMEOUT_MS;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:under-test".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-6b043fda-428821350e9691491f616b75;Parent=9a9197af755a6419;Sampled=0".to_owned(),
        ),
    ];
    (headers, event.body)
}

async fn response(
    State(service): State<Service>,
    Path(id): Path<String>,
    body: Bytes,
) -> StatusCode {
    service.finish(&id, Ok(body.to_vec()))
}

async fn error(State(service): State<Service>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    let report = String::from_utf8_lossy(&body).into_owned();
    service.finish(&id, Err(report))
}

/// The process ends after this report; whoever waits for an answer reads of it in its output.
async fn init_error() -> StatusCode {
    StatusCode::ACCEPTED
}
