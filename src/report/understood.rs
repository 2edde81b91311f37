//! The facts that a verified credential says of its user, for `verify`: text for people and JSON for programs.

use std::fmt;

use serde_json::{Map, Value, json};
use studio_acs_identity::Groups;
use studio_acs_refusal::{counted, instant, printable};
use studio_acs_saml::{Attribute, AttributeValue, VerifiedAssertion};

use super::group_readers::GroupReaders;

/// The most attributes, and the most values of one, that are shown.
const MOST_ATTRIBUTES: usize = 100;
const MOST_VALUES: usize = 50;

/// The groups of a user, and their readers.
#[derive(Debug)]
pub(super) struct UnderstoodGroups<'a> {
    /// The groups.
    pub(super) groups: &'a Groups,
    /// Their readers.
    pub(super) readers: &'a GroupReaders,
}

impl UnderstoodGroups<'_> {
    /// The members for programs.
    pub(super) fn json(&self) -> Map<String, Value> {
        let Self { groups, readers } = self;
        let members = [
            ("groups", json!(groups.names())),
            ("groups_matched", json!(readers.matched(groups))),
            ("groups_unusable", groups.unusable().into()),
            ("groups_absent", groups.absence().as_deref().map(printable).into()),
            ("groups_elsewhere", groups.elsewhere().map(printable).into()),
            ("unusable_groups", json!(groups.unusable_values().iter().map(ToString::to_string).collect::<Vec<_>>())),
            ("ledger", readers.ledger_in_words(groups).into()),
        ];
        members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    }
}

/// The lines for people.
impl fmt::Display for UnderstoodGroups<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { groups, readers } = self;
        let names = quoted(groups.names().iter().map(String::as_str));
        match groups.absence() {
            Some(absence) => line(f, "groups", &format!("none: {}", printable(&absence)))?,
            None => line(f, "groups", if names.is_empty() { "none" } else { &names })?,
        }
        let matched = quoted(readers.matched(groups).into_iter());
        if !matched.is_empty() {
            line(f, "matched", &matched)?;
        }
        if groups.unusable() > 0 {
            line(f, "unusable", &groups.unusable_in_words())?;
        }
        if let Some(elsewhere) = groups.elsewhere() {
            line(f, "elsewhere", &printable(elsewhere))?;
        }
        readers.ledger_in_words(groups).map_or(Ok(()), |ledger| line(f, "ledger", &ledger))
    }
}

/// The facts of an assertion beside the groups.
#[derive(Debug)]
pub(super) struct UnderstoodAssertion<'a>(pub(super) &'a VerifiedAssertion);

impl UnderstoodAssertion<'_> {
    /// The members for programs.
    pub(super) fn json(&self) -> Map<String, Value> {
        let Self(assertion) = self;
        let name_id = assertion.name_id();
        let attribute = |attribute: &Attribute| {
            json!({
                "name": printable(attribute.name()),
                "friendly_name": attribute.friendly_name().map(printable),
                "values": values(attribute).collect::<Vec<_>>(),
            })
        };
        let attributes: Vec<_> = assertion.attributes().iter().take(MOST_ATTRIBUTES).map(attribute).collect();
        let members = [
            ("name_id", json!(name_id.map(|name| printable(name.value())))),
            ("name_id_format", json!(name_id.and_then(|name| name.format()).map(printable))),
            ("authenticated_at", json!(assertion.authenticated_at().map(instant::format))),
            ("authentication_method", json!(assertion.authentication_method().map(printable))),
            ("attributes", attributes.into()),
        ];
        members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
    }
}

/// The lines for people.
impl fmt::Display for UnderstoodAssertion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(assertion) = self;
        if let Some(name_id) = assertion.name_id() {
            let format = name_id.format().map_or_else(String::new, |format| format!(" ({})", printable(format)));
            line(f, "NameID", &format!("\"{}\"{format}", printable(name_id.value())))?;
        }
        let at = assertion.authenticated_at().map_or_else(|| "at no known time".to_owned(), instant::format);
        let method = assertion.authentication_method().map_or_else(|| "no single context class".to_owned(), printable);
        line(f, "authenticated", &format!("{at}, {method}"))?;
        for attribute in assertion.attributes().iter().take(MOST_ATTRIBUTES) {
            let friendly = attribute.friendly_name().map_or_else(String::new, |name| format!(" ({})", printable(name)));
            let all: Vec<_> = values(attribute)
                .map(|value| value.as_str().map_or_else(|| value.to_string(), |text| format!("\"{text}\"")))
                .collect();
            line(f, "attribute", &format!("{}{friendly} = {}", printable(attribute.name()), all.join(", ")))?;
        }
        let rest = assertion.attributes().len().saturating_sub(MOST_ATTRIBUTES);
        if rest > 0 { line(f, "attribute", &format!("and {}", counted(rest, "other"))) } else { Ok(()) }
    }
}

/// The values of an attribute, a bounded number of them: a text, or an object with what the value is in its place.
fn values(attribute: &Attribute) -> impl Iterator<Item = Value> {
    attribute.values().take(MOST_VALUES).map(|value| match value {
        AttributeValue::Text(text) => printable(text).into(),
        AttributeValue::Nil => Value::Null,
        AttributeValue::Commented => json!({"not_text": "a comment"}),
        AttributeValue::Element(name) => json!({"not_text": format!("an element {}", printable(name))}),
    })
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("\"{}\"", printable(name))).collect::<Vec<_>>().join(", ")
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, value: &str) -> fmt::Result {
    writeln!(f, "  {name:<14} {value}")
}
