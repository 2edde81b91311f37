//! `differences.json`: how many vectors a referee judges otherwise than we do, and why.

use std::path::Path;

use serde::{Deserialize, Serialize};
use studio_acs_referee::Verified;

use crate::agreement::judges::Theirs;
use crate::reasons::{Found, Reasons};

/// The whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    /// Taken as signed by us, and not verified by both referees.
    pub we_accept: Reasons,
    /// Refused by us before or at the signatures, and verified by a referee.
    pub we_refuse: Reasons,
}

impl Differences {
    /// The list as it stands.
    pub fn read() -> Self {
        let text = std::fs::read_to_string(path()).expect("differences.json");
        serde_json::from_str(&text).expect("differences.json holds reasons")
    }

    pub fn write(&self) {
        let text = serde_json::to_string_pretty(self).expect("reasons are JSON");
        std::fs::write(path(), text + "\n").expect("differences.json can be written");
    }
}

/// A vector that not all judge alike.
pub fn add(found: &mut Found, name: &str, ours: &str, theirs: &Theirs) {
    found.add(
        name,
        &[("ours", ours), ("libxmlsec1", which(theirs.libxmlsec1)), ("bergshamra", which(theirs.bergshamra))],
    );
}

/// Which signatures verify.
fn which(verified: Verified) -> &'static str {
    match verified {
        Verified::Nothing => "none",
        Verified::FirstSignature => "first",
        Verified::EverySignature => "every",
    }
}

fn path() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/differences.json"))
}
