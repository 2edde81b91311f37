//! The kind of a fault in a policy, as far as Cedar's words and the text tell it.

use cedar_policy::ValidationError;
use studio_acs_refusal::OtherText;

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFault {
    /// The file is of another language.
    OtherText(OtherText),
    /// A quotation mark other than `"`.
    Quotes,
    /// A comment that does not begin with `//`.
    Comment,
    /// The `;` at the end of a policy is missing.
    Semicolon,
    /// Other text that is no Cedar.
    Syntax,
    /// An entity type that the schema does not have.
    EntityType,
    /// An action that the schema does not have.
    Action,
    /// An attribute that the schema does not have.
    Attribute,
    /// An optional attribute is read without a look whether it is there.
    OptionalAttribute,
    /// A name that the entity type does not list, such as a weekday's.
    Name,
    /// A value of another type.
    Type,
    /// It never applies.
    Impossible,
    /// Another rule of the validator.
    Other,
}

impl PolicyFault {
    /// The fault that Cedar's parser calls `message`, at this byte of the text.
    pub(crate) fn of_syntax(message: &str, text: &str, offset: usize) -> Self {
        let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
        if let Some(other) = OtherText::of(text).filter(|_| !text.contains("principal")) {
            return Self::OtherText(other);
        }
        if message.contains("`Action`") || message.contains("action entities") {
            return Self::Action;
        }
        let (line_start, line_end) =
            (before.rsplit('\n').next().unwrap_or_default(), after.lines().next().unwrap_or_default());
        let line = [line_start, line_end].concat();
        let written = line.trim_start();
        if written.starts_with('#') || written.starts_with("/*") {
            return Self::Comment;
        }
        if message.starts_with("invalid token") {
            let is_other_quote =
                line.contains(['\'', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}']);
            return if is_other_quote { Self::Quotes } else { Self::Syntax };
        }
        // Cedar takes the next policy's effect for the name of a condition.
        let is_next_policy = ["permit", "forbid"].iter().any(|effect| before.trim_end().ends_with(effect));
        let is_open = before.contains(')');
        let is_end =
            message.contains("expected `;`") || (is_next_policy && is_open && message.contains("expected `{`"));
        if is_end { Self::Semicolon } else { Self::Syntax }
    }

    /// The fault that Cedar's validator finds.
    pub(crate) fn of_validation(error: &ValidationError) -> Self {
        match error {
            ValidationError::UnrecognizedEntityType(_) => Self::EntityType,
            ValidationError::UnrecognizedActionId(_) => Self::Action,
            ValidationError::UnsafeAttributeAccess(_) => Self::Attribute,
            ValidationError::UnsafeOptionalAttributeAccess(_) => Self::OptionalAttribute,
            ValidationError::InvalidEnumEntity(_) => Self::Name,
            ValidationError::UnexpectedType(_) | ValidationError::IncompatibleTypes(_) => Self::Type,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::error::PolicyError;
    use crate::policies::Policies;
    use crate::zone::Zone;

    use super::*;

    const OPEN: &str = r#"permit (principal, action == Action::"OpenStudio", resource)"#;

    fn fault(text: &str) -> PolicyFault {
        let files = [("x.cedar".to_owned(), text.to_owned())];
        match Policies::parse(&files, Zone::named("UTC").expect("a zone")).expect_err(text) {
            PolicyError::Syntax { fault, .. } | PolicyError::Invalid { fault, .. } => fault,
            other => panic!("{text}: {other}"),
        }
    }

    #[test]
    fn the_kind_of_a_fault_is_told() {
        let when = |condition: &str| format!("{OPEN} when {{ {condition} }};");
        for (text, expected) in [
            (OPEN.to_owned(), PolicyFault::Semicolon),
            (format!("{OPEN}\n{OPEN};"), PolicyFault::Semicolon),
            (format!("{OPEN}\n@id(\"b\")\n{OPEN};"), PolicyFault::Semicolon),
            (
                format!("{OPEN} when {{ resource.production }}\n\nforbid (principal, action, resource);"),
                PolicyFault::Semicolon,
            ),
            (when("principal in Group::\u{201c}x\u{201d}"), PolicyFault::Quotes),
            (format!("{};", OPEN.replace('"', "\u{201d}")), PolicyFault::Quotes),
            (format!("{};", OPEN.replace('"', "'")), PolicyFault::Quotes),
            (when("principal.name == \u{2018}x\u{2019}"), PolicyFault::Quotes),
            (format!("# who\n{OPEN};"), PolicyFault::Comment),
            (format!("/* who */\n{OPEN};"), PolicyFault::Comment),
            ("{\"Version\":\"2012-10-17\",\"Statement\":[]}".to_owned(), PolicyFault::OtherText(OtherText::Json)),
            ("{\"staticPolicies\":{}}".to_owned(), PolicyFault::OtherText(OtherText::Json)),
            ("<!DOCTYPE html><html></html>".to_owned(), PolicyFault::OtherText(OtherText::Html)),
            ("[[entry]]\nid = \"x\"\n".to_owned(), PolicyFault::OtherText(OtherText::Toml)),
            ("policies:\n  - permit\n".to_owned(), PolicyFault::OtherText(OtherText::Yaml)),
            ("https://corp.example/x.cedar".to_owned(), PolicyFault::OtherText(OtherText::Url)),
            (when("principal in Groups::\"x\""), PolicyFault::EntityType),
            (when("principal == user::\"x\""), PolicyFault::EntityType),
            (format!("{};", OPEN.replace("OpenStudio", "openStudio")), PolicyFault::Action),
            (format!("{};", OPEN.replace("OpenStudio", "Open")), PolicyFault::Action),
            (format!("{};", OPEN.replace("Action::", "action::")), PolicyFault::Action),
            (when("context.hours > 5"), PolicyFault::Attribute),
            (when("resource.prod"), PolicyFault::Attribute),
            (when("resource.team == \"x\""), PolicyFault::OptionalAttribute),
            (when("context.weekday == Weekday::\"Saturday\""), PolicyFault::Name),
            (when("context.hour > \"5\""), PolicyFault::Type),
            (when("context.weekday == \"Mon\""), PolicyFault::Type),
            (when("false"), PolicyFault::Impossible),
            (when("principal is Group"), PolicyFault::Impossible),
            (when("principal = User::\"x\""), PolicyFault::Syntax),
            (when("resource.production and true"), PolicyFault::Syntax),
            (when("principal.name == \"x"), PolicyFault::Syntax),
            (format!("allow {};", OPEN.trim_start_matches("permit")), PolicyFault::Syntax),
        ] {
            assert_eq!(fault(&text), expected, "{text}");
        }
    }
}
