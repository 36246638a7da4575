//! Cloud accounts, told in requests, answers and what is left in the table.

mod insert;
mod insert_fields;

mod service_url;

mod delete;

mod demo_drive;

mod refresh_token;

mod refresh;

mod drive_fields;

mod sharing;

mod authorization;

mod connections;

mod sealing;

mod faults;

mod lambda;

use serde_json::{Value, json};
use testkit::{Response, TestApp};

const INSERT: &str = "/api/v1/desktop/insert";
const REFRESH: &str = "/api/v1/desktop/refresh_token";

fn delete_path(id: &str) -> String {
    format!("/api/v1/desktop/delete?id={id}")
}

/// The table, so that two moments compare.
fn snapshot(app: &TestApp) -> Vec<String> {
    let mut items: Vec<_> = app.records().iter().map(Value::to_string).collect();
    items.sort_unstable();
    items
}

/// `body` with one field changed.
fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

/// `body` with one field left out.
fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut()
        .expect("a body is an object")
        .remove(field);
    body
}

/// A cloud account that is not there for the one who asks.
#[track_caller]
fn expect_not_found(response: &Response) {
    assert_eq!(
        response.expect_problem(499, "NOT_FOUND"),
        "Object not found."
    );
}

/// A defect: the client reads nothing but an id to report.
#[track_caller]
fn expect_defect(response: &Response) {
    assert_eq!((response.status, response.text()), (500, ""));
    assert!(!response.header("x-request-id").is_empty());
}

/// The body of `refresh_token`.
fn refresh(id: &str) -> Value {
    json!({"cloudAccountId": id})
}
