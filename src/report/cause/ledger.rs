//! The causes of a ledger that is not valid, by the item `ledger` of `check`.

use studio_acs_ledger::{LedgerError, LedgerFault, LedgerStartError};
use studio_acs_refusal::OtherText;

use super::text::{other_cause, source_cause};
use super::{Cause, causes};

causes! {
    JSON = "ledger_is_other_json", ["ledger"],
        "the text is JSON of another form, such as an export of a table or an API's answer",
        "write an object with the list entry, {\"entry\": [{\"id\": …, \"user\": …, \"domain\": …}]}, or TOML: docs/ledger.md";
    YAML = "ledger_is_yaml", ["ledger"],
        "the text is YAML",
        "write each entry in TOML, [[entry]] and below it lines such as user = \"alice\", or the whole ledger in JSON: docs/ledger.md";
    ROWS = "ledger_is_a_spreadsheet", ["ledger"],
        "the text has rows with commas, semicolons or tabs between values, as a spreadsheet writes it",
        "write each row as an entry in TOML, [[entry]] and below it lines such as user = \"alice\": docs/ledger.md";
    OTHER = "ledger_is_other_text", ["ledger"],
        "the text is XML, a key or a certificate",
        "let STUDIO_ACS_LEDGER name the ledger, which is TOML or JSON: docs/ledger.md";
    TYPOGRAPHY = "ledger_typographic_characters", ["ledger"],
        "a word processor or a chat wrote curly quotation marks, no-break spaces or characters without width",
        "write straight quotation marks and plain spaces in the line, in an editor for plain text";
    UNQUOTED = "ledger_text_unquoted", ["ledger"],
        "a text or an account's number stands without quotation marks, or a switch is written yes or True",
        "put the text in quotation marks, as in user = \"alice\" and account = \"111122223333\"; write true and false in small letters without any";
    TIME_UNQUOTED = "ledger_time_unquoted", ["ledger"],
        "a time stands without quotation marks",
        "write the time in quotation marks, in full and with its zone: valid_until = \"2026-12-31T23:59:59Z\"";
    TIME = "ledger_time_form", ["ledger"],
        "a time is a date only, or written as people or spreadsheets do",
        "write date, T, time and zone (RFC 3339): valid_until = \"2026-12-31T23:59:59Z\" or \"2026-12-31T23:59:59+01:00\"";
    TABLE_UNKNOWN = "ledger_table_unknown", ["ledger"],
        "a table or a field stands where only entry, team, revoked and links can: it is misspelt, or the heading of its entry is missing",
        "write [[entry]] above each entry; the other tables are [[team]], [[revoked]] and [links.ALIAS]";
    TABLE_ALONE = "ledger_entry_single_brackets", ["ledger"],
        "entry, team or revoked is one table or a value, and a ledger has lists of them",
        "write two brackets, [[entry]], above each entry, and the name in id; in JSON write a list";
    FIELD_UNKNOWN = "ledger_field_unknown", ["ledger"],
        "no entry has a field of this name",
        "correct the field's name, or remove the line: docs/ledger.md lists all fields; what policies alone read stands under [entry.tags]";
    FIELD_MISSING = "ledger_field_missing", ["ledger"],
        "a record lacks a field that it needs",
        "add the field that the line names: an entry needs id, domain and user or group, a revocation user and why, a team name and over_budget";
    FIELD_TYPE = "ledger_field_type", ["ledger"],
        "a value has another type than its field: a number for a text, a text for a number or switch, or a list for one name",
        "write texts, accounts and IDs in quotation marks, numbers, true and false without; for several users write an entry each, or one entry for their group";
    KEY_TWICE = "ledger_key_twice", ["ledger"],
        "a field stands twice in one entry, or a table twice",
        "remove one of them; where the next entry should begin, write [[entry]]";
    SYNTAX = "ledger_syntax", ["ledger"],
        "the line is neither TOML nor JSON: a sign, a bracket or a quotation mark is missing or too many",
        "correct the line: in TOML a field is written user = \"alice\"; JSON has no comments, and no comma after the last member";
    TOO_LARGE = "ledger_too_large", ["ledger"],
        "the ledger has more than 5,000 entries or 1 MiB",
        "write entries for groups in place of users, or keep the ledger in a table: dynamodb:TABLE";
    TWICE = "ledger_record_twice", ["ledger"],
        "two records have one ID, or are for one user or team",
        "give each entry an ID of its own, and remove the second record of a user or team";
    SHARED = "ledger_profile_of_two_users", ["ledger"],
        "two users may open one user profile",
        "give each user a profile of their own, such as profile = \"{user}-{team}\"; if both names are one user's, keep one";
    ENTRY = "ledger_entry_invalid", ["ledger"],
        "a value of an entry is not one that its field takes",
        "correct the value as the line says: docs/ledger.md";
}

/// Returns the cause of a ledger that cannot be had at start.
pub fn ledger_cause(error: &LedgerStartError) -> &'static Cause {
    match error {
        LedgerStartError::Unreadable(error) => source_cause(error, true),
        LedgerStartError::Invalid { error: LedgerError::Malformed { fault, .. }, .. } => fault_cause(*fault),
        LedgerStartError::Invalid { .. } => &ENTRY,
    }
}

fn fault_cause(fault: LedgerFault) -> &'static Cause {
    match fault {
        LedgerFault::OtherText(other) => other_cause(other).unwrap_or(match other {
            OtherText::Json => &JSON,
            OtherText::Yaml => &YAML,
            OtherText::Rows => &ROWS,
            _ => &OTHER,
        }),
        LedgerFault::Typography => &TYPOGRAPHY,
        LedgerFault::Time => &TIME,
        LedgerFault::TimeUnquoted => &TIME_UNQUOTED,
        LedgerFault::Unquoted => &UNQUOTED,
        LedgerFault::TableUnknown => &TABLE_UNKNOWN,
        LedgerFault::TableAlone => &TABLE_ALONE,
        LedgerFault::FieldUnknown => &FIELD_UNKNOWN,
        LedgerFault::FieldMissing => &FIELD_MISSING,
        LedgerFault::FieldType => &FIELD_TYPE,
        LedgerFault::KeyTwice => &KEY_TWICE,
        LedgerFault::Syntax => &SYNTAX,
        LedgerFault::TooLarge => &TOO_LARGE,
        LedgerFault::RecordTwice => &TWICE,
        LedgerFault::SharedProfile => &SHARED,
        _ => &ENTRY,
    }
}
