//! Event records of SES, as it publishes them to SNS:
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>.

use serde::Deserialize;
use shared::database::MarkReason;

/// What happened to a mail, as far as it matters here.
#[derive(Deserialize)]
#[serde(tag = "eventType")]
pub(crate) enum SesEvent {
    /// A receiving server has not taken it.
    Bounce { bounce: Bounce },
    /// A reader, or their provider, has complained of it.
    Complaint { complaint: Complaint },
    /// Anything else.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bounce {
    /// `Permanent`, `Transient` or `Undetermined`.
    bounce_type: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Complaint {
    /// As the provider reports it, such as `abuse`; absent if it gives no reason.
    complaint_feedback_type: Option<String>,
    complained_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipient {
    pub(crate) email_address: String,
}

impl SesEvent {
    /// Who is to be mailed no more, and why. A full mailbox may be emptied, and who says that our mail
    /// is no spam wants it.
    pub(crate) fn unwanted(self) -> Option<(MarkReason, Vec<Recipient>)> {
        match self {
            Self::Bounce { bounce } if bounce.bounce_type == "Permanent" => {
                Some((MarkReason::Bounce, bounce.bounced_recipients))
            }
            Self::Complaint { complaint }
                if complaint.complaint_feedback_type.as_deref() != Some("not-spam") =>
            {
                Some((MarkReason::Complaint, complaint.complained_recipients))
            }
            Self::Bounce { .. } | Self::Complaint { .. } | Self::Other => None,
        }
    }
}
