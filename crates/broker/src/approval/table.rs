//! The requests that processes share: one partition of the ledger's DynamoDB table, and in it one item for each user.
//!
//! An item is replaced as a whole, under the condition that its version is still the one that was read: so the bound on
//! one user's requests holds whoever writes at the same time. Only items with a request that is pending have
//! [`PENDING_UNTIL`], and only they are in the index [`PENDING`]: what an approver reads does not grow with what is
//! decided, nor with what is over and not deleted yet.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use super::record::{ApprovalVerdict, Record};
use super::rules::MOST_USERS;
use super::terms::ApprovalTerms;
use super::user_requests::UserRequests;
use crate::user_key::UserKey;
use studio_acs_aws::{EXPIRES_AT, TableRules, why};

/// The partition key, a string, and what it is here.
const SUBJECT: &str = "subject";
const APPROVAL: &str = "approval";
/// The sort key, a string: the user's key.
const USER: &str = "entry";
/// How often the item was written, a number.
const VERSION: &str = "version";
/// The user's requests, as JSON.
const REQUESTS: &str = "requests";

/// The index of items that have a request that is pending: by the partition key, and by [`PENDING_UNTIL`].
pub const PENDING: &str = "pending";
/// Until when a request may still be decided on, a number: seconds since 1970. Absent where none is pending.
pub const PENDING_UNTIL: &str = "pending_until";

/// How much longer than needed an item stays, in seconds, for a process whose clock is behind DynamoDB's.
const MARGIN: i64 = 300;

/// How many pages of a megabyte are read for a list.
const PAGES: usize = 4;

type Item = HashMap<String, AttributeValue>;

/// A request as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemWritten {
    who: String,
    terms: ApprovalTerms,
    /// Seconds since 1970, as are the others.
    asked_at: i64,
    waits_until: i64,
    until: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    approved: bool,
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    at: i64,
}

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

    pub(crate) async fn find(&self, user: &UserKey) -> Result<UserRequests, String> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(SUBJECT, text(APPROVAL))
            .key(USER, text(&user.to_string()))
            .consistent_read(true);
        let answer = get.send().await.map_err(|error| why(&error))?;
        found(answer.item(), user)
    }

    /// The users who have pending requests, at most [`MOST_USERS`]; whose last one ends first comes first. The index
    /// may be some moments behind the table.
    pub(crate) async fn pending(&self, now: UtcDateTime) -> Result<Vec<UserRequests>, String> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(PENDING)
            .key_condition_expression("#subject = :approval AND #pending_until > :now")
            .expression_attribute_names("#subject", SUBJECT)
            .expression_attribute_names("#pending_until", PENDING_UNTIL)
            .expression_attribute_values(":approval", text(APPROVAL))
            .expression_attribute_values(":now", seconds(now));
        let (mut users, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let left = i32::try_from(MOST_USERS.saturating_sub(users.len())).unwrap_or(i32::MAX);
            let page = query.clone().limit(left).set_exclusive_start_key(next);
            let page = page.send().await.map_err(|error| why(&error))?;
            for item in page.items() {
                users.push(read(item).ok_or_else(unreadable)?);
            }
            next = page.last_evaluated_key;
            if next.is_none() || users.len() >= MOST_USERS {
                break;
            }
        }
        Ok(users)
    }

    /// Puts `new` in the place of `old`, if `old` is still stored; otherwise returns the stored one. The retry of a
    /// call whose answer was lost finds `new`.
    pub(crate) async fn replace(&self, old: &UserRequests, new: &UserRequests) -> Result<Option<UserRequests>, String> {
        let item = written(new).ok_or("requests that cannot be written")?;
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let put = match old.version() {
            0 => put.condition_expression("attribute_not_exists(#user)").expression_attribute_names("#user", USER),
            version => put
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
        };
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match put.send().await {
            Ok(_) => return Ok(None),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(held)) => {
                let held = found(held.item(), new.user())?;
                Ok(if held == *new { None } else { Some(held) })
            }
            _ => Err(why(&error)),
        }
    }
}

/// The user's requests in an answer.
fn found(item: Option<&Item>, user: &UserKey) -> Result<UserRequests, String> {
    match item {
        None => Ok(UserRequests::none(user.clone())),
        Some(item) => read(item).filter(|requests| requests.user() == user).ok_or_else(unreadable),
    }
}

fn written(requests: &UserRequests) -> Option<Item> {
    let all: Vec<_> = requests.records().iter().map(ItemWritten::of).collect();
    let expires_at = requests.until()?.saturating_add(time::Duration::seconds(MARGIN));
    let mut item = vec![
        (SUBJECT, text(APPROVAL)),
        (USER, text(&requests.user().to_string())),
        (VERSION, AttributeValue::N(requests.version().to_string())),
        (REQUESTS, text(&serde_json::to_string(&all).ok()?)),
        (EXPIRES_AT, seconds(expires_at)),
    ];
    item.extend(requests.pending_until().map(|until| (PENDING_UNTIL, seconds(until))));
    Some(item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn read(item: &Item) -> Option<UserRequests> {
    let text = |name: &str| item.get(name)?.as_s().ok();
    let version = item.get(VERSION)?.as_n().ok()?.parse().ok()?;
    let all: Vec<ItemWritten> = serde_json::from_str(text(REQUESTS)?).ok()?;
    let records = all.into_iter().map(ItemWritten::record).collect::<Option<_>>()?;
    UserRequests::held(UserKey::parse(text(USER)?)?, version, records)
}

impl ItemWritten {
    fn of(record: &Record) -> Self {
        let request = record.request();
        let decision = |verdict: &ApprovalVerdict| Decision {
            approved: verdict.approved,
            by: verdict.by.clone(),
            issuer: verdict.issuer.clone(),
            at: verdict.at.unix_timestamp(),
        };
        Self {
            who: request.who.clone(),
            terms: request.terms.clone(),
            asked_at: request.asked_at.unix_timestamp(),
            waits_until: request.until.unix_timestamp(),
            until: record.until().unix_timestamp(),
            decision: record.verdict().map(decision),
        }
    }

    fn record(self) -> Option<Record> {
        let instant = |seconds| UtcDateTime::from_unix_timestamp(seconds).ok();
        let verdict = match self.decision {
            None => None,
            Some(Decision { approved, by, issuer, at }) => {
                Some(ApprovalVerdict { approved, by, issuer, at: instant(at)? })
            }
        };
        let (asked_at, waits_until) = (instant(self.asked_at)?, instant(self.waits_until)?);
        Record::held(self.who, self.terms, asked_at, waits_until, verdict, instant(self.until)?)
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn seconds(at: UtcDateTime) -> AttributeValue {
    AttributeValue::N(at.unix_timestamp().to_string())
}

fn unreadable() -> String {
    "a request that is not ours to read".to_owned()
}

#[cfg(test)]
mod tests;
