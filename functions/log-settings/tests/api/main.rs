//! Log settings, told in requests, answers and what is left in the table.

mod setup;

mod get;

mod update;

mod delete;

mod fields;

mod accounts;

mod authorization;

mod sealing;

mod faults;

mod lambda;

use serde_json::{Value, json};
use testkit::TestApp;

const SETUP: &str = "/api/v1/desktop/setup_accountlogsetting";
const GET: &str = "/api/v1/desktop/get_accountlogsetting";
const UPDATE: &str = "/api/v1/desktop/update_accountlogsetting";
const DELETE: &str = "/api/v1/desktop/delete_accountlogsetting";

/// The token of the collector.
const TOKEN: &str = "canary-4f1b-collector/token+1";

/// What sets the log setting of these tests.
fn collector() -> Value {
    json!({
        "token": TOKEN,
        "serverAddress": "splunk.example.com",
        "servicePort": "8088",
        "active": true,
        "provider": 1,
    })
}

/// `body` with one field changed.
fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

/// The table, so that two moments compare.
fn snapshot(app: &TestApp) -> Vec<String> {
    let mut items: Vec<_> = app.records().iter().map(Value::to_string).collect();
    items.sort_unstable();
    items
}

/// The stored log settings.
fn stored(app: &TestApp) -> Vec<Value> {
    let mut records = app.records_of("ACCOUNT#");
    records.retain(|item| item["sk"]["S"] == "LOGSETTING");
    records
}
