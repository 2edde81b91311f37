//! Makes mutants and judges what a verifier makes of them.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::case::{Case, Facts};
use fixtures::mutate::{OPERATORS, Random, Source};

/// Verifies a mutant: the facts, or a code.
pub type Verify = dyn Fn(&Case, &[u8]) -> Result<Facts, String>;

/// How often an operator may find nothing to change before it is passed over for a message.
const TRIES: u64 = 4;

pub struct Hunt {
    seed: u64,
    /// Whether the first escape ends the hunt.
    pub one_will_do: bool,
    pub tallies: Vec<(&'static str, Tally)>,
    pub escapes: Vec<Escape>,
}

/// A mutant that broke the promise.
pub struct Escape {
    pub case: String,
    pub operator: &'static str,
    how: String,
    mutant: Vec<u8>,
}

#[derive(Default)]
pub struct Tally {
    pub refused: usize,
    pub accepted: usize,
}

impl Hunt {
    pub fn new(seed: u64) -> Self {
        let tallies = OPERATORS.iter().map(|(name, _)| (*name, Tally::default())).collect();
        Self { seed, one_will_do: false, tallies, escapes: Vec::new() }
    }

    pub fn total(&self) -> usize {
        self.tallies.iter().map(|(_, tally)| tally.refused + tally.accepted).sum()
    }

    /// Makes at least `mutants`, as many of each operator and case as can be.
    pub fn go(&mut self, cases: &[Case], mutants: usize, verify: &Verify) {
        let mut round = 0;
        while self.total() < mutants {
            let before = self.total();
            for at in 0..OPERATORS.len() {
                // Round by round, each operator comes to each case.
                for case in cases {
                    self.one(cases, case, at, round, verify);
                    if self.one_will_do && !self.escapes.is_empty() {
                        return;
                    }
                }
            }
            assert!(self.total() > before, "no operator finds anything to change");
            round += 1;
        }
    }

    fn one(&mut self, cases: &[Case], case: &Case, operator: usize, round: u64, verify: &Verify) {
        let (name, mutate) = OPERATORS[operator];
        let donors: Vec<&Source> = case.donors.iter().map(|donor| &cases[*donor].source).collect();
        let mutant = (0..TRIES).find_map(|attempt| {
            let mut random = Random::of(&format!("{} {name}", case.name), self.seed ^ (round * TRIES + attempt) << 20);
            mutate(&case.source, &donors, &mut random)
        });
        let Some(mutant) = mutant else { return };
        let judged = catch_unwind(AssertUnwindSafe(|| verify(case, &mutant)));
        let tally = &mut self.tallies[operator].1;
        let how = match judged {
            Err(_) => "panicked".to_owned(),
            Ok(Err(_)) => {
                tally.refused += 1;
                return;
            }
            Ok(Ok(facts)) => {
                tally.accepted += 1;
                if case.signed.iter().any(|signed| facts.are_of(signed)) {
                    return;
                }
                format!("was accepted as {facts:?}, not as {:?}", case.signed[0])
            }
        };
        self.escapes.push(Escape { case: case.name.clone(), operator: name, how, mutant });
    }
}

impl Escape {
    /// Writes the mutant to a file, and says what it is.
    pub fn keep(&self) -> String {
        let name = format!("{} {}.xml", self.case, self.operator).replace(['/', ' '], "-");
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let kept = std::fs::write(&file, &self.mutant).map_or_else(|e| e.to_string(), |()| file.display().to_string());
        format!("{}: `{}` {}; kept in {kept}", self.case, self.operator, self.how)
    }
}

/// The table of operators.
impl fmt::Display for Hunt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28} {:>8} {:>8}", "operator", "refused", "accepted")?;
        for (name, tally) in &self.tallies {
            writeln!(f, "{name:<28} {:>8} {:>8}", tally.refused, tally.accepted)?;
        }
        let refused: usize = self.tallies.iter().map(|(_, tally)| tally.refused).sum();
        write!(f, "{:<28} {refused:>8} {:>8}", "all", self.total() - refused)
    }
}
