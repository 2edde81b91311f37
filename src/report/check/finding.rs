//! One line of the checklist.

use serde_json::{Value, json};
use studio_acs_refusal::printable_within;

use super::item::{Item, Subject};
use super::severity::Severity;

/// The most characters of a finding: a few names of several hundred characters each.
const LONGEST: usize = 4_000;

/// The finding on one item. One that is not well says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    item: Item,
    about: Option<String>,
    severity: Severity,
    found: String,
    fix: Option<String>,
}

/// The heading that a finding stands under: its subject, and which one of several.
pub(super) type Heading<'a> = (Subject, Option<&'a str>);

impl Finding {
    pub(super) fn ok(item: Item, found: impl Into<String>) -> Self {
        // It may quote an issuer, an identity provider or AWS, none of which writes lines of this list.
        let found = printable_within(&found.into(), LONGEST);
        Self { item, about: None, severity: Severity::Ok, found, fix: None }
    }

    pub(super) fn skipped(item: Item, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Skipped, fix: Some(fix.into()), ..Self::ok(item, found) }
    }

    pub(super) fn warning(item: Item, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::not_well(item, Severity::Warning, found.into(), fix.into())
    }

    pub(super) fn error(item: Item, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::not_well(item, Severity::Error, found.into(), fix.into())
    }

    /// A warning of an item that AWS answers with an error, which any item can have.
    pub(super) fn unanswered(item: Item, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, fix: Some(fix.into()), ..Self::ok(item, found) }
    }

    fn not_well(item: Item, severity: Severity, found: String, fix: String) -> Self {
        let is_listed = item.faults().iter().any(|(listed, _)| *listed == severity);
        debug_assert!(is_listed, "{}: the item lists no fault of this severity: {found}", item.id());
        Self { severity, fix: Some(fix), ..Self::ok(item, found) }
    }

    /// The same, about this URL, identity provider, domain, role or table.
    pub(super) fn about(self, about: &str) -> Self {
        Self { about: Some(printable_within(about, LONGEST)), ..self }
    }

    /// The item that it is about.
    pub fn item(&self) -> Item {
        self.item
    }

    /// Which URL, identity provider, domain, role or table, where there can be several.
    pub fn instance(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// The heading that it stands under.
    pub(super) fn heading(&self) -> Heading<'_> {
        (self.item.subject(), self.instance())
    }

    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The fact that was found.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// The fix; `None` where the severity is [`Severity::Ok`].
    pub fn fix(&self) -> Option<&str> {
        self.fix.as_deref()
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.item.id(),
            "about": self.about,
            "severity": self.severity.name(),
            "what": self.item.what(),
            "found": self.found,
            "fix": self.fix,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_forges_no_line() {
        let text = format!("\u{1b}[31m\n  ✓ keys{}", "x".repeat(60_000));
        let faults = Item::TokenDiscovery.faults().iter().map(|(severity, _)| match severity {
            Severity::Error => Finding::error(Item::TokenDiscovery, &*text, "fix"),
            _ => Finding::warning(Item::TokenDiscovery, &*text, "fix"),
        });
        let others = [
            Finding::ok(Item::TokenDiscovery, &*text),
            Finding::skipped(Item::TokenDiscovery, &*text, "fix"),
            Finding::unanswered(Item::TokenDiscovery, &*text, "fix"),
        ];
        for finding in faults.chain(others).map(|finding| finding.about(&text)) {
            for shown in [finding.found(), finding.instance().expect("a text")] {
                assert!(shown.starts_with("\\u{1b}[31m\\u{a}  ✓ keys") && shown.len() < 4_100, "{shown}");
            }
        }
    }
}
