//! A statement of another source about the records, with which they are compared.

use std::fmt;

use super::broken::Break;
use super::report::Report;

/// A statement of another source about the records: CloudTrail, the counter of processes, or another sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// So many URLs were minted.
    Mints(u64),
    /// The numbers of the processes of a series.
    Processes {
        /// The series; `None` for the only one.
        series: Option<String>,
        /// The first number; `None` for any.
        first: Option<u64>,
        /// The last number.
        last: u64,
    },
    /// A chain has so many records.
    Records(String, u64),
    /// A chain ends with the record of this fingerprint.
    End(String, String),
}

/// The digits of a chain's name, and of a fingerprint.
const CHAIN: usize = 32;
const FINGERPRINT: usize = 64;

impl Expectation {
    /// Reads `mints=N`, `processes=N`, `processes=FIRST-LAST`, `processes:SERIES=…`, `CHAIN=N` or `CHAIN=FINGERPRINT`.
    ///
    /// # Errors
    /// A text that is none of these.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unknown =
            || format!("`{text}` is not mints=N, processes=N, processes=FIRST-LAST, CHAIN=N or CHAIN=FINGERPRINT");
        let (name, value) = text.split_once('=').ok_or_else(unknown)?;
        let number = |value: &str| value.parse().map_err(|_| unknown());
        match (name, name.strip_prefix("processes:")) {
            ("mints", _) => number(value).map(Self::Mints),
            ("processes", _) | (_, Some(_)) => {
                let series = name.split_once(':').map(|(_, series)| series.to_owned());
                if series.as_ref().is_some_and(|series| !is_hex(series, CHAIN)) {
                    return Err(unknown());
                }
                let (first, last) = match value.split_once('-') {
                    Some((first, last)) => (Some(number(first)?), number(last)?),
                    None => (None, number(value)?),
                };
                Ok(Self::Processes { series, first, last })
            }
            (chain, _) if is_hex(chain, CHAIN) && is_hex(value, FINGERPRINT) => {
                Ok(Self::End(chain.to_owned(), value.to_owned()))
            }
            (chain, _) if is_hex(chain, CHAIN) => Ok(Self::Records(chain.to_owned(), number(value)?)),
            _ => Err(unknown()),
        }
    }

    /// Compares it with the records.
    pub(super) fn check(&self, report: &Report) -> Result<(), Break> {
        let differs = |what: String, expected: &dyn fmt::Display, found: &dyn fmt::Display| {
            Err(Break::Differs { what, expected: expected.to_string(), found: found.to_string() })
        };
        match self {
            Self::Mints(expected) if *expected != report.mints => {
                differs("the minted URLs".to_owned(), expected, &report.mints)
            }
            Self::Records(chain, expected) => match report.chains.get(chain).unwrap_or(&0) {
                found if found != expected => differs(format!("the records of chain {chain}"), expected, found),
                _ => Ok(()),
            },
            Self::End(chain, expected) => match report.ends.get(chain).map_or("no record", String::as_str) {
                found if found != expected => differs(format!("the last record of chain {chain}"), expected, &found),
                _ => Ok(()),
            },
            Self::Processes { series, first, last } => {
                let mut spans =
                    report.series.iter().filter(|(id, _)| series.as_ref().is_none_or(|series| series == *id));
                let (series, (first_found, last_found)) = match (spans.next(), spans.next()) {
                    (Some(only), None) => only,
                    (None, _) => return differs("the last number of a process".to_owned(), last, &"no number"),
                    (Some(_), Some(_)) => {
                        return differs("the series of processes".to_owned(), &"one", &"several: name one of them");
                    }
                };
                match first {
                    Some(first) if first_found > first => {
                        differs(format!("the first process of series {series}"), first, first_found)
                    }
                    _ if last != last_found => {
                        differs(format!("the last process of series {series}"), last, last_found)
                    }
                    _ => Ok(()),
                }
            }
            Self::Mints(_) => Ok(()),
        }
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
