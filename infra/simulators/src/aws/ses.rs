//! SES's `SendEmail`, API version 2010-12-01, in the AWS Query protocol:
//! <https://docs.aws.amazon.com/ses/latest/APIReference/API_SendEmail.html>, and the codes of
//! <https://docs.aws.amazon.com/ses/latest/APIReference/CommonErrors.html>.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use askama::Template;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use url::form_urlencoded;
use uuid::Uuid;

use super::control::Switches;
use super::feedback::Fate;
use super::mailbox::Message;
use super::signature::{self, Refusal};

const VERSION: &str = "2010-12-01";

/// The size limit of one mail, here of its subject and parts together.
pub(super) const MESSAGE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// How many recipients one call may have, over To, Cc and Bcc.
const RECIPIENTS_MAX: usize = 50;

#[derive(Template)]
#[template(path = "ses_sent.xml")]
struct Sent<'a> {
    message_id: &'a str,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "ses_error.xml")]
struct Refused<'a> {
    fault: &'a str,
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
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

    fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal {
            Refusal::Missing => (StatusCode::FORBIDDEN, "MissingAuthenticationToken"),
            Refusal::Incomplete(_) => (StatusCode::BAD_REQUEST, "IncompleteSignature"),
            Refusal::WrongService(_) => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
        };
        Self {
            status,
            code,
            message: refusal.message(),
        }
    }
}

