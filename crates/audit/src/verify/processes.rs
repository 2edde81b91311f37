//! The processes that share a counter: is one missing between the first and the last?

use std::collections::BTreeMap;

use super::broken::Break;
use crate::process_counter::ProcessNumber;

/// The start records, by series and number.
#[derive(Debug, Default)]
pub(super) struct Processes {
    series: BTreeMap<String, BTreeMap<u64, Start>>,
    /// The number of each chain, `None` where its process has none.
    numbers: BTreeMap<String, Option<u64>>,
}

#[derive(Debug)]
struct Start {
    line: u64,
    chain: String,
    previous: Option<String>,
}

impl Processes {
    /// Takes the start record of a chain.
    pub(super) fn add(&mut self, line: u64, chain: &str, number: Option<ProcessNumber>) -> Result<(), Break> {
        self.numbers.insert(chain.to_owned(), number.as_ref().map(|number| number.number));
        let Some(ProcessNumber { series, number, previous }) = number else { return Ok(()) };
        let start = Start { line, chain: chain.to_owned(), previous };
        match self.series.entry(series.clone()).or_default().insert(number, start) {
            None => Ok(()),
            Some(other) => Err(Break::Renumbered { line, series, number, chain: chain.to_owned(), other: other.chain }),
        }
    }

    /// Checks that no number between the first and the last of a series is without a chain.
    pub(super) fn check(&self) -> Result<(), Break> {
        for (series, starts) in &self.series {
            for ((before, earlier), (number, start)) in starts.iter().zip(starts.iter().skip(1)) {
                let (after, covered) = (before.saturating_add(1), self.covered(*number, start));
                if covered > after {
                    let (series, last) = (series.clone(), covered.saturating_sub(1));
                    // The one with the number just before this one's is named; of others nobody speaks.
                    let named = start.previous.clone().filter(|_| covered == *number);
                    return Err(Break::MissingProcesses { line: start.line, series, first: after, last, named });
                }
                if *number == after && start.previous.as_ref() != Some(&earlier.chain) {
                    return Err(Break::Renumbered {
                        line: start.line,
                        series: series.clone(),
                        number: *before,
                        chain: start.previous.clone().unwrap_or_else(|| "none".to_owned()),
                        other: earlier.chain.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The lowest number that this start record accounts for: its own, or the one before, whose process may have got it in
    /// an answer that was lost, and has none or a later one.
    fn covered(&self, number: u64, start: &Start) -> u64 {
        let before = number.saturating_sub(1);
        let previous = start.previous.as_ref().and_then(|chain| self.numbers.get(chain));
        if previous.is_some_and(|found| found.is_none_or(|found| found >= before)) { before } else { number }
    }

    /// The first and the last number of each series.
    pub(super) fn spans(&self) -> BTreeMap<String, (u64, u64)> {
        let span = |starts: &BTreeMap<u64, Start>| {
            let (number, start) = starts.first_key_value()?;
            Some((self.covered(*number, start), *starts.last_key_value()?.0))
        };
        self.series.iter().filter_map(|(series, starts)| Some((series.clone(), span(starts)?))).collect()
    }

    /// How many chains have no number.
    pub(super) fn unnumbered(&self) -> u64 {
        u64::try_from(self.numbers.values().filter(|number| number.is_none()).count()).unwrap_or(u64::MAX)
    }
}
