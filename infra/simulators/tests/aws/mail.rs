//! SES: what is taken in, and what is refused in which words.

use std::time::Duration;

use aws_sdk_ses::Client;
use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::error::ProvideErrorMetadata;
use aws_sdk_ses::types::{Body, Content, Destination, Message};
use simulators::aws::control::ControlPlane;
use simulators::aws::mailbox::Mailbox;

use crate::{free_port, sdk};

async fn control() -> (ControlPlane, Mailbox, Client) {
    let mailbox = Mailbox::in_memory();
    let control = ControlPlane::start(mailbox.clone(), free_port())
        .await
        .unwrap();
    let config = sdk(control.url()).await;
    let config = aws_sdk_ses::config::Builder::from(&config)
        .retry_config(RetryConfig::disabled())
        .build();
    (control, mailbox, Client::from_conf(config))
}

fn content(text: &str) -> Content {
    Content::builder()
        .data(text)
        .charset("UTF-8")
        .build()
        .unwrap()
}

/// Sends one mail; the error is the service's code and message.
async fn send(
    client: &Client,
    from: &str,
    to: &[&str],
    subject: &str,
    text: &str,
) -> Result<String, (String, String)> {
    let to = to.iter().map(ToString::to_string).collect();
    let body = Body::builder()
        .text(content(text))
        .html(content("<p>Grüße &amp; 100 %</p>"))
        .build();
    client
        .send_email()
        .source(from)
        .destination(Destination::builder().set_to_addresses(Some(to)).build())
        .message(
            Message::builder()
                .subject(content(subject))
                .body(body)
                .build(),
        )
        .reply_to_addresses("help@amove.example")
        .configuration_set_name("transactional")
        .send()
        .await
        .map(|sent| sent.message_id)
        .map_err(|error| {
            (
                error.code().unwrap_or_default().to_owned(),
                error.message().unwrap_or_default().to_owned(),
            )
        })
}

#[tokio::test]
async fn a_mail_arrives_with_every_part() {
    let (control, mailbox, client) = control().await;

    let id = send(
        &client,
        "Amove <no-reply@amove.example>",
        &["Ada@Example.com", "\"Bob, B.\" <bob@example.com>"],
        "Confirm Grüße & <b>",
        "Line 1\r\n100 % + a=b",
    )
    .await
    .unwrap();
    assert!(id.ends_with("-000000"), "{id}");

    let mail = &mailbox.messages_to("ada@example.COM")[0];
    assert_eq!(mail.to, "Ada@Example.com");
    assert_eq!(mail.from, "Amove <no-reply@amove.example>");
    assert_eq!(mail.subject, "Confirm Grüße & <b>");
    assert_eq!(mail.text, "Line 1\r\n100 % + a=b");
    assert_eq!(mail.html, "<p>Grüße &amp; 100 %</p>");
    assert_eq!(mail.reply_to, ["help@amove.example"]);
    assert_eq!(mail.configuration_set.as_deref(), Some("transactional"));
    assert_eq!(mailbox.messages_to("bob@example.com").len(), 1);
    assert_eq!(mailbox.all().len(), 2);
    control.stop().await;
}

#[tokio::test]
async fn a_waiting_reader_is_woken_by_the_mail() {
    let (_control, mailbox, client) = control().await;
    let reader = tokio::spawn({
        let mailbox = mailbox.clone();
        async move {
            mailbox
                .wait_for("a@example.com", Duration::from_secs(30))
                .await
        }
    });
    send(&client, "x@amove.example", &["a@example.com"], "S", "T")
        .await
        .unwrap();
    assert_eq!(reader.await.unwrap().len(), 1);

    let none = mailbox
        .wait_for("b@example.com", Duration::from_millis(10))
        .await;
    assert!(none.is_empty());
}

