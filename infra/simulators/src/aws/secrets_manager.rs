//! Secrets Manager's `GetSecretValue` in AWS JSON 1.1:
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>.

use std::sync::atomic::Ordering;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::control::Switches;
use super::signature::{self, Refusal};

const OPERATION: &str = "secretsmanager.GetSecretValue";

/// The current version of a secret; the stand-in keeps no older ones.
pub(super) struct Secret {
    value: String,
    version_id: String,
    created: Timestamp,
}

impl Secret {
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    pub(super) fn new(value: String) -> Self {
        Self {
            value,
            version_id: Uuid::new_v4().to_string(),
            created: Timestamp::now(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue {
    secret_id: Option<String>,
    version_id: Option<String>,
    version_stage: Option<String>,
}

struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Failure {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::Missing => "MissingAuthenticationTokenException",
            Refusal::Incomplete(_) => "IncompleteSignatureException",
            Refusal::WrongService(_) => "InvalidSignatureException",
        };
        Self::new(code, refusal.message())
    }
}

pub(super) fn answer(switches: &Switches, headers: &HeaderMap, body: &[u8]) -> Response {
    let (status, body) = match get_secret_value(switches, headers, body) {
        Ok(body) => (StatusCode::OK, body),
        Err(failure) => (
            failure.status,
            json!({ "__type": failure.code, "Message": failure.message }),
        ),
    };
    let headers = [
        (CONTENT_TYPE, "application/x-amz-json-1.1".to_owned()),
        (
            HeaderName::from_static("x-amzn-requestid"),
            Uuid::new_v4().to_string(),
        ),
    ];
    (status, headers, body.to_string()).into_response()
}

fn get_secret_value(
    switches: &Switches,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, Failure> {
    signature::check(headers, "secretsmanager")?;
    if headers
        .get("x-amz-target")
        .map(axum::http::HeaderValue::as_bytes)
        != Some(OPERATION.as_bytes())
    {
        return Err(Failure::new("UnknownOperationException", ""));
    }
    switches.secret_reads.fetch_add(1, Ordering::SeqCst);
    let failing =
        switches
            .secret_failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |times| {
                times.checked_sub(1)
            });
    if failing.is_ok() {
        return Err(Failure {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "InternalServiceError",
            message: "An error occurred on the server side.".to_owned(),
        });
    }

    let request: GetSecretValue = serde_json::from_slice(body)
        .map_err(|error| Failure::new("SerializationException", error.to_string()))?;
    let id = request
        .secret_id
        .filter(|id| !id.is_empty())
        .ok_or_else(|| {
            Failure::new(
                "InvalidParameterException",
                "You must provide a value for the SecretId parameter.",
            )
        })?;
    let secrets = switches.secrets();
    let (name, secret) = names(&id)
        .into_iter()
        .find_map(|name| Some((name, secrets.get(name)?)))
        .ok_or_else(|| {
            Failure::new(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.",
            )
        })?;
    let current = request
        .version_id
        .is_none_or(|version| version == secret.version_id)
        && request
            .version_stage
            .is_none_or(|stage| stage == "AWSCURRENT");
    if !current {
        return Err(Failure::new(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value.",
        ));
    }
    Ok(json!({
        "ARN": format!("arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}-Local0"),
        "Name": name,
        "VersionId": secret.version_id,
        "SecretString": secret.value,
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": secret.created.as_second(),
    }))
}

/// The names an identifier may mean: a name is taken as it is; an ARN ends in the name, or in the
/// name, a hyphen and six characters that the service adds.
fn names(id: &str) -> Vec<&str> {
    let Some((_, full)) = id.split_once(":secret:") else {
        return vec![id];
    };
    let mut names = vec![full];
    if let Some((name, suffix)) = full.rsplit_once('-')
        && suffix.len() == 6
    {
        names.push(name);
    }
    names
}
