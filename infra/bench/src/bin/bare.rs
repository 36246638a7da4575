//! The least that a Rust function which reads one record is made of: the Lambda runtime and an SDK
//! client. `cold_start` compares the product's functions with it.
#![expect(
    clippy::disallowed_methods,
    reason = "it has no configuration of the product's"
)]

use std::env;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Error, Request, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = env::var("TABLE_NAME")?;
    let credentials = Credentials::new(
        env::var("AWS_ACCESS_KEY_ID")?,
        env::var("AWS_SECRET_ACCESS_KEY")?,
        None,
        None,
        "environment",
    );
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(env::var("AWS_REGION")?))
        .endpoint_url(env::var("AWS_ENDPOINT_URL_DYNAMODB")?)
        .credentials_provider(credentials)
        .build();
    let (client, table) = (&Client::from_conf(config), &table);
    run(service_fn(async |_: Request| read(client, table).await)).await
}

async fn read(client: &Client, table: &str) -> Result<String, Error> {
    let answer = client
        .get_item()
        .table_name(table)
        .key("pk", AttributeValue::S("BARE".to_owned()))
        .key("sk", AttributeValue::S("META".to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    Ok(format!("{}", answer.item.is_some()))
}
