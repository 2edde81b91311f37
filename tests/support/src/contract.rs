//! Lines of the log, held to the deployment's contract.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

/// The fields of every line.
const COMMON: [&str; 5] = ["time", "timestamp", "level", "message", "target"];

/// Each message that alarms read, and its fields.
static MESSAGES: LazyLock<Vec<(String, BTreeSet<String>)>> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/checks/contract.json");
    let contract: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a contract")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let fields = |row: &Value| row["fields"].as_array().expect("fields").iter().map(text).collect();
    contract["log_messages"].as_array().expect("rows").iter().map(|row| (text(&row["message"]), fields(row))).collect()
});

/// Fails where a line of a message that alarms read has other fields than the contract says. A sign-in has some of them by
/// its outcome, and a line for several refusals has few.
pub(crate) fn assert_fields(log: &str) {
    for line in log.lines() {
        let Ok(Value::Object(line)) = serde_json::from_str(line) else { continue };
        let Some((message, fields)) = MESSAGES.iter().find(|(message, _)| line["message"] == **message) else {
            continue;
        };
        let found: BTreeSet<_> = line.keys().filter(|name| !COMMON.contains(&name.as_str())).cloned().collect();
        let fits = if message == "sign-in" { found.is_subset(fields) } else { found == *fields };
        assert!(fits, "{message}: the contract has the fields {fields:?}, and the line {found:?}");
    }
}
