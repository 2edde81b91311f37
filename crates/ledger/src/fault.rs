//! The kind of a fault in the ledger's text, as far as the parser's words and the line tell it.

use studio_acs_refusal::{OtherText, is_plain, near_miss};

/// The kind of a fault in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LedgerFault {
    /// The text is of another language.
    OtherText(OtherText),
    /// A quotation mark or a space that a word processor wrote.
    Typography,
    /// A time in a form that is not RFC 3339.
    Time,
    /// A time without quotation marks.
    TimeUnquoted,
    /// A text without quotation marks.
    Unquoted,
    /// A table that no ledger has.
    TableUnknown,
    /// `[entry]` or another table in place of `[[entry]]`.
    TableAlone,
    /// A field that no table of this name has.
    FieldUnknown,
    /// A required field is missing.
    FieldMissing,
    /// A value of another type.
    FieldType,
    /// A key stands twice.
    KeyTwice,
    /// Neither TOML nor JSON.
    Syntax,
    /// The text or the number of its entries is too large.
    TooLarge,
    /// A second record of one ID, user or team.
    RecordTwice,
    /// Two users may open one profile.
    SharedProfile,
    /// A value of an entry that is not valid.
    Entry,
}

/// The fields that are times.
const TIMES: [&str; 3] = ["valid_from", "valid_until", "since"];

impl LedgerFault {
    /// The fault that a parser calls `message`, in this line of this text.
    pub(crate) fn of(message: &str, text: &str, line: &str) -> Self {
        let begins = |start: &str| message.starts_with(start);
        let (key, value) = assignment(line);
        let is_time = TIMES.contains(&key);
        if begins("unknown field") {
            let is_of_ledger = message.contains("expected one of `entry`");
            return if is_of_ledger { Self::TableUnknown } else { Self::FieldUnknown };
        }
        if begins("missing field") {
            return Self::FieldMissing;
        }
        if begins("duplicate") {
            return Self::KeyTwice;
        }
        if begins("invalid type: map, expected a sequence") {
            return Self::TableAlone;
        }
        if is_time && !value.starts_with(['"', '\'']) && value.starts_with(|c: char| c.is_ascii_digit()) {
            return if value.contains(['-', '.', '/', ':']) { Self::TimeUnquoted } else { Self::Time };
        }
        if begins("invalid type") || begins("invalid value") {
            return Self::FieldType;
        }
        if let Some(other) = OtherText::of(text).filter(|other| !matches!(other, OtherText::Toml)) {
            let is_ours = other == OtherText::Json && text.trim_start().starts_with('{');
            if !is_ours {
                return Self::OtherText(other);
            }
        }
        if line.chars().any(is_typographic) {
            return Self::Typography;
        }
        let is_unquoted = ["string values must be quoted", "invalid boolean", "unexpected leading zero"];
        if is_unquoted.iter().any(|start| begins(start)) { Self::Unquoted } else { Self::Syntax }
    }
}

/// Key and value of a line; both empty for another line.
fn assignment(line: &str) -> (&str, &str) {
    let (key, value) = line.split_once(['=', ':']).unwrap_or_default();
    (key.trim().trim_matches('"'), value.trim())
}

/// Whether a word processor writes `c` where a program expects a straight quotation mark or a space.
fn is_typographic(c: char) -> bool {
    "\u{ab}\u{bb}\u{2018}\u{2019}\u{201a}\u{201c}\u{201d}\u{201e}\u{2032}\u{2033}".contains(c)
        || (c != ' ' && c != '\t' && (c.is_whitespace() || !is_plain(c)))
}

/// The parser's words; of an unknown name, the one that it most likely stands for in place of all of them.
pub(crate) fn explained(message: &str, fault: LedgerFault) -> String {
    if fault == LedgerFault::TimeUnquoted {
        return format!("a time without quotation marks: {message}");
    }
    let mut names = message.split('`').skip(1).step_by(2);
    let near =
        names.next().filter(|_| message.starts_with("unknown field")).map(|wrong| (wrong, near_miss(wrong, names)));
    match near {
        Some((wrong, Some(near))) => format!("unknown field `{wrong}`: the nearest is `{near}`"),
        _ => message.to_owned(),
    }
}

