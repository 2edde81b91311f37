//! A list of differences that says how many exist and why, and not which: a case is a hash of its name and of each
//! judge's verdict. So no attacker can use the list as inputs that pass another verifier, and still a difference that
//! is new, and a hash that is none any more, fail the test.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// Why cases differ, by a name for the reason.
pub type Reasons = BTreeMap<String, Reason>;

/// One reason, and the cases that it explains.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The section of the specification by which we judge as we do, in a few words.
    pub rule: String,
    /// The number of cases.
    pub count: usize,
    /// Their hashes.
    pub cases: BTreeSet<String>,
}

/// The cases of a run: each hash with the case in clear, which is printed and never stored.
#[derive(Debug, Default)]
pub struct Found(BTreeMap<String, String>);

impl Found {
    /// Adds a case: its name, and what each judge says of it.
    pub fn add(&mut self, name: &str, verdicts: &[(&str, &str)]) {
        let said: Vec<_> = verdicts.iter().map(|(judge, verdict)| format!("{judge} {verdict}")).collect();
        let case = format!("{name}: {}", said.join(", "));
        self.0.insert(hash(&case), case);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The list with these cases: hashes that are none any more are dropped, and new ones stand under a reason without
    /// a name until a maintainer moves them.
    pub fn rewritten(&self, listed: &Reasons) -> Reasons {
        let mut reasons = listed.clone();
        for reason in reasons.values_mut() {
            reason.cases.retain(|case| self.0.contains_key(case));
        }
        let new: BTreeSet<_> = self.new(listed).map(|(hash, _)| hash.clone()).collect();
        reasons.entry(String::new()).or_default().cases.extend(new);
        reasons.retain(|_, reason| !reason.cases.is_empty());
        for reason in reasons.values_mut() {
            reason.count = reason.cases.len();
        }
        reasons
    }

    /// The faults of the list: new cases, in clear, for whoever finds the reason; reasons without words.
    pub fn complaints(&self, listed: &Reasons) -> Vec<String> {
        let new = self.new(listed).map(|(hash, case)| format!("new      {hash} {case}"));
        let wordless = listed.iter().filter(|(name, reason)| name.is_empty() || reason.rule.is_empty());
        let wordless = wordless.flat_map(|(name, reason)| reason.cases.iter().map(move |case| (name, case)));
        let clear = |case: &String| self.0.get(case).map_or("stale", String::as_str).to_owned();
        let wordless = wordless.map(|(name, case)| format!("unnamed  {case} {name:?} {}", clear(case)));
        let miscounted = listed.iter().filter(|(_, reason)| reason.count != reason.cases.len());
        let miscounted = miscounted.map(|(name, reason)| format!("count    `{name}`: {}", reason.cases.len()));
        new.chain(wordless).chain(miscounted).collect()
    }

    /// The hashes that are listed and were not found.
    pub fn stale(&self, listed: &Reasons) -> Vec<String> {
        let cases = listed.iter().flat_map(|(name, reason)| reason.cases.iter().map(move |case| (name, case)));
        cases
            .filter(|(_, case)| !self.0.contains_key(*case))
            .map(|(name, case)| format!("stale    {case} {name}"))
            .collect()
    }

    fn new<'f>(&'f self, listed: &'f Reasons) -> impl Iterator<Item = (&'f String, &'f String)> {
        self.0.iter().filter(|(hash, _)| !listed.values().any(|reason| reason.cases.contains(*hash)))
    }
}

/// Advice that follows complaints.
pub const ADVICE: &str = "\
Write the list anew with WRITE_DIFFERENCES=1, which drops what is stale and puts what is new under a reason without a name.
Find out, with the case above at hand, by which rule of the specification we are right; if we are not, it is our bug.
Move the hash under that reason, or a new one: a reason says the rule, and neither the input nor whose software differs.";

/// Whether the list is to be written again.
pub fn is_to_be_written() -> bool {
    std::env::var_os("WRITE_DIFFERENCES").is_some()
}

fn hash(case: &str) -> String {
    digest(&SHA256, case.as_bytes()).as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
