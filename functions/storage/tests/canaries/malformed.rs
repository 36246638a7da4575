use http::{Method, Request};
use serde_json::{Value, json};
use testkit::lambda::{Person, events_of};
use testkit::{PASSWORD, S3_SECRET_KEY};

use crate::story::{NUMBER, Story, WRONG};

impl Story<'_> {
    /// Each field of each endpoint of another type, with a secret in it.
    pub(crate) async fn bodies_are_malformed(&mut self) {
        for family in [
            "auth",
            "cloud-accounts",
            "log-settings",
            "signup",
            "storage",
        ] {
            // A new password ends the sessions of whoever it is for.
            let person = Person::new(self.app, family).await;
            for event in events_of(family).values() {
                let Ok(event) = serde_json::from_str::<Value>(&person.fill(event).await) else {
                    unreachable!("events are JSON");
                };
                let body = event["body"].as_str().unwrap_or("null");
                let method = event["requestContext"]["http"]["method"].as_str().unwrap();
                let path = event["rawPath"].as_str().unwrap();
                if let Ok(Value::Object(body)) = serde_json::from_str(body) {
                    self.malform(method.parse().unwrap(), path, &body).await;
                }
            }
        }
        let unknown = format!("/api/v1/desktop/{NUMBER}");
        self.send(Method::POST, &unknown, Some(json!(WRONG))).await;
        let query = format!("/api/v1/desktop/delete?id={NUMBER}&secretKey={NUMBER}");
        self.send(Method::DELETE, &query, None).await;
    }

    async fn malform(&mut self, method: Method, path: &str, good: &serde_json::Map<String, Value>) {
        let good = json!(good);
        for field in good.as_object().unwrap().keys() {
            for wrong in [
                json!([WRONG, PASSWORD]),
                json!({WRONG: PASSWORD}),
                json!([{"secretKey": S3_SECRET_KEY}]),
                json!(NUMBER),
                json!(-7_317_317_317_317_317_i64),
                json!(format!("{WRONG}\0{PASSWORD}")),
            ] {
                let mut body = good.clone();
                body[field] = wrong;
                let answer = self.send(method.clone(), path, Some(body)).await;
                assert_ne!(answer.status, 500, "{path} {field}");
            }
        }
        let good = good.to_string();
        for raw in [
            format!("{}\"{WRONG}\": \"{PASSWORD}", &good[..good.len() - 1]),
            format!("{good}{WRONG}"),
            format!("password={PASSWORD}&secretKey={WRONG}"),
            format!("[\"{WRONG}\"]"),
            format!("\"{WRONG}\""),
        ] {
            for content_type in ["application/json", &format!("text/plain; x={NUMBER}")] {
                let request = Request::builder()
                    .method(method.clone())
                    .uri(path)
                    .header("authorization", format!("Bearer {}", self.jwt))
                    .header("content-type", content_type)
                    .body(raw.clone().into());
                let answer = self.app.send(request.unwrap()).await;
                assert!(
                    matches!(answer.status, 401 | 499),
                    "{path}: {}",
                    answer.status
                );
                self.hear(&answer);
            }
        }
    }
}