/// The line, counted from one, of the field of the entry with this ID that `reason` names first, or of the ID.
pub(crate) fn line_of(text: &str, id: &str, reason: &str) -> Option<usize> {
    let is = |line: &str, field: &str| assignment(line.trim()).0 == field;
    let is_id = |line: &str| {
        let value = assignment(line.trim()).1.trim_start_matches(['"', '\'']);
        is(line, "id") && value.strip_prefix(id).is_some_and(|rest| rest.starts_with(['"', '\'']))
    };
    let at = text.lines().position(is_id)?;
    let field = reason.split('`').nth(1).unwrap_or_default();
    let end = |line: &&str| !line.trim_start().starts_with("[[");
    let after = text.lines().skip(at).take_while(end).position(|line| is(line, field));
    at.checked_add(after.unwrap_or_default())?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use crate::error::LedgerError;
    use crate::index::Index;

    use super::*;

    const ENTRY: &str = "[[entry]]\nid = \"a\"\nuser = \"alice\"\ndomain = \"d-a\"\n";

    fn fault(text: &str) -> (LedgerFault, String) {
        match Index::parse(text).expect_err(text) {
            LedgerError::Malformed { entry, fault, .. } => (fault, entry),
            other => panic!("{text}: {other}"),
        }
    }

    #[test]
    fn the_kind_of_a_fault_is_told_with_its_line() {
        let and = |line: &str| format!("{ENTRY}{line}\n");
        for (text, expected, line) in [
            (and("valid_until = 2026-12-31T00:00:00Z"), LedgerFault::TimeUnquoted, 5),
            (and("valid_until = 2026-12-31"), LedgerFault::TimeUnquoted, 5),
            (and("valid_until = 31.12.2026"), LedgerFault::TimeUnquoted, 5),
            (and("valid_until = 12/31/2026"), LedgerFault::TimeUnquoted, 5),
            (and("valid_until = 1798675200"), LedgerFault::Time, 5),
            (and("valid_until = \"31.12.2026\""), LedgerFault::Time, 5),
            (and("valid_from = \"2026-12-31\""), LedgerFault::Time, 5),
            (and("valid_until = \"2026-12-31 00:00\""), LedgerFault::Time, 5),
            (and("valid_untill = \"2026-12-31T00:00:00Z\""), LedgerFault::FieldUnknown, 5),
            (ENTRY.replace("entry", "entries"), LedgerFault::TableUnknown, 1),
            (ENTRY.replace("[[entry]]\n", ""), LedgerFault::TableUnknown, 3),
            (ENTRY.replace("[[entry]]", "[entry]"), LedgerFault::TableAlone, 1),
            (ENTRY.replace("[[entry]]", "[entry.a]"), LedgerFault::TableAlone, 1),
            (ENTRY.replace("\"alice\"", "\u{201c}alice\u{201d}"), LedgerFault::Typography, 3),
            (ENTRY.replace("\"alice\"", "\u{201e}alice\u{201c}"), LedgerFault::Typography, 3),
            (ENTRY.replace("user = ", "user\u{a0}=\u{a0}"), LedgerFault::Typography, 3),
            (ENTRY.replace("\"alice\"", "alice"), LedgerFault::Unquoted, 3),
            (and("production = yes"), LedgerFault::Unquoted, 5),
            (and("production = True"), LedgerFault::Unquoted, 5),
            (and("account = 011122223333"), LedgerFault::Unquoted, 5),
            (and("account = 111122223333"), LedgerFault::FieldType, 5),
            (and("production = \"yes\""), LedgerFault::FieldType, 5),
            (ENTRY.replace("\"alice\"", "[\"alice\", \"bob\"]"), LedgerFault::FieldType, 3),
            (ENTRY.replace("domain", "# domain"), LedgerFault::FieldMissing, 1),
            (and("user = \"bob\""), LedgerFault::KeyTwice, 5),
            (and("role = \"arn:aws:iam::1:role/x\""), LedgerFault::Entry, 5),
            (ENTRY.repeat(2), LedgerFault::RecordTwice, 2),
            (
                format!(
                    "{ENTRY}{}",
                    and("profile = \"alice\"").replace("\"a\"", "\"b\"").replace("user = \"alice\"", "user = \"bob\"")
                ),
                LedgerFault::SharedProfile,
                6,
            ),
            (ENTRY.replace("user = ", "user: "), LedgerFault::Syntax, 3),
            ("entry:\n  - id: a\n".to_owned(), LedgerFault::OtherText(OtherText::Yaml), 0),
            ("id,user,domain\na,alice,d-a\n".to_owned(), LedgerFault::OtherText(OtherText::Rows), 0),
            ("id\tuser\tdomain\n".to_owned(), LedgerFault::OtherText(OtherText::Rows), 0),
            ("<!DOCTYPE html><html></html>".to_owned(), LedgerFault::OtherText(OtherText::Html), 0),
            ("[{\"id\": \"a\"}]".to_owned(), LedgerFault::OtherText(OtherText::Json), 0),
            ("{\"entry\": [\n{\"id\": \"a\",}]}".to_owned(), LedgerFault::Syntax, 2),
            ("{\n\"Items\": []}".to_owned(), LedgerFault::TableUnknown, 2),
            ("{\"entry\": [\n{\"id\": \"a\", \"domian\": \"d-a\"}]}".to_owned(), LedgerFault::FieldUnknown, 2),
        ] {
            let (fault, entry) = fault(&text);
            assert_eq!(fault, expected, "{text}");
            // The fault of a text of another language is in all of it.
            let place = if line == 0 { "the text".to_owned() } else { format!("line {line}") };
            assert!(entry == place || entry.starts_with(&format!("{place}, entry ")), "{entry}: {text}");
        }
    }

    #[test]
    fn a_misspelt_field_is_told_with_the_nearest_one() {
        for (line, reason) in [
            ("valid_untill = \"x\"", "unknown field `valid_untill`: the nearest is `valid_until`"),
            ("username = \"x\"", "unknown field `username`: the nearest is `user`"),
            ("domain_id = \"x\"", "unknown field `domain_id`: the nearest is `domain`"),
            ("colour = \"x\"", "unknown field `colour`, expected one of `id`, `title`, "),
        ] {
            let error = Index::parse(&format!("{ENTRY}{line}\n")).expect_err(line).to_string();
            assert!(error.starts_with(&format!("line 5: {reason}")), "{error}");
        }
    }
}
