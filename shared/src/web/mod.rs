//! The web layer: how a request gets in and an answer gets out, the same on Lambda, in tests and on
//! the local runner.

mod error;
mod gateway;
mod serve;
mod telemetry;

pub mod auth;
pub mod client;
pub mod cloud_account;
pub mod json;
pub mod request_token;
pub mod sns;
pub mod steady;

pub use serve::{StartError, run, run_notified, run_scheduled, run_streaming, serve};
pub use telemetry::REQUEST_ID_HEADER;
