//! The page of causes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use studio_acs::report::cause::{Cause, all};

const ABOUT: &str = "Every cause of a refusal, under the code that it explains. [`studio-acs verify`](../verify.md) names the cause of a refused \
    response or token with its fix, and the log's field `cause` has its name. A fix says *treat it as an attack* only where nothing \
    harmless explains the refusal.";

pub(super) fn page() -> String {
    let mut body = String::new();
    for (heading, causes) in all() {
        let _ = write!(body, "## {heading}\n\n");
        let mut seen = BTreeSet::new();
        let codes = causes.iter().flat_map(|cause| cause.codes).filter(|code| seen.insert(**code));
        for code in codes {
            let _ = write!(body, "### `{code}`\n\n");
            for Cause { name, meaning, fix, .. } in causes.iter().filter(|cause| cause.codes.contains(code)) {
                let _ = writeln!(body, "- `{name}`: {meaning}.\n  Fix: {fix}.");
            }
            body.push('\n');
        }
    }
    super::page("Causes", ABOUT, &(body.trim_end().to_owned() + "\n"))
}
