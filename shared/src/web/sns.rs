//! Events of SNS, as Lambda gets them: <https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>.
//!
//! Two fields of what `aws_lambda_events` has, whose feature for SNS would bring a second library for
//! time into every function.

use serde::Deserialize;

/// What topics have published.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsEvent {
    /// The messages; in practice one.
    pub records: Vec<SnsRecord>,
}

/// One message and where it comes from.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsRecord {
    /// The message.
    pub sns: SnsMessage,
}

/// A message.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsMessage {
    /// Identifies it; a repeat has the same.
    pub message_id: String,
    /// What was published.
    pub message: String,
}
