//! The counters that processes share: a DynamoDB table.
//!
//! One `UpdateItem` with `ADD` for each count, which DynamoDB does one after the other
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.AtomicCounters>).
//! Such a call is not idempotent: where an answer is lost, the retry counts a second time. This is the safe side: a
//! user
//! may get fewer URLs than the limit in such a minute, and never more. It may cost an alert, where it was due with the
//! very number that got lost.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::{Counter, Minute};
use studio_acs_aws::{EXPIRES_AT, TableRules, why};

/// The partition key, a string: the minute, and whose counter it is.
pub(crate) const KEY: &str = "window";
/// A number: how many.
const COUNT: &str = "count";

/// How long a counter stays after its minute, in seconds: a clock that is set back by less opens no minute again.
const MARGIN: i64 = 3600;

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(super) fn new(sdk: &SdkConfig, rules: TableRules) -> Self {
        Self { client: rules.client(sdk), name: rules.table }
    }

    /// Adds one; what the counter says then.
    pub(super) async fn add(&self, counter: &Counter, minute: Minute) -> Result<u32, String> {
        let expires_at = minute.0.saturating_add(1).saturating_mul(60).saturating_add(MARGIN);
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(KEY, key(counter, minute))
            .update_expression("SET #expires_at = :expires_at ADD #count :one")
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_names("#count", COUNT)
            .expression_attribute_values(":expires_at", AttributeValue::N(expires_at.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::UpdatedNew);
        let answer = update.send().await.map_err(|error| why(&error))?;
        answer.attributes().and_then(count).ok_or_else(unreadable)
    }

    pub(super) async fn read(&self, counter: &Counter, minute: Minute) -> Result<u32, String> {
        let get = self.client.get_item().table_name(&self.name).key(KEY, key(counter, minute)).consistent_read(true);
        let answer = get.send().await.map_err(|error| why(&error))?;
        answer.item().map_or(Ok(0), |item| count(item).ok_or_else(unreadable))
    }
}

fn key(counter: &Counter, minute: Minute) -> AttributeValue {
    let Minute(minute) = minute;
    AttributeValue::S(match counter {
        Counter::Everybody => format!("{minute}#everybody"),
        Counter::User(user) => format!("{minute}#user#{user}"),
    })
}

/// The count in an item: at least the call that made it.
fn count(item: &HashMap<String, AttributeValue>) -> Option<u32> {
    item.get(COUNT)?.as_n().ok()?.parse().ok().filter(|count| *count > 0)
}

fn unreadable() -> String {
    "a counter that is not ours to read".to_owned()
}
