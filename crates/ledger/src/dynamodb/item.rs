//! The items of a table: [`LedgerSchema`], one part in each.
//!
//! | `subject` | `entry` | the other attributes |
//! |---|---|---|
//! | `user#NAME`, in lower case | the entry's ID | as in the text, without `id` and `user` |
//! | `group#NAME` | the entry's ID | as in the text, without `id` and `group` |
//! | `user#NAME`, in lower case | `#revoked` | `why`, `since` |
//! | `user#NAME`, in lower case | `#revoked#ISSUER` | the same, for the user of this name at this issuer |
//! | `team#NAME`, in lower case | `#team` | `over_budget` |
//! | `links` | the alias | `landing`, `space` |
//!
//! The issuer of an entry is its attribute `issuer`, and no part of the key: one query finds a user's entries of every
//! issuer, and no user's name, whatever stands in it, is the key of another issuer's user. An entry's ID has no `#`, so
//! that none is a revocation.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use studio_acs_identity::folded;

use crate::error::LedgerError;
use crate::fault::LedgerFault;
use crate::schema::{EntrySchema, LedgerSchema, RevokedSchema};
use crate::subject::{Person, Subject};

/// The partition key.
pub const SUBJECT: &str = "subject";
/// The sort key.
pub const ENTRY: &str = "entry";
/// The sort key of the item that revokes everything from a user; with `#` and an issuer, from the user of that one.
const REVOKED: &str = "#revoked";
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
            fault: LedgerFault::FieldType,
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
        fault: LedgerFault::Entry,
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
        ("user", revoked) if revoked.starts_with(REVOKED) => {
            named("user", name)?;
            match revoked.strip_prefix(REVOKED).map(|rest| rest.strip_prefix('#').ok_or(rest)) {
                Some(Err("")) => {}
                Some(Ok(issuer)) => named("issuer", issuer)?,
                _ => return Err(format!("`{ENTRY}` of a revocation; expected {REVOKED} or {REVOKED}#ISSUER")),
            }
            let revoked: RevokedSchema = of(fields)?;
            // Only the key tells whose it is, so that one query for a key finds it.
            if key_of(revoked.issuer.as_deref()) != entry {
                return Err(format!("`issuer` is said by the key; expected {REVOKED}#ISSUER"));
            }
            into.revoked.push(revoked);
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
pub(crate) fn of_revocation(person: &Person, issuer: Option<&str>, why: &str, since: &str) -> Item {
    let mut item = revocation_key(person, issuer);
    item.insert("why".to_owned(), AttributeValue::S(why.to_owned()));
    item.insert("since".to_owned(), AttributeValue::S(since.to_owned()));
    item
}

/// Its key.
pub(crate) fn revocation_key(person: &Person, issuer: Option<&str>) -> Item {
    key(&Subject::User(person.clone()).to_string(), &key_of(issuer))
}

/// The sort key of a revocation.
fn key_of(issuer: Option<&str>) -> String {
    issuer.map_or(REVOKED.to_owned(), |issuer| format!("{REVOKED}#{issuer}"))
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

    fn revoked(subject: &str, entry: &str, more: &[(&str, &str)]) -> Result<LedgerSchema, String> {
        let mut item = key(subject, entry);
        item.insert("why".to_owned(), AttributeValue::S("left".to_owned()));
        item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), AttributeValue::S((*value).to_owned()))));
        let mut read_again = LedgerSchema::default();
        read(item, &mut read_again).map_err(|error| error.to_string()).map(|()| read_again)
    }

    #[test]
    fn a_revocation_names_its_issuer_in_its_key() {
        let person = Person::parse("alice").expect("a name");
        for issuer in [None, Some("https://idp.example/#x"), Some("#")] {
            let mut again = LedgerSchema::default();
            read(of_revocation(&person, issuer, "left", "now"), &mut again).expect("a revocation");
            assert_eq!(again.revoked[0].issuer.as_deref(), issuer);
        }
        assert!(revoked("user#alice", "#revoked", &[("issuer", "https://idp.example")]).is_err(), "it would be of all");
        assert!(revoked("user#alice", "#revoked#a", &[("issuer", "b")]).is_err(), "said twice");
        assert!(revoked("user#alice", "#revokedall", &[]).is_err());
    }

    #[test]
    fn attack_a_name_made_like_a_key_is_the_name_of_one_user() {
        // Whatever a user is called, their key begins with `user#`, and their entries' issuer is no part of it.
        for name in ["alice#issuer#https://two", "#revoked#https://two", "user#alice", "links", "team#fraud"] {
            let person = Person::parse(name).expect("a name");
            let subject = Subject::User(person.clone()).to_string();
            assert_eq!(Subject::parse(&subject), Some(Subject::User(person)), "{name}");
            assert_ne!(subject, "user#alice");
        }
    }
}
