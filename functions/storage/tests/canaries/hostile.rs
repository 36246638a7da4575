//! A storage provider that says back whatever it was told.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What the provider says of itself, as if it were somebody's.
pub(crate) const CANARY: &str = "canary-of-a-hostile-provider";

/// A running provider; dropping it stops it.
pub(crate) struct Hostile {
    pub(crate) url: String,
    mood: Arc<AtomicU16>,
    server: JoinHandle<()>,
}

impl Hostile {
    /// It accepts any credentials at first.
    pub(crate) async fn start() -> Self {
        let mood = Arc::new(AtomicU16::new(WELCOMING));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&mood));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, mood, server }
    }

    /// Answers with this status from now on.
    pub(crate) fn answer_with(&self, status: u16) {
        self.mood.store(status, Ordering::SeqCst);
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Not a status: the server lists no bucket, so that its keys are accepted.
const WELCOMING: u16 = 0;

async fn answer(
    State(mood): State<Arc<AtomicU16>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut told = format!("{CANARY} {uri} {}", String::from_utf8_lossy(&body));
    for (name, value) in &headers {
        write!(
            told,
            " {name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        )
        .unwrap();
    }
    let told = told.replace(['<', '>', '&'], "_");
    let mood = mood.load(Ordering::SeqCst);
    let status = match mood {
        WELCOMING => StatusCode::OK,
        _ => StatusCode::from_u16(mood).unwrap(),
    };
    let body = match mood {
        WELCOMING => format!("<ListAllMyBucketsResult><!-- {told} --></ListAllMyBucketsResult>"),
        // No XML at all.
        200 => told,
        403 => format!("<Error><Code>AccessDenied</Code><Message>{told}</Message></Error>"),
        _ => format!(
            "<Error><Code>Made up</Code><Message>{told}</Message><Region>{told}</Region></Error>"
        ),
    };
    (
        status,
        [
            ("x-amz-request-id", "a-request"),
            ("x-amz-bucket-region", "hostile-1"),
        ],
        body,
    )
        .into_response()
}
