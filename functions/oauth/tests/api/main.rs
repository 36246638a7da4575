//! Connecting drives by consent, told in requests, the vendor's pages and answers, and what is left in
//! the table and at the vendor.

mod connect;
mod lambda;
mod refused;
mod request_fields;
mod state;

use serde_json::{Value, json};
use simulators::drives::Vendor;
use testkit::TestApp;

/// How many requests the vendor's token endpoint has had.
fn token_calls(app: &TestApp, vendor: Vendor) -> usize {
    app.drives.of(vendor).grants().token_calls
}

/// What a cloud account of the vendor is.
fn cloud_type(vendor: Vendor) -> u32 {
    match vendor {
        Vendor::Dropbox => 128,
        Vendor::Box => 256,
        Vendor::OneDrive => 512,
        Vendor::GoogleDrive => 1024,
    }
}

/// How many cloud accounts are stored.
fn stored(app: &TestApp) -> usize {
    app.records_of("CLOUD#").len()
}

/// `body` with one field changed.
fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

fn ask(redirect_url: &str, name: &str) -> Value {
    json!({"redirectURL": redirect_url, "cloudName": name, "shared": true})
}

fn generate_path(vendor: Vendor) -> String {
    format!(
        "/api/v1/desktop/generate_{}_authorization_url",
        vendor.slug()
    )
}
