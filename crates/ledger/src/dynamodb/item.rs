//! The items of a table: [`LedgerSchema`], one part in each.
//!
//! | `subject` | `entry` | the other attributes |
//! |---|---|---|
//! | `user#NAME`, in lower case | the entry's ID | as in the text, without `id` and `user` |
//! | `group#NAME` | the entry's ID | as in the text, without `id` and `group` |
//! | `user#NAME`, in lower case | `#revoked` | `why`, `since` |
//! | `team#NAME`, in lower case | `#team` | `over_budget` |
//! | `links` | the alias | `landing`, `space` |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use studio_acs_identity::folded;

use crate::error::LedgerError;
use crate::schema::{EntrySchema, LedgerSchema};
use crate::subject::{Person, Subject};

/// The partition key.
pub const SUBJECT: &str = "subject";
/// The sort key.
pub const ENTRY: &str = "entry";
/// The sort key of the item that revokes everything from a user.
pub(crate) const REVOKED: &str = "#revoked";
/// The partition of the links.
pub(crate) const LINKS: &str = "links";
const TEAM: &str = "#team";

/// An item, as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The partition of what is known of a team.
pub(crate) fn team(name: &str) -> String {
    format!("team#{}", folded(name))
}

/// Adds what `item` says.
///
/// # Errors
/// [`LedgerError::Malformed`], with the item's key.
pub(crate) fn read(item: Item, into: &mut LedgerSchema) -> Result<(), LedgerError> {
    let mut fields = Map::new();
    for (name, value) in item {
        let value = plain(value).ok_or_else(|| LedgerError::Malformed {
            entry: "an item".to_owned(),
            reason: format!("`{name}` is of a type that no attribute of a ledger has"),
        })?;
        fields.insert(name, value);
    }
    let mut key = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let (subject, entry) = (key(SUBJECT), key(ENTRY));
    add(&subject, &entry, fields, into).map_err(|reason| LedgerError::Malformed {
        entry: format!("item {} / {}", subject.escape_debug(), entry.escape_debug()),
        reason,
    })
}

fn add(subject: &str, entry: &str, mut fields: Map<String, Value>, into: &mut LedgerSchema) -> Result<(), String> {
    let mut named = |field: &str, value: &str| match fields.insert(field.to_owned(), value.into()) {
        Some(_) => Err(format!("`{field}` is said by the key and must not be there")),
        None => Ok(()),
    };
    if subject == LINKS {
        into.links.insert(entry.to_owned(), of(fields)?);
        return Ok(());
    }
    let (kind, name) = subject.split_once('#').unwrap_or_default();
    let known = || Subject::parse(subject).map_or_else(|| team(name), |subject| subject.to_string());
    if known() != subject {
        return Err(format!(
            "`{SUBJECT}` is not found by any sign-in; expected user#NAME or team#NAME in lower case, group#NAME or {LINKS}"
        ));
    }
    match (kind, entry) {
        ("user", REVOKED) => {
            named("user", name)?;
            into.revoked.push(of(fields)?);
        }
        ("team", TEAM) => {
            named("name", name)?;
            into.team.push(of(fields)?);
        }
        ("user" | "group", id) => {
            named("id", id)?;
            named(kind, name)?;
            into.entry.push(of(fields)?);
        }
        _ => return Err(format!("`{ENTRY}` of a team's item; expected {TEAM}")),
    }
    Ok(())
}

/// The item of an entry.
///
/// # Errors
/// The part that the entry lacks.
pub(crate) fn of_entry(entry: &EntrySchema, subject: &Subject) -> Result<Item, String> {
    let mut item = attributes(entry)?;
    for said_by_the_key in ["id", "user", "group"] {
        item.remove(said_by_the_key);
    }
    item.extend(key(&subject.to_string(), &entry.id));
    Ok(item)
}

/// The item that revokes everything from a user.
pub(crate) fn of_revocation(person: &Person, why: &str, since: &str) -> Item {
    let mut item = revocation_key(person);
    item.insert("why".to_owned(), AttributeValue::S(why.to_owned()));
    item.insert("since".to_owned(), AttributeValue::S(since.to_owned()));
    item
}

/// Its key.
pub(crate) fn revocation_key(person: &Person) -> Item {
    key(&Subject::User(person.clone()).to_string(), REVOKED)
}

/// The key of an item.
pub(crate) fn key(subject: &str, entry: &str) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([(SUBJECT.to_owned(), text(subject)), (ENTRY.to_owned(), text(entry))])
}

fn of<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}

fn attributes(form: &impl Serialize) -> Result<Item, String> {
    let Ok(Value::Object(fields)) = serde_json::to_value(form) else { return Err("an entry of no fields".to_owned()) };
    Ok(fields.into_iter().filter_map(|(name, value)| Some((name, typed(value)?))).collect())
}

/// The value without its type; `None` for what a ledger has not.
fn plain(value: AttributeValue) -> Option<Value> {
    Some(match value {
        AttributeValue::Bool(bool) => bool.into(),
        AttributeValue::L(list) => list.into_iter().map(plain).collect::<Option<Vec<_>>>()?.into(),
        AttributeValue::M(map) => {
            let fields = map.into_iter().map(|(name, value)| Some((name, plain(value)?)));
            fields.collect::<Option<Map<_, _>>>()?.into()
        }
        AttributeValue::N(number) => number.parse::<i64>().ok()?.into(),
        AttributeValue::S(text) => text.into(),
        AttributeValue::Ss(texts) => texts.into(),
        _ => return None,
    })
}

fn typed(value: Value) -> Option<AttributeValue> {
    Some(match value {
        Value::Array(list) => AttributeValue::L(list.into_iter().filter_map(typed).collect()),
        Value::Bool(bool) => AttributeValue::Bool(bool),
        Value::Null => return None,
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Object(fields) => {
            AttributeValue::M(fields.into_iter().filter_map(|(name, value)| Some((name, typed(value)?))).collect())
        }
        Value::String(text) => AttributeValue::S(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_and_read() {
        let text = include_str!("../../../../fixtures/ledger/example.toml");
        let written = LedgerSchema::parse(text).expect("a ledger").entry;
        let mut read_again = LedgerSchema::default();
        for entry in &written {
            let subject = entry.user.as_deref().and_then(Person::parse).map(Subject::User);
            let subject = subject.or_else(|| Subject::group(entry.group.as_deref()?)).expect("a subject");
            read(of_entry(entry, &subject).expect("an item"), &mut read_again).expect("an entry");
        }
        assert_eq!(read_again.entry, written);
    }
}
