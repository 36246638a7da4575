//! A server that answers what it is told to and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use crate::any_port;

/// A request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The region that the request is signed for.
    pub(crate) fn region(&self) -> &str {
        self.header("authorization")
            .split('/')
            .nth(2)
            .unwrap_or_default()
    }

    pub(crate) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// `GET /photos`, without the query.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.uri.path())
    }
}

/// An answer.
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/xml".to_owned())],
            body: body.into(),
        }
    }

    /// An error body with this code and further elements.
    pub(crate) fn error(status: u16, code: &str, more: &str) -> Self {
        Self::new(
            status,
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>secret words</Message>\
                 {more}<RequestId>4442587FB7D0A2F9</RequestId><HostId>abc=</HostId></Error>"
            ),
        )
    }

    pub(crate) fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let headers = self.headers.into_iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::try_from(value).unwrap(),
            )
        });
        (
            StatusCode::from_u16(self.status).unwrap(),
            headers.collect::<HeaderMap>(),
            self.body,
        )
            .into_response()
    }
}

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Recorded {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(any_port()).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let recorded = Self {
            url,
            asked: Arc::default(),
        };
        let state: (Self, Arc<Script>) = (recorded.clone(), Arc::new(script));
        let router = Router::new().fallback(answer).with_state(state);
        tokio::spawn(axum::serve(listener, router).into_future());
        recorded
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

async fn answer(
    State((recorded, script)): State<(Recorded, Arc<Script>)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let asked = Asked {
        method,
        uri,
        headers,
        body,
    };
    recorded.asked.lock().unwrap().push(asked.clone());
    script(&asked)
}

/// A listing of these keys, as they stand in the XML.
pub(crate) fn listing(keys: &[&str], more: &str) -> String {
    let rest = "<LastModified>2026-11-23T10:00:00.000Z</LastModified><Size>7</Size>";
    let contents = keys
        .iter()
        .map(|key| format!("<Contents><Key>{key}</Key>{rest}</Contents>"));
    let contents = contents.collect::<Vec<_>>().concat();
    format!("<ListBucketResult><Name>photos</Name>{more}{contents}</ListBucketResult>")
}

/// A list of these buckets.
pub(crate) fn buckets(names: impl IntoIterator<Item = String>) -> String {
    let rest = "<CreationDate>2026-01-02T03:04:05.000Z</CreationDate>";
    let buckets = names
        .into_iter()
        .map(|name| format!("<Bucket><Name>{name}</Name>{rest}</Bucket>"));
    let buckets = buckets.collect::<Vec<_>>().concat();
    format!("<ListAllMyBucketsResult><Buckets>{buckets}</Buckets></ListAllMyBucketsResult>")
}
