//! An embedded `DynamoDB`: dynoxide over `SQLite`, behind the service's JSON protocol.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::actions::update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest};
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

use crate::server::Server;

/// A running `DynamoDB` stand-in; dropping it stops the server.
///
/// It takes any credentials, does not throttle, raises no `TransactionConflict` and never deletes
/// an item whose TTL has passed; the service may be days late with that, so no reader may rely on
/// the deletion.
pub struct DynamoDb {
    database: Database,
    server: Server,
}

impl DynamoDb {
    /// An empty database in memory, on a free port of 127.0.0.1.
    pub async fn in_memory() -> io::Result<Self> {
        let database = Database::memory().map_err(io::Error::other)?;
        Self::serve(database, (Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// A database kept in `file`, which is made with its folder if absent. One process at a time.
    pub async fn persistent(file: &Path, listen: SocketAddr) -> io::Result<Self> {
        let path = file.to_str().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the path is not valid UTF-8")
        })?;
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let database = Database::new(path).map_err(io::Error::other)?;
        Self::serve(database, listen).await
    }

    async fn serve(database: Database, listen: SocketAddr) -> io::Result<Self> {
        let shared = database.clone();
        let server = Server::start_with(listen, async |listener, stop| {
            dynoxide::server::serve_with_shutdown(listener, shared, stop.received())
                .await
                .ok();
        })
        .await?;
        Ok(Self { database, server })
    }

    /// The endpoint URL for an SDK client, without a trailing slash.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Makes the product's table if there is none of that name: keys `pk` and `sk`, one index
    /// `gsi1` over `gsi1pk` and `gsi1sk` with all attributes, TTL attribute `ttl`. The deployed
    /// table is the one in `template.yaml`.
    pub fn create_table(&self, name: &str) -> io::Result<()> {
        let table: CreateTableRequest = serde_json::from_value(json!({
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "pk", "AttributeType": "S" },
                { "AttributeName": "sk", "AttributeType": "S" },
                { "AttributeName": "gsi1pk", "AttributeType": "S" },
                { "AttributeName": "gsi1sk", "AttributeType": "S" },
            ],
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" },
                { "AttributeName": "sk", "KeyType": "RANGE" },
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "gsi1",
                "KeySchema": [
                    { "AttributeName": "gsi1pk", "KeyType": "HASH" },
                    { "AttributeName": "gsi1sk", "KeyType": "RANGE" },
                ],
                "Projection": { "ProjectionType": "ALL" },
            }],
        }))?;
        match self.database.create_table(table) {
            Ok(_) => {}
            Err(DynoxideError::ResourceInUseException(_)) => return Ok(()),
            Err(error) => return Err(io::Error::other(error)),
        }
        self.database
            .update_time_to_live(UpdateTimeToLiveRequest {
                table_name: name.to_owned(),
                time_to_live_specification: TimeToLiveSpecification {
                    attribute_name: "ttl".to_owned(),
                    enabled: true,
                },
            })
            .map_err(io::Error::other)?;
        Ok(())
    }

    /// Every item of `table` in the service's JSON, such as `{"pk": {"S": "USER#1"}, …}`, in no
    /// order that means anything. Binary values are base64.
    ///
    /// # Panics
    ///
    /// If there is no such table: a test that looks for leaked secrets must not pass because it
    /// misspelt the name.
    pub fn dump(&self, table: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start: Option<HashMap<_, _>> = None;
        loop {
            // A page ends at 1 MB, as the service's does.
            let page = self
                .database
                .scan(ScanRequest {
                    table_name: table.to_owned(),
                    exclusive_start_key: start.take(),
                    ..ScanRequest::default()
                })
                .expect("the table exists and can be read");
            items.extend(page.items.into_iter().flatten().map(|item| json!(item)));
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }

    /// Stops the server when the requests under way are answered, and closes the database.
    pub async fn stop(self) {
        drop(self.database);
        self.server.stop().await;
    }
}
