//! The fields of an event, each of the type that it must have.

use std::fmt;

use serde_json::{Map, Value};

/// Names, each with its values: headers, or parameters of a query.
pub(super) type Lists = Vec<(String, Vec<String>)>;

/// The fields of an event. Texts are taken out of it, not copied.
#[derive(Debug)]
pub(super) struct Fields(Value);

/// A part of an event that no request can be made of. It never quotes the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    part: &'static str,
    expected: &'static str,
}

impl Malformed {
    /// The field at this JSON pointer, and what it should be.
    pub(super) fn new(part: &'static str, expected: &'static str) -> Self {
        Self { part, expected }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found something else", self.part, self.expected)
    }
}

impl Fields {
    pub(super) fn new(event: Value) -> Self {
        Self(event)
    }

    pub(super) fn required(&mut self, part: &'static str) -> Result<String, Malformed> {
        self.optional(part)?.ok_or(Malformed::new(part, "a text"))
    }

    /// `None` where it is absent or null.
    pub(super) fn optional(&mut self, part: &'static str) -> Result<Option<String>, Malformed> {
        self.take(part).map(|value| text(value, part)).transpose()
    }

    /// `false` where it is absent or null.
    pub(super) fn flag(&mut self, part: &'static str) -> Result<bool, Malformed> {
        let flag = self.take(part).map(|value| value.as_bool().ok_or(Malformed::new(part, "true or false")));
        Ok(flag.transpose()?.unwrap_or_default())
    }

    pub(super) fn list(&mut self, part: &'static str) -> Result<Option<Vec<String>>, Malformed> {
        self.take(part).map(|value| texts(value, part)).transpose()
    }

    /// An object whose members are a text each, or several.
    pub(super) fn lists(&mut self, part: &'static str) -> Result<Option<Lists>, Malformed> {
        let members = |value| match value {
            Value::Object(members) => named(members, part),
            _ => Err(Malformed::new(part, "an object")),
        };
        self.take(part).map(members).transpose()
    }

    fn take(&mut self, part: &'static str) -> Option<Value> {
        self.0.pointer_mut(part).map(Value::take).filter(|value| !value.is_null())
    }
}

fn named(members: Map<String, Value>, part: &'static str) -> Result<Lists, Malformed> {
    members.into_iter().map(|(name, value)| Ok((name, texts(value, part)?))).collect()
}

fn texts(value: Value, part: &'static str) -> Result<Vec<String>, Malformed> {
    match value {
        Value::Array(values) => values.into_iter().map(|value| text(value, part)).collect(),
        one => Ok(vec![text(one, part)?]),
    }
}

fn text(value: Value, part: &'static str) -> Result<String, Malformed> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Malformed::new(part, "text")),
    }
}
