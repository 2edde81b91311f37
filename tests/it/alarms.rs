//! The alarms: each line of the log is counted by the metric filters that its row of the contract names, and by no others.
//! The filters are read as CloudWatch Logs documents them
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};
use studio_acs::http::codes::codes;

/// Filters that count for no alarm of their own: of all sign-ins, of a policy's purpose, and of the gateway's log.
const NO_ALARM: [&str; 5] = ["Accepted", "Refused", "RefusedByCode", "PolicyDenied", "Throttled"];

/// Codes that raise no alarm but `Refused`: mistakes of users and clients, of settings that `check` finds, limits that do
/// their work, and policies and ledgers that refuse as they are meant to.
const UNCOUNTED: &str = "access_revoked another_profile approval_decided approval_expired approval_own \
    approval_text_invalid approval_too_many approval_unknown attribute_ambiguous attribute_invalid attribute_missing \
    audience_mismatch authn_statement_missing condition_unknown conditions_missing destination_mismatch \
    domain_not_allowed encrypted_assertion entry_unknown expired form_invalid form_method_not_allowed form_too_large \
    form_unsupported_media_type groups_incomplete in_response_to ledger_issuer_unnamed malformed_assertion \
    malformed_base64 malformed_request malformed_xml metadata_expired method_not_allowed not_a_response not_yet_valid \
    origin_not_allowed overloaded policy_denied policy_issuer_unnamed policy_needs_approval policy_needs_ticket \
    profile_name_invalid rate_limited_global rate_limited_user recipient_mismatch restart_grace resume_another_page \
    resume_expired resume_failed resume_invalid resume_issuer_untrusted resume_missing session_too_short \
    sign_in_too_many status_not_success token_audience_mismatch token_claim_invalid token_claim_missing \
    token_email_unverified token_expired token_malformed token_missing token_not_yet_valid token_scope_missing \
    token_too_large token_type_mismatch token_use_mismatch too_complex too_large too_many_groups unknown_user \
    unsupported_media_type";

/// A metric filter's pattern.
#[derive(Debug)]
enum Pattern {
    All(Vec<Pattern>),
    Any(Vec<Pattern>),
    Is(String, String),
}

impl Pattern {
    /// The pattern of this text, which is used up; `&&` binds more tightly than `||`.
    fn any(words: &mut Vec<&str>) -> Self {
        Self::list(words, "||", |words| Self::list(words, "&&", Self::one, Self::All), Self::Any)
    }

    fn list<'a>(
        words: &mut Vec<&'a str>,
        operator: &str,
        part: impl Fn(&mut Vec<&'a str>) -> Self,
        all: impl Fn(Vec<Self>) -> Self,
    ) -> Self {
        let mut parts = vec![part(words)];
        while words.first() == Some(&operator) {
            words.remove(0);
            parts.push(part(words));
        }
        all(parts)
    }

    fn one(words: &mut Vec<&str>) -> Self {
        if words[0] == "(" {
            words.remove(0);
            let inner = Self::any(words);
            assert_eq!(words.remove(0), ")");
            return inner;
        }
        let (field, operator, value) = (words.remove(0), words.remove(0), words.remove(0));
        assert_eq!(operator, "=");
        Self::Is(field.strip_prefix("$.").expect("a field").to_owned(), value.trim_matches('"').to_owned())
    }

    fn matches(&self, line: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(line)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(line)),
            Self::Is(field, wanted) => line[field].as_str().is_some_and(|value| is_like(value, wanted)),
        }
    }
}

/// Whether the value is the wanted text, in which a `*` stands for anything.
fn is_like(value: &str, wanted: &str) -> bool {
    match wanted.split_once('*') {
        Some((before, after)) => {
            let rest = value.strip_prefix(before);
            rest.is_some_and(|rest| (0..=rest.len()).any(|at| rest.get(at..).is_some_and(|rest| is_like(rest, after))))
        }
        None => value == wanted,
    }
}

/// The words of a pattern: parentheses, operators, fields, and texts in quotation marks.
fn words(pattern: &str) -> Vec<&str> {
    let (mut words, mut rest) = (Vec::new(), pattern.trim());
    while !rest.is_empty() {
        let length = match rest.as_bytes()[0] {
            b'(' | b')' => 1,
            b'"' => rest[1..].find('"').expect("the other quotation mark") + 2,
            _ => rest.find([' ', ')']).unwrap_or(rest.len()),
        };
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    words
}

/// The patterns of each metric, as the template has them.
static FILTERS: LazyLock<BTreeMap<String, Pattern>> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/stacks/watching.yaml");
    let text = std::fs::read_to_string(file).expect("the template");
    let mut filters = BTreeMap::new();
    for filter in text.split("FilterPattern: '{").skip(1) {
        let (pattern, rest) = filter.split_once("}'").expect("its end");
        let metric = rest.split_once("MetricName: ").and_then(|(_, name)| name.split(',').next()).expect("a metric");
        let pattern = pattern.replace("''", "'");
        let mut words = words(&pattern);
        let parsed = Pattern::any(&mut words);
        assert!(words.is_empty(), "{pattern}: {words:?}");
        assert!(filters.insert(metric.to_owned(), parsed).is_none(), "{metric}");
    }
    filters
});

