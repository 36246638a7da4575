use axum::body::Body;
use http::HeaderMap;
use http_body_util::BodyExt;
use serde_json::Value;

/// An answer, with assertions that fail at the caller's line.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    pub(crate) async fn read(response: http::Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body of a 200.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The string that the body of a 200 is.
    #[track_caller]
    pub fn string(&self) -> String {
        self.json()
            .as_str()
            .expect("the answer is a JSON string")
            .to_owned()
    }

    /// A 200 without a body.
    #[track_caller]
    pub fn expect_empty(&self) {
        assert_eq!((self.status, self.text()), (200, ""));
    }

    /// A problem with this status and code, in body and header; answers its message.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["type"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(self.header("error-code"), code);
        let messages = problem["errors"][code]
            .as_array()
            .expect("messages are listed under the code");
        assert_eq!(messages.len(), 1, "{problem}");
        messages[0].as_str().expect("a message is text").to_owned()
    }

    /// The status and, of a problem, code and message in one line, for tables of what is answered:
    /// `200`, `499 DEFAULT name: is missing`.
    #[track_caller]
    pub fn outcome(&self) -> String {
        let code = self.header("error-code");
        if code.is_empty() {
            return self.status.to_string();
        }
        let message = self.expect_problem(self.status, code);
        format!("{} {code} {message}", self.status)
    }

    /// All that a client can tell two answers apart by: status, headers, body. Only the request's id
    /// and the date, which differ between any two, are left out.
    pub fn observable(&self) -> (u16, HeaderMap, Vec<u8>) {
        let mut headers = self.headers.clone();
        headers.remove("x-request-id").expect("an answer has an id");
        headers.remove("date");
        (self.status, headers, self.body.clone())
    }

    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}
