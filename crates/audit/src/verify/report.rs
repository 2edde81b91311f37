//! Records that are whole, as far as they go.

use std::collections::BTreeMap;
use std::fmt;

use studio_acs_refusal::counted;

/// Records that are whole, as far as they go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many records each chain has, by the chain's id.
    pub chains: BTreeMap<String, u64>,
    /// The fingerprint of each chain's last record, by the chain's id.
    pub ends: BTreeMap<String, String>,
    /// The first and the last number of each series of processes, by the series' id.
    pub series: BTreeMap<String, (u64, u64)>,
    /// Chains whose process has no number.
    pub unnumbered: u64,
    /// Records whose seals were not checked, since no key was given.
    pub unchecked_seals: u64,
    /// URLs that were minted.
    pub mints: u64,
    /// Records that came again, unchanged: a delivery was repeated.
    pub repeated: u64,
    /// Lines that are no records, such as the rest of a log.
    pub other_lines: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (chain, records) in &self.chains {
            let end = self.ends.get(chain).map(String::as_str).unwrap_or_default();
            let records = counted(*records, "record");
            writeln!(f, "chain {chain}: {records}, whole as far as it goes, to {end}")?;
        }
        for (series, (first, last)) in &self.series {
            writeln!(f, "series {series}: processes {first} to {last}, none of them missing")?;
        }
        let Self { unnumbered, unchecked_seals, mints, repeated, other_lines, .. } = self;
        if *unnumbered > 0 {
            writeln!(f, "{unnumbered} chains have no process number: whether others like them are missing is unknown")?;
        }
        if *unchecked_seals > 0 {
            writeln!(
                f,
                "{unchecked_seals} records are sealed, and their seals were not checked: no --seal-key was given"
            )?;
        }
        writeln!(f, "{mints} URLs were minted")?;
        writeln!(f, "{repeated} records were there again, unchanged; {other_lines} lines are no records")
    }
}