/// The alarms that count a line of the log.
pub(crate) fn counted(line: &Value) -> Vec<&'static str> {
    let of_alarms = FILTERS.iter().filter(|(metric, _)| !NO_ALARM.contains(&metric.as_str()));
    of_alarms.filter(|(_, pattern)| pattern.matches(line)).map(|(metric, _)| metric.as_str()).collect()
}

/// The alarm of a code's row.
pub(crate) fn of_code(code: &str) -> Vec<&'static str> {
    let row = codes().into_iter().find(|row| row.rule.code == code).unwrap_or_else(|| panic!("no code {code}"));
    row.alarm.map(|alarm| alarm.as_str()).into_iter().collect()
}

#[test]
fn each_code_is_counted_by_the_alarm_of_its_row_alone() {
    assert!(FILTERS.len() > 12, "{FILTERS:?}");
    let mut uncounted = BTreeSet::new();
    for row in codes() {
        let code = row.rule.code;
        let line = json!({"message": "sign-in", "outcome": "refused", "code": code, "count": 1});
        assert_eq!(counted(&line), of_code(code), "{code}");
        assert!(FILTERS["Refused"].matches(&line), "{code}");
        uncounted.extend(row.alarm.is_none().then_some(code));
    }
    assert_eq!(
        uncounted,
        UNCOUNTED.split_whitespace().collect(),
        "a new code needs a decision: an alarm, or this list"
    );
}

#[test]
fn each_message_is_counted_by_the_alarm_of_its_row_alone() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/checks/contract.json");
    let contract: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("the contract")).expect("JSON");
    let rows = contract["log_messages"].as_array().expect("a list");
    for row in rows {
        let expected: Vec<_> = row["alarm"].as_str().into_iter().collect();
        assert_eq!(counted(&json!({"message": row["message"], "level": "ERROR"})), expected, "{row}");
    }
    assert!(rows.len() > 20);
}

/// The names of the messages that the contract lists.
fn listed_messages(root: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root.join("src/command/contract.rs")).expect("the contract's source");
    let (_, list) = text.split_once("LOG_MESSAGES: &[LogMessage] = &[").expect("the list");
    let (list, _) = list.split_once("];").expect("its end");
    let names = list.split(',').filter_map(|path| path.trim().rsplit("::").next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The calls of `tracing::error!` in a source, each with the constant that its message is; `None` where it is none.
fn errors(source: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    source.split("tracing::error!(").skip(1).map(|call| {
        let call = call.split(");").next().expect("its end");
        let message = call.trim_end().trim_end_matches('"').rsplit('"').next().expect("a message");
        (call, message.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))
    })
}

#[test]
fn an_error_without_a_constant_is_told() {
    let calls = r#"tracing::error!(sink, "{SINK_FAILS}"); tracing::error!("{}"); tracing::error!("{NEW}"); tracing::error!("it fails");"#;
    let listed = listed_messages(Path::new(env!("CARGO_MANIFEST_DIR")));
    let found: Vec<_> = errors(calls).map(|(_, name)| name.is_some_and(|name| listed.contains(name))).collect();
    assert_eq!(found, [true, false, false, false]);
}

/// An error that stands in no list of messages has an alarm by nobody's decision.
#[test]
fn each_error_in_the_log_is_a_message_of_the_contract() {
    let (mut count, mut unlisted) = (0, Vec::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = listed_messages(root);
    let mut folders = vec![root.join("src"), root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                let is_ours = !path.ends_with("standins") && !path.ends_with("tests");
                folders.extend(is_ours.then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                for (call, name) in errors(&text) {
                    count += 1;
                    // The caller of `begin` gives the message.
                    if !name.is_some_and(|name| listed.contains(name) || name == "unrecorded") {
                        unlisted.push(format!("{}: {call}", path.display()));
                    }
                }
            }
        }
    }
    assert!(unlisted.is_empty(), "{unlisted:#?}");
    assert!(count > 15 && listed.len() > 20, "{count} errors, {listed:?}");
}
