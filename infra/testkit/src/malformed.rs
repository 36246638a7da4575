use std::mem::discriminant;

use serde_json::{Value, json};

use crate::{Response, TestApp};

/// `good` with each field in turn left out and of every other JSON type, beside the outcome that
/// the contract asks for.
pub fn malformed(good: &Value) -> Vec<(Value, String)> {
    let mut bodies = Vec::new();
    for (field, value) in good.as_object().unwrap() {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(field);
        bodies.push((without, format!("499 DEFAULT {field}: is missing")));
        let types = [
            json!(null),
            json!(true),
            json!(7),
            json!("text"),
            json!([value]),
            json!({"value": value}),
        ];
        for wrong in types {
            if discriminant(&wrong) != discriminant(value) {
                let mut body = good.clone();
                body[field] = wrong;
                bodies.push((body, format!("499 DEFAULT {field}: has the wrong type")));
            }
        }
    }
    bodies
}

impl TestApp {
    /// Posts `good` with every field malformed, then with each of the `bad` values (field, value,
    /// outcome), at last `good` itself: all with one request token, which only the last may burn.
    /// Nothing is stored or mailed before; answers the last response.
    pub async fn refuse_then_accept(
        &self,
        path: &str,
        mut good: Value,
        bad: &[(&str, Value, &str)],
    ) -> Response {
        good["requestToken"] = json!(self.request_token().await);
        let before = (self.records().len(), self.mailbox.all().len());
        for (body, outcome) in malformed(&good) {
            assert_eq!(
                self.post(path, body.clone()).await.outcome(),
                outcome,
                "{body}"
            );
        }
        for (field, value, outcome) in bad {
            let mut body = good.clone();
            body[*field] = value.clone();
            assert_eq!(
                self.post(path, body).await.outcome(),
                *outcome,
                "{field}: {value}"
            );
        }
        let after = (self.records().len(), self.mailbox.all().len());
        assert_eq!(after, before, "a malformed body stores and mails nothing");
        self.post(path, good).await
    }
}
