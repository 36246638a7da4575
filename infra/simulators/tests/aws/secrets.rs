//! Secrets Manager.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use simulators::aws::control::ControlPlane;
use simulators::aws::mailbox::Mailbox;

use crate::{free_port, sdk};

async fn control() -> (ControlPlane, Client) {
    let control = ControlPlane::start(Mailbox::in_memory(), free_port())
        .await
        .unwrap();
    let config = sdk(control.url()).await;
    let config = aws_sdk_secretsmanager::config::Builder::from(&config)
        .retry_config(RetryConfig::disabled())
        .build();
    (control, Client::from_conf(config))
}

#[tokio::test]
async fn a_secret_is_read_by_name_and_by_arn() {
    let (control, client) = control().await;
    control.set_secret("amove/prod", r#"{"k":"v"}"#.to_owned());

    let read = client
        .get_secret_value()
        .secret_id("amove/prod")
        .send()
        .await
        .unwrap();
    assert_eq!(read.secret_string(), Some(r#"{"k":"v"}"#));
    assert_eq!(read.name(), Some("amove/prod"));
    assert_eq!(read.version_stages(), ["AWSCURRENT"]);
    assert!(read.created_date().is_some());

    let arn = read.arn().unwrap();
    for id in [arn, arn.strip_suffix("-Local0").unwrap()] {
        let again = client
            .get_secret_value()
            .secret_id(id)
            .send()
            .await
            .unwrap();
        assert_eq!(again.version_id(), read.version_id());
    }

    control.set_secret("amove/prod", "new".to_owned());
    let new = client
        .get_secret_value()
        .secret_id(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(new.secret_string(), Some("new"));
    assert_ne!(new.version_id(), read.version_id());
    assert_eq!(control.secret_reads(), 4);
    control.stop().await;
}

#[tokio::test]
async fn an_unknown_secret_or_version_is_not_found() {
    let (control, client) = control().await;
    control.set_secret("known", "value".to_owned());
    let error = client
        .get_secret_value()
        .secret_id("unknown")
        .send()
        .await
        .unwrap_err();
    let error = error.into_service_error();
    assert!(error.is_resource_not_found_exception());
    assert_eq!(
        error.message(),
        Some("Secrets Manager can't find the specified secret.")
    );

    let old = client
        .get_secret_value()
        .secret_id("known")
        .version_stage("AWSPREVIOUS");
    let error = old.send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception());

    let nothing = client.get_secret_value().send().await.unwrap_err();
    assert_eq!(nothing.code(), Some("InvalidParameterException"));
}

#[tokio::test]
async fn secrets_fail_as_often_as_told() {
    let (control, client) = control().await;
    control.set_secret("known", "value".to_owned());
    control.fail_secrets(2);
    for _ in 0..2 {
        let error = client
            .get_secret_value()
            .secret_id("known")
            .send()
            .await
            .unwrap_err();
        assert!(error.into_service_error().is_internal_service_error());
    }
    client
        .get_secret_value()
        .secret_id("known")
        .send()
        .await
        .unwrap();
    assert_eq!(control.secret_reads(), 3);
}

#[tokio::test]
async fn unsigned_and_unknown_requests_are_refused() {
    let (control, _) = control().await;
    let post = |target: &'static str| {
        reqwest::Client::new()
            .post(control.url())
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(r#"{"SecretId":"known"}"#)
    };
    let unsigned = post("secretsmanager.GetSecretValue").send().await.unwrap();
    assert_eq!(unsigned.status(), 400);
    assert!(
        unsigned
            .text()
            .await
            .unwrap()
            .contains("MissingAuthenticationTokenException")
    );

    let signed = "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/secretsmanager/aws4_request, \
                  SignedHeaders=host;x-amz-date, Signature=00";
    let unknown = post("secretsmanager.DeleteSecret")
        .header("authorization", signed)
        .header("x-amz-date", "20260101T000000Z")
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 400);
    assert!(
        unknown
            .text()
            .await
            .unwrap()
            .contains("UnknownOperationException")
    );
    assert_eq!(control.secret_reads(), 0);
}
