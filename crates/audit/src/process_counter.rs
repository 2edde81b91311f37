//! The counter by which processes that share a table number themselves, each once, at its start.
//!
//! One `UpdateItem` adds one to the number, writes the name of the process's chain, and returns the item as it was: the
//! number and the chain of the process before. DynamoDB does such calls one after the other
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.AtomicCounters>).
//! Where an answer is lost, the retry takes a second number. The next process then names this one's chain, so that no
//! number is without a chain.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use serde_json::{Value, json};
use studio_acs_aws::{TableRules, why};

/// The value of the partition key. No other item's begins so: a counter of URLs begins with its minute.
const ITEM: &str = "audit#processes";
/// A number: how many processes have started.
const NUMBER: &str = "number";
/// A string: the chain of the last one.
const CHAIN: &str = "chain";
/// A string: the chain of the first one, which names the series, so that the numbers of an item that was deleted and made
/// again are not confused with the old ones.
const SERIES: &str = "series";

/// The counter, an item of a DynamoDB table without a time to live.
#[derive(Debug)]
pub struct ProcessCounter {
    client: Client,
    table: String,
    key: &'static str,
}

/// The number of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProcessNumber {
    /// The name of the series of numbers.
    pub(crate) series: String,
    /// Its number, from 1.
    pub(crate) number: u64,
    /// The chain of the process with the number before; `None` for the first.
    pub(crate) previous: Option<String>,
}

impl ProcessCounter {
    /// The counter in this table, whose partition key, a string, has the name `key`.
    pub fn in_table(sdk: &SdkConfig, rules: TableRules, key: &'static str) -> Self {
        Self { client: rules.client(sdk), table: rules.table, key }
    }

    /// Takes the next number for the process with this chain.
    pub(crate) async fn take(&self, chain: &str) -> Result<ProcessNumber, String> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(self.key, AttributeValue::S(ITEM.to_owned()))
            .update_expression("SET #chain = :chain, #series = if_not_exists(#series, :chain) ADD #number :one")
            .expression_attribute_names("#chain", CHAIN)
            .expression_attribute_names("#series", SERIES)
            .expression_attribute_names("#number", NUMBER)
            .expression_attribute_values(":chain", AttributeValue::S(chain.to_owned()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllOld);
        let answer = update.send().await.map_err(|error| why(&error))?;
        match answer.attributes().filter(|before| !before.is_empty()) {
            None => Ok(ProcessNumber { series: chain.to_owned(), number: 1, previous: None }),
            Some(before) => ProcessNumber::after(before).ok_or_else(|| "a counter that is not ours to read".to_owned()),
        }
    }
}

impl ProcessNumber {
    /// The number that follows the item as it was.
    fn after(before: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name| before.get(name)?.as_s().ok().cloned();
        let number: u64 = before.get(NUMBER)?.as_n().ok()?.parse().ok()?;
        Some(Self { series: text(SERIES)?, number: number.checked_add(1)?, previous: Some(text(CHAIN)?) })
    }

    /// As the start record has it.
    pub(crate) fn json(&self) -> Value {
        let mut json = json!({"series_uid": self.series, "number": self.number});
        if let (Some(previous), Some(json)) = (&self.previous, json.as_object_mut()) {
            json.insert("previous_chain_uid".to_owned(), previous.clone().into());
        }
        json
    }

    /// Reads what [`json`](Self::json) wrote; `None` for a process without a number.
    pub(crate) fn read(json: &Value) -> Option<Self> {
        let text = |name| json.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = json.get("number")?.as_u64()?;
        Some(Self { series: text("series_uid")?, number, previous: text("previous_chain_uid") })
    }
}
