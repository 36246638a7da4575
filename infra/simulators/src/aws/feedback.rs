//! What SES tells of the mails that it has taken, through SNS, to a Lambda function.
//!
//! Which mails have a fate is as in SES's own mailbox simulator, where an address may carry a label
//! (`bounce+x@simulator.amazonses.com`):
//! <https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html>. What is told is as in
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html>, but for
//! the mail's headers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

use super::mailbox::Message;

/// How many events are kept for who does not take them; the oldest go first.
const EVENTS_MAX: usize = 1_000;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:mail-feedback";

/// What becomes of a mail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the mailbox.
    Delivered,
    /// The mailbox does not exist.
    Bounced,
    /// It is in the mailbox, and its reader says that it is spam.
    Complained,
}

impl Fate {
    pub(super) fn of(address: &str) -> Self {
        let address = address.to_lowercase();
        let local = address.strip_suffix("@simulator.amazonses.com");
        match local.and_then(|local| local.split('+').next()) {
            Some("bounce") => Self::Bounced,
            Some("complaint") => Self::Complained,
            _ => Self::Delivered,
        }
    }
}

/// The events that were published and not taken yet. A clone holds the same ones.
#[derive(Clone, Default)]
pub struct Feedback(Arc<Shared>);

#[derive(Default)]
struct Shared {
    events: Mutex<VecDeque<String>>,
    published: Notify,
}

impl Feedback {
    /// The oldest event, as Lambda hands it to a function; none if there is none.
    pub fn take(&self) -> Option<String> {
        self.events().pop_front()
    }

    /// As [`Feedback::take`], waiting for the next one if there is none. One waits at a time.
    pub async fn next(&self) -> String {
        loop {
            if let Some(event) = self.take() {
                return event;
            }
            // A permit is kept for who was not waiting yet.
            self.0.published.notified().await;
        }
    }

    /// Tells of a mail with a fate, if it was sent under a configuration set.
    pub(super) fn publish(&self, fate: &Fate, mail: &Message, message_id: &str) {
        let Some(set) = &mail.configuration_set else {
            return;
        };
        let mut event = match fate {
            Fate::Delivered => return,
            Fate::Bounced => bounce(&mail.to),
            Fate::Complained => complaint(&mail.to),
        };
        event["mail"] = json!({
            "timestamp": mail.received_at.to_string(),
            "source": mail.from,
            "sendingAccountId": "123456789012",
            "messageId": message_id,
            "destination": [mail.to],
            "headersTruncated": false,
            "commonHeaders": {
                "from": [mail.from],
                "to": [mail.to],
                "messageId": message_id,
                "subject": mail.subject,
            },
            "tags": {"ses:configuration-set": [set]},
        });
        let mut events = self.events();
        events.push_back(notification(&event).to_string());
        if events.len() > EVENTS_MAX {
            events.pop_front();
        }
        drop(events);
        self.0.published.notify_one();
    }

    fn events(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bounce(to: &str) -> Value {
    json!({
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": feedback_id(),
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{
                "emailAddress": to,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }],
            "timestamp": Timestamp::now().to_string(),
            "reportingMTA": "dsn; a8-18.smtp-out.amazonses.com",
        },
    })
}

fn complaint(to: &str) -> Value {
    json!({
        "eventType": "Complaint",
        "complaint": {
            "feedbackId": feedback_id(),
            "complaintSubType": null,
            "complainedRecipients": [{"emailAddress": to}],
            "timestamp": Timestamp::now().to_string(),
            "userAgent": "Amazon SES Mailbox Simulator",
            "complaintFeedbackType": "abuse",
            "arrivalDate": Timestamp::now().to_string(),
        },
    })
}

fn feedback_id() -> String {
    let now = Timestamp::now().as_millisecond();
    format!("0100{now:012x}-{}-000000", Uuid::new_v4())
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html>
fn notification(event: &Value) -> Value {
    json!({"Records": [{
        "EventVersion": "1.0",
        "EventSubscriptionArn": format!("{TOPIC}:{}", Uuid::new_v4()),
        "EventSource": "aws:sns",
        "Sns": {
            "Type": "Notification",
            "MessageId": Uuid::new_v4(),
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": event.to_string(),
            "Timestamp": Timestamp::now().to_string(),
            "SignatureVersion": "1",
            "Signature": "simulated",
            "SigningCertUrl": "simulated",
            "UnsubscribeUrl": "simulated",
            "MessageAttributes": {},
        },
    }]})
}
