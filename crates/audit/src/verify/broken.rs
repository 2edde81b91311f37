//! The first record that is not what it should be.

/// The first record that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// It has no seal, and seals are asked for.
    #[error(
        "line {line}: record {sequence} of chain {chain} is unsealed: a seal by one of the given keys was expected"
    )]
    Unsealed {
        /// The line, from 1.
        line: u64,
        /// The chain.
        chain: String,
        /// The record.
        sequence: u64,
    },
    /// Its seal names a key that is not among the given ones.
    #[error("line {line}: record {sequence} of chain {chain} is sealed by the key {key}, which is not given")]
    UnknownSealKey {
        /// The line, from 1.
        line: u64,
        /// The chain.
        chain: String,
        /// The record.
        sequence: u64,
        /// The key's public name.
        key: String,
    },
    /// Its seal is not the one that the named key makes.
    #[error("line {line}: record {sequence} of chain {chain} has a forged seal: the key {key} did not make it")]
    ForgedSeal {
        /// The line, from 1.
        line: u64,
        /// The chain.
        chain: String,
        /// The record.
        sequence: u64,
        /// The key's public name.
        key: String,
    },
    /// Processes of a series have no chain.
    #[error("line {line}: {} of series {series} is missing: no chain has the number{}", numbers(*first, *last), also_named(named))]
    MissingProcesses {
        /// The line, from 1, of the next start record.
        line: u64,
        /// The series.
        series: String,
        /// The first number that is missing.
        first: u64,
        /// The last number that is missing.
        last: u64,
        /// The chain of the last one, as the next start record names it.
        named: Option<String>,
    },
    /// Two records say of two chains that they are the same process.
    #[error(
        "line {line}: process {number} of series {series} is chain {chain} by one record and chain {other} by another: one of them is forged"
    )]
    Renumbered {
        /// The line, from 1.
        line: u64,
        /// The series.
        series: String,
        /// The number of the process.
        number: u64,
        /// The chain by this line.
        chain: String,
        /// The chain by the other record.
        other: String,
    },
    /// Another source says something else.
    #[error("{what}: expected {expected}, found {found}")]
    Differs {
        /// The thing that was compared.
        what: String,
        /// By the other source.
        expected: String,
        /// By the records.
        found: String,
    },
}

fn numbers(first: u64, last: u64) -> String {
    if first == last { format!("process {first}") } else { format!("each of the processes {first} to {last}") }
}

fn also_named(chain: &Option<String>) -> String {
    chain.as_ref().map(|chain| format!("; the next process names chain {chain}")).unwrap_or_default()
}

impl Break {
    /// Returns the line, from 1; `None` for a difference from another source.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Altered { line, .. }
            | Self::Missing { line, .. }
            | Self::OutOfOrder { line, .. }
            | Self::Forged { line, .. }
            | Self::Unsealed { line, .. }
            | Self::UnknownSealKey { line, .. }
            | Self::ForgedSeal { line, .. }
            | Self::MissingProcesses { line, .. }
            | Self::Renumbered { line, .. } => Some(*line),
            Self::Differs { .. } => None,
        }
    }
}

/// Why a verification fails, or cannot be done.
#[derive(Debug, thiserror::Error)]
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
