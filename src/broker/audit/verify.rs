//! Is the record whole? Lines of records → [`Report`], or the first [`Break`].
//!
//! A chain cannot tell whether its last records are missing, and whether an attacker who could write all of them wrote
//! all of them again. A copy in a second place, or the number that another sink has reached, can.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::BufRead;

use serde_json::{Map, Value};

use super::chain::{canonical, hash};

/// Records that are whole, as far as they go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many records each chain has, by the chain's id.
    pub chains: BTreeMap<String, u64>,
    /// Records that came again, unchanged: a delivery was repeated.
    pub repeated: u64,
    /// Lines that are no records, such as the rest of a log.
    pub other_lines: u64,
}

/// The first record that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Break {
    /// Its fingerprint is not that of its text.
    #[error("line {line}: record {sequence} of chain {chain} is altered: its fingerprint is not that of its text")]
    Altered {
        /// The line, from 1.
        line: u64,
        /// The chain it says it is of.
        chain: String,
        /// The number it says it has.
        sequence: u64,
    },
    /// One or more records before it are missing.
    #[error("line {line}: record {expected} of chain {chain} is missing before record {sequence}")]
    Missing {
        /// The line, from 1.
        line: u64,
        /// The chain.
        chain: String,
        /// The first that is missing.
        expected: u64,
        /// The one that was found instead.
        sequence: u64,
    },
    /// The one that was to come stands after it.
    #[error("line {line}: record {sequence} of chain {chain} is out of order: record {expected} was to come")]
    OutOfOrder {
        /// The line, from 1.
        line: u64,
        /// The chain.
        chain: String,
        /// The one that was to come.
        expected: u64,
        /// The one that was found.
        sequence: u64,
    },
    /// It does not follow the record before it, or another one has its number.
    #[error(
        "line {line}: record {sequence} of chain {chain} does not follow what came before it: one of them is forged"
    )]
    Forged {
        /// The line, from 1.
        line: u64,
        /// The chain.
        chain: String,
        /// The record.
        sequence: u64,
    },
}

/// Why a verification fails, or cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The record is not whole.
    #[error(transparent)]
    Broken(#[from] Break),
    /// The input cannot be read.
    #[error("line {line}: {error}")]
    Unreadable {
        /// The line, from 1.
        line: u64,
        /// Why.
        error: std::io::Error,
    },
    /// It holds no record.
    #[error("there is no record in it")]
    Empty,
}

/// A chain as far as it was read: the fingerprints of its records.
#[derive(Default)]
struct Read(Vec<String>);

/// A line that says it is a record.
struct Claimed {
    chain: String,
    sequence: u64,
    previous: Option<String>,
    fingerprint: String,
    is_genuine: bool,
}

/// Reads the lines of one or several processes, which may be mixed, and mixed with others. With `in_any_order` the
/// records of each chain are put into their order first, for sinks that keep none.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(input: impl BufRead, in_any_order: bool) -> Result<Report, VerifyError> {
    let (mut report, mut claims) = (Report::default(), Vec::new());
    let mut line: u64 = 0;
    for bytes in input.split(b'\n') {
        line = line.saturating_add(1);
        let bytes = bytes.map_err(|error| VerifyError::Unreadable { line, error })?;
        match Claimed::read(bytes.trim_ascii()) {
            Some(claimed) => claims.push((line, claimed)),
            None => report.other_lines = report.other_lines.saturating_add(u64::from(!bytes.trim_ascii().is_empty())),
        }
    }
    if in_any_order {
        claims.sort_by_key(|(_, claimed)| claimed.sequence);
    }
    let present: BTreeSet<_> = claims.iter().map(|(_, claimed)| (claimed.chain.clone(), claimed.sequence)).collect();
    let mut chains: BTreeMap<String, Read> = BTreeMap::new();
    for (line, claimed) in claims {
        let chain = chains.entry(claimed.chain.clone()).or_default();
        if !chain.take(line, claimed, &present)? {
            report.repeated = report.repeated.saturating_add(1);
        }
    }
    if chains.is_empty() {
        return Err(VerifyError::Empty);
    }
    let count = |read: &Read| u64::try_from(read.0.len()).unwrap_or(u64::MAX);
    report.chains = chains.iter().map(|(id, read)| (id.clone(), count(read))).collect();
    Ok(report)
}

impl Read {
    /// Whether the record is the next one; it may also be one that came already.
    fn take(&mut self, line: u64, claimed: Claimed, present: &BTreeSet<(String, u64)>) -> Result<bool, Break> {
        let Claimed { chain, sequence, previous, fingerprint, is_genuine } = claimed;
        if !is_genuine {
            return Err(Break::Altered { line, chain, sequence });
        }
        let place = usize::try_from(sequence).unwrap_or(usize::MAX);
        let expected = u64::try_from(self.0.len()).unwrap_or(u64::MAX);
        if sequence > expected {
            return Err(if present.contains(&(chain.clone(), expected)) {
                Break::OutOfOrder { line, chain, expected, sequence }
            } else {
                Break::Missing { line, chain, expected, sequence }
            });
        }
        match self.0.get(place) {
            Some(known) if *known == fingerprint => Ok(false),
            Some(_) => Err(Break::Forged { line, chain, sequence }),
            None if previous.as_ref() != self.0.last() => Err(Break::Forged { line, chain, sequence }),
            None => {
                self.0.push(fingerprint);
                Ok(true)
            }
        }
    }
}

impl Claimed {
    /// A line of JSON with a place in a chain.
    fn read(line: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        let mut record: Map<String, Value> = serde_json::from_str(text).ok()?;
        let attestation = record.get("unmapped")?.pointer("/attestation_list/0")?;
        let chain = attestation.get("chain_uid")?.as_str()?.to_owned();
        let sequence = record.get("metadata")?.get("sequence")?.as_u64()?;
        let value = |pointer| attestation.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (previous, fingerprint) = (value("/prev_event/fingerprint/value"), value("/fingerprint/value"));
        // A text that is not canonical may say two things, such as a name twice.
        let is_canonical = canonical(&record) == text;
        let attestation = record.get_mut("unmapped")?.pointer_mut("/attestation_list/0")?;
        attestation.as_object_mut()?.remove("fingerprint");
        let is_genuine = is_canonical && fingerprint.as_ref() == Some(&hash(&canonical(&record)));
        Some(Self { chain, sequence, previous, fingerprint: fingerprint.unwrap_or_default(), is_genuine })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (chain, records) in &self.chains {
            writeln!(f, "chain {chain}: {records} records, whole as far as they go")?;
        }
        let Self { repeated, other_lines, .. } = self;
        writeln!(f, "{repeated} records were there again, unchanged; {other_lines} lines are no records")
    }
}
