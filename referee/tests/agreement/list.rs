//! `differences.json`: who verifies what the other refuses.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use studio_acs_referee::Verified;

use crate::judges::Theirs;

/// The whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    /// The reasons that rows share, by the name that the rows use.
    pub reasons: BTreeMap<String, String>,
    /// Taken as signed by us, and not verified by both referees.
    pub we_accept: Vec<Row>,
    /// Refused by us before or at the signatures, and verified by a referee.
    pub we_refuse: Vec<Row>,
}

/// A vector that not all judge alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The vector's name in the manifest.
    pub name: String,
    /// Our code, or `signed`.
    pub ours: String,
    /// Which signatures verify: `every`, the `first`; or none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub libxmlsec1: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bergshamra: String,
    /// The name of the reason.
    pub reason: String,
}

impl Row {
    /// A row with the reason that it had, or one of the same end of name.
    pub fn new(name: String, ours: &str, theirs: &Theirs, listed: &[Row]) -> Self {
        let end = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let before = listed.iter().find(|row| row.name == name).or_else(|| {
            let mut alike = listed.iter().filter(|row| end(&row.name) == end(&name) && row.ours == ours);
            alike.next().filter(|_| alike.next().is_none())
        });
        Self {
            ours: ours.to_owned(),
            libxmlsec1: which(theirs.libxmlsec1),
            bergshamra: which(theirs.bergshamra),
            reason: before.map(|row| row.reason.clone()).unwrap_or_default(),
            name,
        }
    }
}

fn which(verified: Verified) -> String {
    match verified {
        Verified::Nothing => "",
        Verified::FirstSignature => "first",
        Verified::EverySignature => "every",
    }
    .to_owned()
}

impl Differences {
    /// The list as it stands.
    pub fn read() -> Self {
        let text = std::fs::read_to_string(path()).expect("differences.json");
        serde_json::from_str(&text).expect("differences.json holds reasons and rows")
    }

    /// Writes it, a row to a line.
    pub fn write(&self) {
        let line = |row: &Row| format!("    {}", serde_json::to_string(row).expect("a row is JSON"));
        let rows = |rows: &[Row]| match rows {
            [] => "[]".to_owned(),
            rows => format!("[\n{}\n  ]", rows.iter().map(line).collect::<Vec<_>>().join(",\n")),
        };
        let reasons = serde_json::to_string_pretty(&self.reasons).expect("reasons are JSON").replace('\n', "\n  ");
        let (accept, refuse) = (rows(&self.we_accept), rows(&self.we_refuse));
        let text =
            format!("{{\n  \"reasons\": {reasons},\n  \"we_accept\": {accept},\n  \"we_refuse\": {refuse}\n}}\n");
        std::fs::write(path(), text).expect("differences.json can be written");
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.we_accept.iter().chain(&self.we_refuse)
    }

    /// Drops the reasons that no row has.
    pub fn keep_used_reasons(&mut self) {
        let used: Vec<String> = self.rows().map(|row| row.reason.clone()).collect();
        self.reasons.retain(|name, _| used.contains(name));
    }
}

fn path() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/differences.json"))
}
