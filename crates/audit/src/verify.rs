//! Is the record whole? Lines of records → [`Report`], or the first [`Break`].
//!
//! A chain cannot tell whether its last records are missing, or whether an attacker who could write all of them wrote all
//! of them again. Seals tell the second, the numbers of processes tell whether a whole chain is missing before another one,
//! and statements of other sources tell the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

mod broken;
mod claimed;
mod expectation;
mod processes;
mod report;
#[cfg(test)]
mod tests;

use claimed::Claimed;
use processes::Processes;

use crate::seal::SealKey;

pub use broken::{Break, VerifyError};
pub use expectation::Expectation;
pub use report::Report;

/// The demands of a verification.
#[derive(Debug, Default)]
pub struct VerifyRules {
    /// Whether the records of each chain are put into their order first, for sinks that keep none.
    pub in_any_order: bool,
    /// The keys of seals: if there are any, one of them must have sealed each record.
    pub seal_keys: Vec<SealKey>,
    /// The statements of other sources, with which the records are compared.
    pub expected: Vec<Expectation>,
}

/// A chain as far as it was read: the fingerprints of its records.
#[derive(Default)]
struct Read(Vec<String>);

/// Reads the lines of one or several processes, which may be mixed, and mixed with others.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(input: impl BufRead, rules: &VerifyRules) -> Result<Report, VerifyError> {
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
    if rules.in_any_order {
        claims.sort_by_key(|(_, claimed)| claimed.sequence);
    }
    let present: BTreeSet<_> = claims.iter().map(|(_, claimed)| (claimed.chain.clone(), claimed.sequence)).collect();
    let mut chains: BTreeMap<String, Read> = BTreeMap::new();
    let mut processes = Processes::default();
    for (line, mut claimed) in claims {
        let (chain, is_start, is_mint) = (claimed.chain.clone(), claimed.sequence == 0, claimed.is_mint);
        let is_unchecked = rules.seal_keys.is_empty() && claimed.is_sealed();
        let number = claimed.number.take();
        if !chains.entry(chain.clone()).or_default().take(line, claimed, &present, &rules.seal_keys)? {
            report.repeated = report.repeated.saturating_add(1);
            continue;
        }
        if is_start {
            processes.add(line, &chain, number)?;
        }
        report.unchecked_seals = report.unchecked_seals.saturating_add(u64::from(is_unchecked));
        report.mints = report.mints.saturating_add(u64::from(is_mint));
    }
    if chains.is_empty() {
        return Err(VerifyError::Empty);
    }
    let count = |read: &Read| u64::try_from(read.0.len()).unwrap_or(u64::MAX);
    report.chains = chains.iter().map(|(id, read)| (id.clone(), count(read))).collect();
    report.ends = chains.iter().filter_map(|(id, read)| Some((id.clone(), read.0.last()?.clone()))).collect();
    processes.check()?;
    (report.series, report.unnumbered) = (processes.spans(), processes.unnumbered());
    rules.expected.iter().try_for_each(|expectation| expectation.check(&report))?;
    Ok(report)
}

impl Read {
    /// Whether the record is the next one; it may also be one that came already.
    fn take(
        &mut self,
        line: u64,
        claimed: Claimed,
        present: &BTreeSet<(String, u64)>,
        keys: &[SealKey],
    ) -> Result<bool, Break> {
        if !claimed.is_genuine {
            return Err(Break::Altered { line, chain: claimed.chain, sequence: claimed.sequence });
        }
        claimed.check_seal(line, keys)?;
        let Claimed { chain, sequence, previous, fingerprint, .. } = claimed;
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