#[tokio::test]
async fn wrong_mails_are_refused_as_ses_refuses_them() {
    let (_control, mailbox, client) = control().await;
    let from = "no-reply@amove.example";
    let good = "a@example.com";
    for (from, to, problem) in [
        (from, "nobody", "Missing final '@domain'"),
        (from, "@example.com", "Missing local name"),
        (from, "a@", "Missing domain"),
        (
            from,
            "a b@example.com",
            "Local address contains control or whitespace",
        ),
        (
            from,
            "a@example.com\r\nBcc: b@example.com",
            "Local address contains control or whitespace",
        ),
        (
            from,
            "a@exam\u{200b}ple.com",
            "Domain contains illegal character",
        ),
        (from, "a@@example.com", "Domain contains illegal character"),
        (
            from,
            "a@example.com,b@example.com",
            "Domain contains illegal character",
        ),
        (from, "a..b@example.com", "Local address contains dot-dot"),
        (
            from,
            "ä@example.com",
            "Local address contains illegal character",
        ),
        (
            "Amove, Inc. <no-reply@amove.example>",
            good,
            "Illegal address",
        ),
        ("Grüße <no-reply@amove.example>", good, "Illegal address"),
        (
            "\"A\" B\" <no-reply@amove.example>",
            good,
            "Illegal address",
        ),
        (
            "A\nB <no-reply@amove.example>",
            good,
            "Local address contains control or whitespace",
        ),
    ] {
        let (code, message) = send(&client, from, &[to], "S", "T").await.unwrap_err();
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("InvalidParameterValue", problem),
            "{from} {to}"
        );
    }
    for (to, subject, text, problem) in [
        (
            vec![],
            "S",
            String::from("T"),
            "Missing required header 'To'.",
        ),
        (
            vec![good; 51],
            "S",
            String::from("T"),
            "Recipient count exceeds 50.",
        ),
        (
            vec![good],
            "S\r\nBcc: b@example.com",
            String::from("T"),
            "Subject contains control characters",
        ),
        (
            vec![good],
            "S",
            "%".repeat(10 << 20),
            "Message length is more than 10485760 bytes long: '10485787'.",
        ),
    ] {
        let (code, message) = send(&client, from, &to, subject, &text).await.unwrap_err();
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("InvalidParameterValue", problem)
        );
    }
    assert!(mailbox.all().is_empty());

    send(
        &client,
        "\"Amove \\\"Inc\\\", Ltd.\" <x@amove.example>",
        &[good],
        "S",
        "T",
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn mail_fails_on_demand() {
    let (control, mailbox, client) = control().await;
    control.fail_mail(true);
    let (code, _) = send(&client, "x@amove.example", &["a@example.com"], "S", "T")
        .await
        .unwrap_err();
    assert_eq!(code, "ServiceUnavailable");
    assert!(mailbox.all().is_empty());
    control.fail_mail(false);
    send(&client, "x@amove.example", &["a@example.com"], "S", "T")
        .await
        .unwrap();
}

/// A raw SES request with an `Authorization` header, if any; the answer's status and text.
async fn raw(url: &str, authorization: Option<&str>, form: &'static str) -> (u16, String) {
    let mut request = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-amz-date", "20260101T000000Z")
        .body(form);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn requests_outside_the_protocol_are_refused() {
    const SIGNED: Option<&str> = Some(
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/ses/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00",
    );
    const FOR_S3: Option<&str> = Some(
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/s3/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00",
    );
    let (control, mailbox, _) = control().await;
    let url = control.url();
    for (authorization, form, status, code) in [
        (
            None,
            "Action=SendEmail&Version=2010-12-01",
            403,
            "MissingAuthenticationToken",
        ),
        (
            Some("Bearer x"),
            "Action=SendEmail&Version=2010-12-01",
            400,
            "IncompleteSignature",
        ),
        (
            FOR_S3,
            "Action=SendEmail&Version=2010-12-01",
            403,
            "SignatureDoesNotMatch",
        ),
        (SIGNED, "Version=2010-12-01", 400, "MissingAction"),
        (
            SIGNED,
            "Action=%3Cb%3E&Version=2010-12-01",
            400,
            "InvalidAction",
        ),
        (
            SIGNED,
            "Action=SendEmail&Version=2011-01-01",
            400,
            "InvalidAction",
        ),
        (
            SIGNED,
            "Action=SendEmail&Version=2010-12-01",
            400,
            "ValidationError",
        ),
    ] {
        let (answered, text) = raw(&url, authorization, form).await;
        assert_eq!(answered, status, "{text}");
        assert!(text.contains(&format!("<Code>{code}</Code>")), "{text}");
        assert!(!text.contains("<b>"), "{text}");
    }
    let other = reqwest::Client::new()
        .post(&url)
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 404);
    assert!(mailbox.all().is_empty());
}
