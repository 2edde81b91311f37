//! The memory that processes share: a DynamoDB table.
//!
//! One conditional `PutItem` for each assertion, of which DynamoDB lets one win
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html>).

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use time::UtcDateTime;

use super::claim::Digest;
use studio_acs_aws::{EXPIRES_AT, TableRules, why};
use studio_acs_refusal::hex;

/// The partition key, a string: issuer and assertion ID, hashed, in hexadecimal.
pub const KEY: &str = "replay_key";
/// Which attempt used the assertion: its correlation id, as the log has it.
const CORRELATION_ID: &str = "correlation_id";

/// How much longer than needed an item stays, in seconds, for a process whose clock is behind DynamoDB's.
const MARGIN: i64 = 300;

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(crate) fn new(sdk: &SdkConfig, rules: TableRules) -> Self {
        Self { client: rules.client(sdk), name: rules.table }
    }

    /// Whether `key` is new; if so it is remembered until `until`.
    ///
    /// The condition tests the time itself: DynamoDB may delete expired items days late.
    pub(crate) async fn claim(
        &self,
        key: Digest,
        until: UtcDateTime,
        correlation_id: &str,
        now: UtcDateTime,
    ) -> Result<bool, String> {
        let key = hex(&key);
        // The second in which it ends is over in the next one.
        let expires_at = until.unix_timestamp().saturating_add(1).saturating_add(MARGIN);
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(KEY, AttributeValue::S(key))
            .item(EXPIRES_AT, AttributeValue::N(expires_at.to_string()))
            .item(CORRELATION_ID, AttributeValue::S(correlation_id.to_owned()))
            .condition_expression("attribute_not_exists(#key) OR #expires_at <= :now")
            .expression_attribute_names("#key", KEY)
            .expression_attribute_names("#expires_at", EXPIRES_AT)
            .expression_attribute_values(":now", AttributeValue::N(now.unix_timestamp().to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match put.send().await {
            Ok(_) => return Ok(true),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(held)) => {
                let held = held.item().ok_or("an item that it does not show")?;
                read(held, correlation_id)
            }
            _ => Err(why(&error)),
        }
    }
}

/// Whether the item that is in the way is of this very attempt: written by a call whose answer was lost, then found by
/// the retry.
fn read(held: &HashMap<String, AttributeValue>, correlation_id: &str) -> Result<bool, String> {
    let number = held.get(EXPIRES_AT).and_then(|value| value.as_n().ok());
    let expires_at: Option<i64> = number.and_then(|number| number.parse().ok());
    let by = held.get(CORRELATION_ID).and_then(|value| value.as_s().ok());
    match (expires_at, by) {
        // Without randomness from the system attempts have no ids.
        (Some(_), Some(by)) => Ok(by == correlation_id && !correlation_id.is_empty()),
        _ => Err("an item that is not ours to read".to_owned()),
    }
}
