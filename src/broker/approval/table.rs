//! The requests that processes share: one partition of the ledger's DynamoDB table.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use time::UtcDateTime;

use super::Pending;
use super::record::{Record, Verdict};
use crate::table::{EXPIRES_AT, TableRules, reason};

/// The partition key, a string, and what it is here.
const SUBJECT: &str = "subject";
const APPROVAL: &str = "approval";
/// The sort key, a string: the request's id.
const ID: &str = "entry";

const WHO: &str = "who";
const LEDGER_ENTRY: &str = "ledger_entry";
const OPENS: &str = "opens";
const TICKET: &str = "ticket";
const ASKED_AT: &str = "asked_at";
/// Until when the request could be decided on.
const WAITS_UNTIL: &str = "waits_until";
/// `pending`, `approved` or `denied`.
const STATUS: &str = "status";
const DECIDED_BY: &str = "decided_by";
const DECIDED_AT: &str = "decided_at";
/// When the item is over.
const UNTIL: &str = "until";

/// How much longer than needed an item stays, in seconds, for a process whose clock is behind DynamoDB's.
const MARGIN: i64 = 300;

/// How many pages of a megabyte are read for a list.
const PAGES: usize = 10;

type Item = HashMap<String, AttributeValue>;

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

    pub(super) async fn find(&self, id: &str) -> Result<Option<Record>, String> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(SUBJECT, text(APPROVAL))
            .key(ID, text(id))
            .consistent_read(true);
        let answer = get.send().await.map_err(|error| reason(&error))?;
        answer.item().map(|item| read(item).filter(|record| record.id() == id).ok_or_else(unreadable)).transpose()
    }

    /// What nobody has decided on, in no order. DynamoDB may delete what is over days late.
    pub(super) async fn pending(&self, now: UtcDateTime) -> Result<Vec<Record>, String> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#subject = :approval")
            .filter_expression("#status = :pending AND #until > :now")
            .expression_attribute_names("#subject", SUBJECT)
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_names("#until", UNTIL)
            .expression_attribute_values(":approval", text(APPROVAL))
            .expression_attribute_values(":pending", text(status(None)))
            .expression_attribute_values(":now", seconds(now));
        let (mut records, mut next) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = query.clone().set_exclusive_start_key(next).send().await.map_err(|error| reason(&error))?;
            for item in page.items() {
                records.push(read(item).ok_or_else(unreadable)?);
            }
            next = page.last_evaluated_key;
            if next.is_none() {
                return Ok(records);
            }
        }
        Err("more requests than can be read".to_owned())
    }

    /// Puts `new` in the place of `old`, if that is still what is there; what is there then. The retry of a call whose
    /// answer was lost finds `new`.
    pub(super) async fn replace(&self, old: Option<&Record>, new: Record) -> Result<Record, String> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(written(&new)));
        let put = match old {
            None => put.condition_expression("attribute_not_exists(#id)").expression_attribute_names("#id", ID),
            // A request is made again only when the one before is over: of one id, no two were made at the same time.
            Some(old) => put
                .condition_expression("#asked_at = :asked_at AND #status = :status")
                .expression_attribute_names("#asked_at", ASKED_AT)
                .expression_attribute_names("#status", STATUS)
                .expression_attribute_values(":asked_at", seconds(old.request().asked_at))
                .expression_attribute_values(":status", text(status(old.verdict()))),
        };
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match put.send().await {
            Ok(_) => return Ok(new),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(held)) => {
                let held = held.item().ok_or("the request is no longer there, or is not shown")?;
                read(held).filter(|record| record.id() == new.id()).ok_or_else(unreadable)
            }
            _ => Err(reason(&error)),
        }
    }
}

fn status(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        None => "pending",
        Some(Verdict { approved: true, .. }) => "approved",
        Some(Verdict { approved: false, .. }) => "denied",
    }
}

fn written(record: &Record) -> Item {
    let request = record.request();
    let expires_at = record.until().saturating_add(time::Duration::seconds(MARGIN));
    let mut item = vec![
        (SUBJECT, text(APPROVAL)),
        (ID, text(&request.id)),
        (WHO, text(&request.who)),
        (LEDGER_ENTRY, text(&request.entry)),
        (OPENS, text(&request.opens)),
        (ASKED_AT, seconds(request.asked_at)),
        (WAITS_UNTIL, seconds(request.until)),
        (STATUS, text(status(record.verdict()))),
        (UNTIL, seconds(record.until())),
        (EXPIRES_AT, seconds(expires_at)),
    ];
    item.extend(request.ticket.as_deref().map(|ticket| (TICKET, text(ticket))));
    if let Some(verdict) = record.verdict() {
        item.extend([(DECIDED_BY, text(&verdict.by)), (DECIDED_AT, seconds(verdict.at))]);
    }
    item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn read(item: &Item) -> Option<Record> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    let instant = |name: &str| UtcDateTime::from_unix_timestamp(item.get(name)?.as_n().ok()?.parse().ok()?).ok();
    let verdict = |approved| Some(Verdict { approved, by: text(DECIDED_BY)?, at: instant(DECIDED_AT)? });
    let verdict = match text(STATUS)?.as_str() {
        "pending" => None,
        "approved" => Some(verdict(true)?),
        "denied" => Some(verdict(false)?),
        _ => return None,
    };
    let ticket = if item.contains_key(TICKET) { Some(text(TICKET)?) } else { None };
    let request = Pending {
        id: text(ID)?,
        who: text(WHO)?,
        entry: text(LEDGER_ENTRY)?,
        opens: text(OPENS)?,
        ticket,
        asked_at: instant(ASKED_AT)?,
        until: instant(WAITS_UNTIL)?,
    };
    Record::held(request, verdict, instant(UNTIL)?)
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
mod tests {
    use super::super::ApprovalRules;
    use super::*;

    fn records() -> [Record; 3] {
        let now = UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let (rules, opens) = (ApprovalRules::default(), "d-1/alice");
        let asked = Record::ask("alice", "alice-prod", opens, Some("CHG-1"), now, &rules).unwrap();
        let approved = asked.decide(true, "bob", now, &rules).unwrap();
        let denied = Record::ask("alice", "other", opens, None, now, &rules).unwrap();
        let denied = denied.decide(false, "bob", now, &rules).unwrap();
        [asked, approved, denied]
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for record in records() {
            assert_eq!(read(&written(&record)), Some(record));
        }
    }

    #[test]
    fn an_item_without_a_part_or_with_another_kind_of_it_is_not_read() {
        for record in records() {
            for (name, _) in written(&record) {
                for value in [None, Some(AttributeValue::Null(true)), Some(AttributeValue::N("9".repeat(30)))] {
                    let mut item = written(&record);
                    item.remove(&name);
                    let part = [SUBJECT, EXPIRES_AT].contains(&name.as_str()) || name == TICKET && value.is_none();
                    item.extend(value.map(|value| (name.clone(), value)));
                    assert_eq!(read(&item).is_some(), part, "{name} of {item:?}");
                }
            }
        }
    }

    #[test]
    fn attack_an_item_that_says_what_nobody_could_have_done_is_not_read() {
        let [_, approved, _] = records();
        for (name, value) in [(DECIDED_BY, "ALICE"), (WHO, "carol"), (LEDGER_ENTRY, "other"), (STATUS, "Approved")] {
            let mut item = written(&approved);
            item.insert(name.to_owned(), text(value));
            assert_eq!(read(&item), None, "{name}");
        }
    }
}
