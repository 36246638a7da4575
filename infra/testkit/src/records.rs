use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::domain::ids::{AccountId, UserId};

use crate::{TestApp, User};

/// The table from below: what is in it, and what no endpoint would put there.
impl TestApp {
    /// The one item with this partition key.
    #[track_caller]
    pub fn record(&self, pk: &str) -> Value {
        let mut records = self.records();
        records.retain(|item| item["pk"]["S"] == pk);
        assert_eq!(records.len(), 1, "items under {pk}");
        records.remove(0)
    }

    /// The item of the user with this address, as it was typed at sign-up in lower case.
    #[track_caller]
    pub fn user_record(&self, email: &str) -> Value {
        let claim = self.record(&format!("EMAIL#{email}"));
        self.record(&format!("USER#{}", claim["user_id"]["S"].as_str().unwrap()))
    }

    /// The Amove account of the user with this address.
    #[track_caller]
    pub fn account_of(&self, email: &str) -> AccountId {
        let record = self.user_record(email);
        record["account_id"]["S"].as_str().unwrap().parse().unwrap()
    }

    /// Writes an item, given as the table's dump shows it, over whatever has its key.
    pub async fn put_record(&self, item: &Value) {
        let attributes = item.as_object().expect("an item is an object");
        let item = attributes
            .iter()
            .map(|(name, value)| (name.clone(), attribute(value)))
            .collect();
        aws_sdk_dynamodb::Client::new(&self.records_config)
            .put_item()
            .table_name(&self.app.config().table_name)
            .set_item(Some(item))
            .send()
            .await
            .unwrap();
    }

    /// The user with this address may not sign in any more.
    pub async fn deactivate(&self, email: &str) {
        let mut record = self.user_record(email);
        record["active"] = json!({"BOOL": false});
        self.put_record(&record).await;
    }

    /// Removes an item, given as the table's dump shows it.
    pub async fn remove_record(&self, item: &Value) {
        let key = ["pk", "sk"].map(|name| (name.to_owned(), attribute(&item[name])));
        aws_sdk_dynamodb::Client::new(&self.records_config)
            .delete_item()
            .table_name(&self.app.config().table_name)
            .set_key(Some(key.into()))
            .send()
            .await
            .unwrap();
    }

    /// Somebody of another type in the same Amove account as `user`, with the same password: no
    /// endpoint invites users yet.
    pub async fn colleague(&self, user: &User<'_>, email: &str, user_type: u32) -> User<'_> {
        let id = UserId::new(self.clock.now()).to_string();
        let mut record = self.user_record(&user.email.to_lowercase());
        record["pk"] = json!({"S": format!("USER#{id}")});
        record["id"] = json!({"S": id});
        record["email"] = json!({"S": email});
        record["user_type"] = json!({"N": user_type.to_string()});
        self.put_record(&record).await;
        let claim = json!({
            "pk": {"S": format!("EMAIL#{email}")},
            "sk": {"S": "META"},
            "user_id": {"S": id},
        });
        self.put_record(&claim).await;
        User::log_in(self, email, user_type).await
    }
}

/// One attribute, in the types that the product uses.
fn attribute(value: &Value) -> AttributeValue {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (kind, value) = value
        .as_object()
        .and_then(|value| value.iter().next())
        .expect("an attribute has a type");
    match kind.as_str() {
        "S" => AttributeValue::S(text(value)),
        "N" => AttributeValue::N(text(value)),
        "BOOL" => AttributeValue::Bool(value.as_bool().expect("a boolean")),
        kind => panic!("an attribute of type {kind}"),
    }
}
