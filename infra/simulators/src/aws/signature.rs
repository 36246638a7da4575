//! What a signed request must look like: Signature Version 4,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, DATE};

const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";

/// Why a request is refused; each protocol has its own codes for these.
pub(super) enum Refusal {
    Missing,
    Incomplete(&'static str),
    WrongService(String),
}

impl Refusal {
    pub(super) fn message(&self) -> String {
        match self {
            Self::Missing => "Missing Authentication Token".to_owned(),
            Self::Incomplete(message) => (*message).to_owned(),
            Self::WrongService(service) => {
                format!("Credential should be scoped to correct service: '{service}'.")
            }
        }
    }
}

/// Checks that a request carries a complete signature scoped to `service`. The signature itself is
/// not recomputed: the stand-in holds no keys and takes any caller's.
pub(super) fn check(headers: &HeaderMap, service: &str) -> Result<(), Refusal> {
    let authorization = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(Refusal::Missing)?;
    let parts = authorization
        .strip_prefix(ALGORITHM)
        .ok_or(Refusal::Incomplete("Unsupported authorization algorithm."))?;
    let credential = parameter(parts, "Credential").ok_or(Refusal::Incomplete(
        "Authorization header requires 'Credential' parameter.",
    ))?;
    parameter(parts, "Signature").ok_or(Refusal::Incomplete(
        "Authorization header requires 'Signature' parameter.",
    ))?;
    parameter(parts, "SignedHeaders").ok_or(Refusal::Incomplete(
        "Authorization header requires 'SignedHeaders' parameter.",
    ))?;
    if !headers.contains_key("x-amz-date") && !headers.contains_key(DATE) {
        return Err(Refusal::Incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        ));
    }
    // access key / date / region / service / aws4_request; only the key may hold a slash itself.
    let scope: Vec<&str> = credential.rsplitn(5, '/').collect();
    let [_terminator, scoped_to, _region, _date, _access_key] = scope[..] else {
        return Err(Refusal::Incomplete(
            "Credential must have exactly 5 slash-delimited elements.",
        ));
    };
    if scoped_to != service {
        return Err(Refusal::WrongService(service.to_owned()));
    }
    Ok(())
}

fn parameter<'a>(parts: &'a str, name: &str) -> Option<&'a str> {
    parts.split(',').find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    })
}
