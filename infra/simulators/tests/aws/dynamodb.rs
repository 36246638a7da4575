//! `DynamoDB`: the product's table, and the answers its conditional writes are built on.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use serde_json::json;
use simulators::aws::dynamodb::DynamoDb;

use crate::{free_port, sdk};

const TABLE: &str = "amove";

async fn database() -> (DynamoDb, Client) {
    let database = DynamoDb::in_memory().await.unwrap();
    database.create_table(TABLE).unwrap();
    let client = Client::new(&sdk(database.url()).await);
    (database, client)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

#[tokio::test]
async fn the_table_has_its_keys_index_and_ttl() {
    let (database, client) = database().await;
    database.create_table(TABLE).unwrap();

    let table = client
        .describe_table()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    let table = table.table().unwrap();
    assert_eq!(table.table_status().unwrap().as_str(), "ACTIVE");
    assert_eq!(
        table
            .billing_mode_summary()
            .unwrap()
            .billing_mode()
            .unwrap()
            .as_str(),
        "PAY_PER_REQUEST"
    );
    let index = &table.global_secondary_indexes()[0];
    assert_eq!(index.index_name(), Some("gsi1"));
    assert_eq!(
        index
            .projection()
            .unwrap()
            .projection_type()
            .unwrap()
            .as_str(),
        "ALL"
    );
    let ttl = client
        .describe_time_to_live()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    let ttl = ttl.time_to_live_description().unwrap();
    assert_eq!(ttl.attribute_name(), Some("ttl"));
    assert_eq!(ttl.time_to_live_status().unwrap().as_str(), "ENABLED");
    database.stop().await;
}

#[tokio::test]
async fn an_item_is_read_back_by_key_and_by_index() {
    let (database, client) = database().await;
    client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("CLOUD#1"))
        .item("sk", text("META"))
        .item("gsi1pk", text("ACCOUNT#1"))
        .item("gsi1sk", text("CLOUD#1"))
        .item("sealed", AttributeValue::B(b"\x00\xff".to_vec().into()))
        .send()
        .await
        .unwrap();
    let read = client
        .get_item()
        .table_name(TABLE)
        .key("pk", text("CLOUD#1"))
        .key("sk", text("META"))
        .consistent_read(true)
        .send()
        .await
        .unwrap();
    assert_eq!(read.item().unwrap()["gsi1pk"], text("ACCOUNT#1"));
    let found = client
        .query()
        .table_name(TABLE)
        .index_name("gsi1")
        .key_condition_expression("gsi1pk = :a")
        .expression_attribute_values(":a", text("ACCOUNT#1"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.items(), [read.item().unwrap().clone()]);
    assert_eq!(
        database.dump(TABLE),
        [json!({
            "pk": {"S": "CLOUD#1"}, "sk": {"S": "META"},
            "gsi1pk": {"S": "ACCOUNT#1"}, "gsi1sk": {"S": "CLOUD#1"},
            "sealed": {"B": "AP8="},
        })]
    );
}

#[tokio::test]
async fn a_dump_has_every_page() {
    let (database, client) = database().await;
    let filler = "x".repeat(300_000);
    for index in 0..10 {
        client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(&format!("P#{index}")))
            .item("sk", text("META"))
            .item("filler", text(&filler))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(database.dump(TABLE).len(), 10);
}

#[tokio::test]
async fn a_failed_condition_returns_the_item_in_the_way() {
    let (_database, client) = database().await;
    let put = |owner: &str| {
        client
            .put_item()
            .table_name(TABLE)
            .item("pk", text("EMAIL#a@example.com"))
            .item("sk", text("CLAIM"))
            .item("owner", text(owner))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    put("first").send().await.unwrap();
    let error = put("second").send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
        failed,
    ) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(failed.item().unwrap()["owner"], text("first"));
}

fn claim(owner: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .item("pk", text("EMAIL#a@example.com"))
        .item("sk", text("CLAIM"))
        .item("owner", text(owner))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn count_up() -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .key("pk", text("ACCOUNT#1"))
        .key("sk", text("META"))
        .update_expression("ADD #n :one")
        .expression_attribute_names("#n", "connections")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .build()
        .unwrap();
    TransactWriteItem::builder().update(update).build()
}

#[tokio::test]
async fn a_repeated_transaction_token_acts_once() {
    let (database, client) = database().await;
    let transaction = |token: &str, owner: &str| {
        client
            .transact_write_items()
            .transact_items(claim(owner))
            .transact_items(count_up())
            .client_request_token(token)
    };
    transaction("token-1", "first").send().await.unwrap();
    transaction("token-1", "first").send().await.unwrap();
    let items = database.dump(TABLE);
    assert_eq!(items.len(), 2);
    assert!(
        items
            .iter()
            .any(|item| item["connections"] == json!({"N": "1"}))
    );

    let other = transaction("token-1", "second").send().await.unwrap_err();
    assert_eq!(other.code(), Some("IdempotentParameterMismatchException"));

    let failed = transaction("token-2", "second")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(canceled) = failed else {
        panic!("{failed:?}");
    };
    let reasons = canceled.cancellation_reasons();
    assert_eq!(reasons[0].code(), Some("ConditionalCheckFailed"));
    assert_eq!(reasons[0].item().unwrap()["owner"], text("first"));
    assert_eq!(reasons[1].code(), Some("None"));
    assert_eq!(database.dump(TABLE), items);
}

#[tokio::test]
async fn a_file_keeps_the_items_and_a_stopped_server_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made/dynamodb.sqlite");
    let database = DynamoDb::persistent(&file, free_port()).await.unwrap();
    database.create_table(TABLE).unwrap();
    let client = Client::new(&sdk(database.url()).await);
    client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("P"))
        .item("sk", text("S"))
        .send()
        .await
        .unwrap();
    let url = database.url();
    let address = url.strip_prefix("http://").unwrap();
    database.stop().await;
    assert!(std::net::TcpStream::connect(address).is_err());

    let database = DynamoDb::persistent(&file, address.parse().unwrap())
        .await
        .unwrap();
    database.create_table(TABLE).unwrap();
    assert_eq!(database.dump(TABLE).len(), 1);
    assert_eq!(database.url(), url);

    drop(database);
    tokio::task::yield_now().await;
    assert!(reqwest::get(&url).await.is_err());
}

#[tokio::test]
async fn only_loopback_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dynamodb.sqlite");
    let error = DynamoDb::persistent(&file, "0.0.0.0:0".parse().unwrap())
        .await
        .err()
        .unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}
