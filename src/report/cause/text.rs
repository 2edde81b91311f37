//! The causes of a ledger or a policy that cannot be read, or that is a text of another kind.

use studio_acs_aws::SourceError;
use studio_acs_refusal::OtherText;

use super::{Cause, causes};

causes! {
    NO_FILE = "text_file_missing", ["ledger", "policy"],
        "no file has the path that the setting names",
        "correct the path in the setting that the line names; for a parameter or a secret write ssm:NAME or secretsmanager:NAME";
    TABLE = "ledger_table_without_prefix", ["ledger"],
        "no file has this name, which may be a table's: without dynamodb: before it, it is a file's",
        "write dynamodb:TABLE in STUDIO_ACS_LEDGER; for a file write its path, such as ./ledger.toml";
    PLACE = "text_place_without_prefix", ["ledger", "policy"],
        "the setting holds an ARN or an address, and a place without a known prefix is a file's path",
        "write ssm:, secretsmanager: or, for a ledger's table, dynamodb: before the name or ARN; a text at another address has to be kept at one of these places or in a file";
    UNREADABLE = "text_file_unreadable", ["ledger", "policy"],
        "the place is a directory, or a file that the service's user cannot read",
        "let the setting name a file, and let the service's user read it";
    NOT_TEXT = "text_not_utf8", ["ledger", "policy"],
        "the file is no text in UTF-8: an editor or PowerShell stored it as UTF-16 or in a code page, or it is packed",
        "store the file as UTF-8; in PowerShell by Set-Content -Encoding utf8";
    AT_AWS = "text_unreadable_at_aws", ["ledger", "policy"],
        "the parameter or the secret that holds the text cannot be read",
        "correct the name in the setting that the line names, and let the role do ssm:GetParameter or secretsmanager:GetSecretValue, and kms:Decrypt, through endpoints of the VPC";
    PAGE = "text_is_a_page", ["ledger", "policy"],
        "the file is an HTML page: the download was sent to a login page, or a page about the file was stored",
        "store the file itself, such as the raw file of a repository";
    ADDRESS = "text_is_an_address", ["ledger", "policy"],
        "the place holds the address of the text and not the text",
        "keep the text there: the service fetches it from no other address";
}

/// Returns the cause of a text that cannot be read; of the ledger if `is_ledger`, and else of a policy.
pub(super) fn source_cause(error: &SourceError, is_ledger: bool) -> &'static Cause {
    let (SourceError::Absent { place, .. } | SourceError::Unreadable { place, .. }) = error else { return &NOT_TEXT };
    let is_absent = matches!(error, SourceError::Absent { .. });
    if place.starts_with("ssm:") || place.starts_with("secretsmanager:") {
        return &AT_AWS;
    }
    let is_table = is_ledger && !place.contains(['/', '\\', '.', ':']);
    match (is_absent, has_scheme(place), is_table) {
        (true, true, _) => &PLACE,
        (true, _, true) => &TABLE,
        (true, ..) => &NO_FILE,
        (false, ..) => &UNREADABLE,
    }
}

/// Whether the place is an ARN, an address, or has another prefix than those that are known.
pub(super) fn has_scheme(place: &str) -> bool {
    place.split_once(':').is_some_and(|(scheme, _)| scheme.len() > 1 && !scheme.contains(['/', '.']))
}

/// Returns the cause of a text of this kind, where neither a ledger nor a policy could be of it.
pub(super) fn other_cause(other: OtherText) -> Option<&'static Cause> {
    match other {
        OtherText::Html => Some(&PAGE),
        OtherText::Url => Some(&ADDRESS),
        _ => None,
    }
}
