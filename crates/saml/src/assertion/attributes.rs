//! The attributes of a [`VerifiedAssertion`] (Core 2.7.3).

use std::fmt;

use studio_acs_refusal::{Compared, compare, likeness, list_beside};

use super::VerifiedAssertion;
use crate::names::SAML;
use crate::rejection::{Check, Rejection};
use crate::xml::Element;

/// The namespace of `xsi:nil` (XML Schema 1, 2.6.2).
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// One attribute, as the assertion has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    name: String,
    friendly_name: Option<String>,
    values: Vec<Value>,
}

/// A value, as it is kept.
#[derive(Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    Nil,
    Commented,
    Element(String),
}

/// A value of an attribute (Core 2.7.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeValue<'a> {
    /// Plain text, which may be empty.
    Text(&'a str),
    /// No value, as the identity provider says (`xsi:nil`).
    Nil,
    /// Text with a comment in it, which no signature covers: anybody on the way may have inserted it.
    Commented,
    /// The name of an element in it.
    Element(&'a str),
}

impl Attribute {
    /// Every attribute of every statement.
    pub(super) fn all(assertion: Element<'_>) -> Vec<Self> {
        let statements = assertion.named(SAML, "AttributeStatement");
        let attributes = statements.flat_map(|statement| statement.named(SAML, "Attribute"));
        attributes
            .map(|attribute| Self {
                name: attribute.attribute("Name").unwrap_or_default().to_owned(),
                friendly_name: attribute.attribute("FriendlyName").map(str::to_owned),
                values: attribute.named(SAML, "AttributeValue").map(Value::of).collect(),
            })
            .collect()
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name for people; `None` where it has none.
    pub fn friendly_name(&self) -> Option<&str> {
        self.friendly_name.as_deref()
    }

    /// The values, in their order.
    pub fn values(&self) -> impl Iterator<Item = AttributeValue<'_>> {
        self.values.iter().map(|value| match value {
            Value::Text(text) => AttributeValue::Text(text),
            Value::Nil => AttributeValue::Nil,
            Value::Commented => AttributeValue::Commented,
            Value::Element(name) => AttributeValue::Element(name),
        })
    }
}

impl Value {
    fn of(value: Element<'_>) -> Self {
        let is_nil = value.attributes().any(|attribute| {
            attribute.namespace == XSI && attribute.local == "nil" && matches!(attribute.value.trim(), "true" | "1")
        });
        match value.text() {
            Some(text) if is_nil && text.is_empty() => Self::Nil,
            Some(text) => Self::Text(text.into()),
            None => {
                value.elements().next().map_or(Self::Commented, |element| Self::Element(element.local().to_owned()))
            }
        }
    }
}

/// The text, if it is one.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if let Self::Text(text) = self { Some(text) } else { None };
        text.fmt(f)
    }
}

impl VerifiedAssertion {
    /// The one value of the one attribute `name` (Core 2.7.3), in plain text.
    ///
    /// # Errors
    /// `attribute_missing`, `attribute_ambiguous`.
    pub fn attribute(&self, name: &str) -> Result<&str, Rejection> {
        let mut named = self.named(name);
        let (attribute, None) = (named.next(), named.next()) else {
            return Err(Check::AttributeSingle.reject(format!("one attribute {name}"), "several"));
        };
        let missing = |found: &str| Check::AttributePresent.reject(format!("attribute {name}"), found);
        match attribute.map(|attribute| attribute.values.as_slice()) {
            None => Err(self.missing(name, "")),
            Some([]) => Err(missing("the attribute without a value")),
            Some([Value::Text(value)]) => Ok(value),
            Some([Value::Nil]) => Ok(""),
            Some([Value::Commented]) => {
                Err(Check::AttributeSingle.reject(format!("{name} in plain text"), "a value with a comment in it"))
            }
            Some([Value::Element(element)]) => Err(Check::AttributeSingle
                .reject(format!("{name} in plain text"), format_args!("a value with an element {element} in it"))),
            Some(values) => Err(Check::AttributeSingle.reject(format!("one value of {name}"), values.len())),
        }
    }

    /// The rejection of an assertion without the attribute `name`, which is wanted `because`. The names that are most like
    /// it come first.
    pub fn missing(&self, name: &str, because: &str) -> Rejection {
        let names: Vec<_> = self.attributes.iter().map(Attribute::name).collect();
        let Compared { expected, found } = compare(&[name], &names);
        let expected = format!("attribute {expected}{because}");
        let friendly = self.attributes.iter().find(|attribute| {
            attribute.friendly_name().is_some_and(|friendly| friendly == name || likeness(friendly, name).is_some())
        });
        Check::AttributePresent.reject(
            expected,
            match friendly {
                _ if names.is_empty() => "no attributes".to_owned(),
                Some(named) => {
                    format!("{} with that name as FriendlyName only, among {found}", list_beside(&[named.name()], &[]))
                }
                None => format!("only {found}"),
            },
        )
    }

    /// Every value of the attribute `name`, such as groups; none if it is absent.
    pub fn attribute_values(&self, name: &str) -> impl Iterator<Item = AttributeValue<'_>> {
        self.named(name).flat_map(Attribute::values)
    }

    /// Whether the attribute `name` is present, with or without a value.
    pub fn has_attribute(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// Every attribute, in its order.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(move |attribute| attribute.name == name)
    }
}
