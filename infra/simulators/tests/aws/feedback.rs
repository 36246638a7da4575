//! What SES tells of mail to the addresses of its mailbox simulator.

use aws_sdk_ses::Client;
use aws_sdk_ses::types::{Body, Content, Destination, Message};
use serde_json::Value;
use simulators::aws::control::ControlPlane;
use simulators::aws::mailbox::Mailbox;

use crate::{free_port, sdk};

async fn send(client: &Client, to: &[&str], configuration_set: Option<&str>) -> String {
    let content = |text: &str| Content::builder().data(text).build().unwrap();
    let to = to.iter().map(ToString::to_string).collect();
    let sent = client
        .send_email()
        .source("no-reply@amove.example")
        .destination(Destination::builder().set_to_addresses(Some(to)).build())
        .message(
            Message::builder()
                .subject(content("Hi"))
                .body(Body::builder().text(content("Hi")).build())
                .build(),
        )
        .set_configuration_set_name(configuration_set.map(str::to_owned))
        .send()
        .await;
    sent.unwrap().message_id
}

/// What was published in an event as Lambda gets it.
fn published(event: &str) -> Value {
    let event: Value = serde_json::from_str(event).unwrap();
    let record = &event["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    assert_eq!(record["Sns"]["Type"], "Notification");
    serde_json::from_str(record["Sns"]["Message"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn bounces_and_complaints_are_told_under_a_configuration_set() {
    let mailbox = Mailbox::in_memory();
    let control = ControlPlane::start(mailbox.clone(), free_port())
        .await
        .unwrap();
    let client = Client::new(&sdk(control.url()).await);
    let feedback = control.feedback();

    let bounced = "Bounce+1@Simulator.AmazonSES.com";
    let id = send(&client, &[bounced], Some("mail")).await;
    let event = published(&feedback.take().unwrap());
    assert_eq!(event["eventType"], "Bounce");
    assert_eq!(event["bounce"]["bounceType"], "Permanent");
    let recipients = &event["bounce"]["bouncedRecipients"];
    assert_eq!(recipients[0]["emailAddress"], bounced);
    assert_eq!(event["mail"]["messageId"], id);
    assert_eq!(event["mail"]["tags"]["ses:configuration-set"][0], "mail");
    assert_eq!(mailbox.all().len(), 0);

    let complained = "complaint@simulator.amazonses.com";
    let others = ["ada@example.com", "success@simulator.amazonses.com"];
    send(
        &client,
        &[&others[..], &[complained]].concat(),
        Some("mail"),
    )
    .await;
    let event = published(&feedback.next().await);
    assert_eq!(event["eventType"], "Complaint");
    assert_eq!(event["complaint"]["complaintFeedbackType"], "abuse");
    let recipients = &event["complaint"]["complainedRecipients"];
    assert_eq!(recipients[0]["emailAddress"], complained);
    assert_eq!(mailbox.all().len(), 3);

    send(&client, &[complained, bounced], None).await;
    send(&client, &["bounce@example.com"], Some("mail")).await;
    assert_eq!(feedback.take(), None);
    control.stop().await;
}

#[tokio::test]
async fn who_waits_is_woken_by_the_next_event() {
    let control = ControlPlane::start(Mailbox::in_memory(), free_port())
        .await
        .unwrap();
    let client = Client::new(&sdk(control.url()).await);
    let feedback = control.feedback();
    let waiting = tokio::spawn(async move { feedback.next().await });
    tokio::task::yield_now().await;

    send(&client, &["bounce@simulator.amazonses.com"], Some("mail")).await;

    assert_eq!(published(&waiting.await.unwrap())["eventType"], "Bounce");
}