pub(super) fn answer(switches: &Switches, headers: &HeaderMap, body: &[u8]) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let (status, xml) = match send_email(switches, headers, body) {
        Ok(message_id) => {
            let sent = Sent {
                message_id: &message_id,
                request_id: &request_id,
            };
            (StatusCode::OK, sent.render())
        }
        Err(failure) => {
            let refused = Refused {
                fault: if failure.status.is_server_error() {
                    "Receiver"
                } else {
                    "Sender"
                },
                code: failure.code,
                message: &failure.message,
                request_id: &request_id,
            };
            (failure.status, refused.render())
        }
    };
    match xml {
        Ok(xml) => {
            let headers = [
                (CONTENT_TYPE, "text/xml"),
                (HeaderName::from_static("x-amzn-requestid"), &request_id),
            ];
            (status, headers, xml).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Takes the mail in and returns its message id.
fn send_email(switches: &Switches, headers: &HeaderMap, body: &[u8]) -> Result<String, Failure> {
    signature::check(headers, "ses")?;
    if switches.mail_fails.load(Ordering::SeqCst) {
        return Err(Failure {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "ServiceUnavailable",
            message: "Service Unavailable".to_owned(),
        });
    }
    let parameters = Parameters(form_urlencoded::parse(body).into_owned().collect());
    let action = parameters
        .get("Action")
        .ok_or_else(|| Failure::new("MissingAction", "The request is missing an action."))?;
    let version = parameters.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
    if action != "SendEmail" || version != VERSION {
        // Escaped as for a debugger, because XML has no way to write most control characters.
        let (action, version) = (action.escape_debug(), version.escape_debug());
        return Err(Failure::new(
            "InvalidAction",
            format!("Could not find operation {action} for version {version}"),
        ));
    }

    let messages = messages(&parameters)?;
    let unverified = switches.unverified();
    if let Some(message) = messages
        .iter()
        .find(|message| unverified.contains(&message.to))
    {
        let text = "Email address is not verified. The following identities failed the check";
        return Err(Failure::new(
            "MessageRejected",
            format!("{text} in region US-EAST-1: {}", message.to),
        ));
    }
    let now = Timestamp::now().as_millisecond();
    let message_id = format!("0100{now:012x}-{}-000000", Uuid::new_v4());
    for message in messages {
        let fate = Fate::of(&message.to);
        switches.feedback.publish(&fate, &message, &message_id);
        if fate == Fate::Bounced {
            continue;
        }
        switches.mailbox.receive(message).map_err(|error| Failure {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "InternalFailure",
            message: error.to_string(),
        })?;
    }
    Ok(message_id)
}

/// One message per recipient.
fn messages(parameters: &Parameters) -> Result<Vec<Message>, Failure> {
    let from = parameters.required("Source", "source")?;
    address(from)?;
    let reply_to = parameters.members("ReplyToAddresses");
    for given in &reply_to {
        address(given)?;
    }
    let mut recipients = Vec::new();
    for kind in ["ToAddresses", "CcAddresses", "BccAddresses"] {
        for given in parameters.members(&format!("Destination.{kind}")) {
            recipients.push(address(given)?);
        }
    }
    if recipients.is_empty() {
        return Err(Failure::invalid("Missing required header 'To'."));
    }
    if recipients.len() > RECIPIENTS_MAX {
        return Err(Failure::invalid(format!(
            "Recipient count exceeds {RECIPIENTS_MAX}."
        )));
    }

    let subject = parameters.required("Message.Subject.Data", "message.subject.data")?;
    if subject.contains(char::is_control) {
        return Err(Failure::invalid("Subject contains control characters"));
    }
    let text = parameters.get("Message.Body.Text.Data").unwrap_or_default();
    let html = parameters.get("Message.Body.Html.Data").unwrap_or_default();
    if text.is_empty() && html.is_empty() {
        return Err(Failure::invalid("Message body is empty"));
    }
    let size = subject.len() + text.len() + html.len();
    if size > MESSAGE_BYTES_MAX {
        return Err(Failure::invalid(format!(
            "Message length is more than {MESSAGE_BYTES_MAX} bytes long: '{size}'."
        )));
    }

    let received_at = Timestamp::now();
    let message = |to: &str| Message {
        to: to.to_owned(),
        from: from.to_owned(),
        subject: subject.to_owned(),
        text: text.to_owned(),
        html: html.to_owned(),
        received_at,
        reply_to: reply_to.iter().map(|&given| given.to_owned()).collect(),
        configuration_set: parameters.get("ConfigurationSetName").map(str::to_owned),
    };
    Ok(recipients.into_iter().map(message).collect())
}

/// The decoded form fields of a request.
struct Parameters(HashMap<String, String>);

impl Parameters {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn required(&self, name: &str, member: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| {
            Failure::new(
                "ValidationError",
                format!(
                    "1 validation error detected: Value null at '{member}' failed to satisfy \
                     constraint: Member must not be null"
                ),
            )
        })
    }

    /// A list is written as `name.member.1`, `name.member.2`, ….
    fn members(&self, name: &str) -> Vec<&str> {
        (1..)
            .map_while(|index| self.get(&format!("{name}.member.{index}")))
            .collect()
    }
}

/// The address in `address` or `Display Name <address>`. The whole must be 7-bit ASCII: SES does
/// not support internationalised addresses, and a display name must be encoded as RFC 2047 says.
fn address(given: &str) -> Result<&str, Failure> {
    // The characters that RFC 5322 does not allow outside quotes.
    const SPECIAL: &[char] = &['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"'];

    if given.contains(['\r', '\n']) {
        return Err(Failure::invalid(
            "Local address contains control or whitespace",
        ));
    }
    let (name, address) = match given.strip_suffix('>') {
        Some(start) => start
            .rsplit_once('<')
            .ok_or_else(|| Failure::invalid("Illegal address"))?,
        None => ("", given),
    };
    let name = name.trim();
    let quoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    let legal = match quoted {
        // A quote or a backslash may stand inside quotes with a backslash before it.
        Some(inner) => !inner
            .replace(r"\\", "")
            .replace(r#"\""#, "")
            .contains(['"', '\\']),
        None => !name.contains(SPECIAL),
    };
    if !legal || !name.is_ascii() || name.contains(char::is_control) {
        return Err(Failure::invalid("Illegal address"));
    }

    let (local, domain) = address
        .split_once('@')
        .ok_or_else(|| Failure::invalid("Missing final '@domain'"))?;
    let blank = |part: &str| part.contains(|c: char| c.is_control() || c.is_whitespace());
    let problem = if local.is_empty() {
        "Missing local name"
    } else if domain.is_empty() {
        "Missing domain"
    } else if blank(local) {
        "Local address contains control or whitespace"
    } else if blank(domain) {
        "Domain contains control or whitespace"
    } else if !local.is_ascii() || local.contains(SPECIAL) {
        "Local address contains illegal character"
    } else if local.split('.').any(str::is_empty) {
        "Local address contains dot-dot"
    } else if !domain
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
    {
        "Domain contains illegal character"
    } else if domain.split('.').any(str::is_empty) {
        "Domain contains dot-dot"
    } else {
        return Ok(address);
    };
    Err(Failure::invalid(problem))
}
