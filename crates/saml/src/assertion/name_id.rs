//! A [`NameId`]: the subject's name, which nothing decides by.

use crate::names::SAML;
use crate::xml::Element;

/// The subject's NameID (Core 2.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameId {
    value: String,
    format: Option<String>,
}

impl NameId {
    /// The first NameID of the subject.
    pub(super) fn of(assertion: Element<'_>) -> Option<Self> {
        let mut subjects = assertion.named(SAML, "Subject");
        let name = subjects.next()?.named(SAML, "NameID").next()?;
        Some(Self { value: name.text()?.into(), format: name.attribute("Format").map(str::to_owned) })
    }

    /// The name.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The URI of its format; `None` where it has none.
    pub fn format(&self) -> Option<&str> {
        self.format.as_deref()
    }
}
