//! The ledger: who may open which profile where. A [`Claimant`] → [`Entitlement`]s.
//!
//! It is a text (TOML or JSON, in a file, a parameter or a secret), a DynamoDB table, or nothing: then the assertion's own
//! attributes are the one entitlement. `docs/ledger.md` shows all that can be written; [`LedgerText`] is its form.
//!
//! What it guarantees:
//! - An [`Entitlement`] is for this person: their name stands in the entry, or a group of theirs does.
//! - No two people open one profile: names are derived so, and a ledger where entries clash is refused. Of a table a
//!   sign-in sees its own entries alone: there [`add`](Ledger::add) and [`list`](Ledger::list) look at all of them.
//! - A revocation beats whatever allows, and holds at the latest after [`LedgerRules::refresh`].
//! - What cannot be read or meant gives nobody anything.

mod book;
mod change;
mod entitlement;
mod entry;
mod error;
mod form;
mod item;
mod landing;
mod profile_name;
mod report;
mod subject;
mod table;
mod text;
mod verdict;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;

pub use change::{Change, ChangeError, Revocable};
pub use entitlement::Entitlement;
pub use entry::Provision;
pub use error::{LedgerError, LedgerStartError};
pub use form::{EntryText, LedgerText, LinkText, ProvisionText, RevokedText, TeamText};
#[cfg(feature = "cli")]
pub(crate) use item::{ENTRY, SUBJECT};
pub use landing::{Landing, Link, REVIEW, SpaceName};
pub use report::{Explanation, Listing, Row};
pub use subject::{Person, Subject};

use crate::identity::{DomainId, UserProfileName};
use crate::table::TableRules;
use crate::trust::Source;
use entry::Entry;
use table::Table;
use text::Text;
use verdict::{Findings, Who};

/// Who asks, as the door verified them.
#[derive(Debug, Clone, Copy)]
pub struct Claimant<'a> {
    /// The name that the identity provider gave, whatever text it is.
    pub user: &'a str,
    /// The groups that it named.
    pub groups: &'a [String],
    /// The profile and the domain that the assertion itself names. They count only without a ledger.
    pub attributes: Option<(&'a UserProfileName, &'a DomainId)>,
}

/// Where a ledger is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerSource {
    /// A DynamoDB table, by name or ARN, with the keys `subject` and `entry`.
    Table(String),
    /// One text.
    Text(Source),
}

impl LedgerSource {
    /// Reads `dynamodb:NAME`, `ssm:NAME`, `secretsmanager:NAME`, or a file's path.
    ///
    /// # Errors
    /// What is missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("dynamodb", "")) => Err(format!("`{text}` has no name after the colon")),
            Some(("dynamodb", name)) => Ok(Self::Table(name.to_owned())),
            _ => Source::parse(text).map(Self::Text),
        }
    }

    /// Whether AWS has to be asked.
    pub fn is_at_aws(&self) -> bool {
        match self {
            Self::Table(_) => true,
            Self::Text(source) => source.is_remote(),
        }
    }
}

impl fmt::Display for LedgerSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "dynamodb:{name}"),
            Self::Text(source) => source.fmt(f),
        }
    }
}

/// Where the ledger is, and how fresh what is known of it has to be.
#[derive(Debug, Clone)]
pub struct LedgerRules {
    /// Where it is kept.
    pub source: LedgerSource,
    /// How old what was read may be: a revocation holds at the latest after this. 30 seconds do well; zero to read it at
    /// each sign-in.
    pub refresh: Duration,
    /// How old a text may be that cannot be read again, or that cannot be meant any more. 15 minutes leave time to put it
    /// right.
    pub max_age: Duration,
    /// How long a table may take to say what it knows of one person, retries included.
    pub timeout: Duration,
    /// Of how many keys of a table is remembered what stands under them.
    pub capacity: usize,
}

/// The ledger.
#[derive(Debug)]
pub struct Ledger {
    kept: Kept,
}

/// Where it is.
#[derive(Debug)]
enum Kept {
    Nowhere,
    Table(Box<Table>),
    Text(Box<Text>),
}

impl Ledger {
    /// No ledger: the assertion's own attributes are the one entitlement.
    pub fn none() -> Self {
        Self { kept: Kept::Nowhere }
    }

    /// The ledger of these rules. A text is read at once; a table is asked when somebody signs in.
    ///
    /// # Errors
    /// [`LedgerStartError`]: a text that cannot be read or meant.
    pub async fn start(rules: LedgerRules, sdk: &SdkConfig, now: UtcDateTime) -> Result<Self, LedgerStartError> {
        let place = rules.source.to_string();
        let kept = match rules.source {
            LedgerSource::Table(table) => {
                let table = TableRules { table, timeout: rules.timeout };
                Kept::Table(Box::new(Table::new(sdk, table, rules.refresh, rules.capacity)))
            }
            LedgerSource::Text(source) => {
                let text = Text::start(source, sdk, rules.refresh, rules.max_age, now).await;
                Kept::Text(Box::new(text.map_err(|error| LedgerStartError { place, error })?))
            }
        };
        Ok(Self { kept })
    }

    /// What `claimant` may open at `now`: at least one profile, in the ledger's order, with those of their own before
    /// those of their groups.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn entitlements(
        &self,
        claimant: &Claimant<'_>,
        now: UtcDateTime,
    ) -> Result<Vec<Entitlement>, LedgerError> {
        if let Kept::Nowhere = self.kept {
            let (profile, domain) = claimant.attributes.ok_or(LedgerError::UnknownUser)?;
            let entry = Arc::new(Entry::of_assertion(profile.clone(), domain.clone()));
            return Ok(vec![Entitlement::new(entry, profile.clone(), false, BTreeMap::new())]);
        }
        let who = Who::new(claimant.user, claimant.groups)?;
        let findings = self.findings(&who, now).await?;
        findings.given(&findings.verdicts(&who.person, now)?)
    }

    /// What the ledger says of one person.
    async fn findings(&self, who: &Who, now: UtcDateTime) -> Result<Findings, LedgerError> {
        match &self.kept {
            Kept::Nowhere => Ok(Findings::default()),
            Kept::Table(table) => table.findings(who, now).await,
            Kept::Text(text) => {
                let book = text.book(now).await?;
                let mut findings = Findings::default();
                findings.add(&book, who);
                findings.add_teams(&book);
                Ok(findings)
            }
        }
    }
}
