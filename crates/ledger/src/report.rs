//! An operator's reports: the ledger's whole content, and one user's access and its reasons.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use studio_acs_identity::{GroupValue, Groups, Names};
use time::UtcDateTime;

use crate::entry::Entry;
use crate::error::LedgerError;
use crate::index::Index;
use crate::ledger::{Backend, Ledger};

use crate::resolve::{Lookup, Resolution, ineligible_for_all};

/// All that the ledger holds, as a table of text or as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The entries.
    pub entries: Vec<LedgerRow>,
    /// The users whose access was revoked, and why.
    pub revoked: BTreeMap<String, String>,
    /// The names of these users, by themselves.
    #[serde(skip)]
    pub revoked_users: Vec<String>,
    /// The teams that have spent their budgets.
    pub over_budget: Vec<String>,
    /// The aliases of the links that all entries have.
    pub links: Vec<String>,
}

impl Listing {
    /// The groups that entries are for.
    pub fn groups(&self) -> BTreeSet<&str> {
        self.entries.iter().filter_map(|entry| entry.subject.strip_prefix("group#")).collect()
    }

    /// The IDs of the entries that name no issuer.
    pub fn unnamed(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|entry| entry.issuer.is_none()).map(|entry| &*entry.id)
    }
}

/// The name, with its issuer where one is named.
fn of(name: &str, issuer: Option<&str>) -> String {
    issuer.map_or(name.to_owned(), |issuer| format!("{name} of {issuer}"))
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    /// Its ID.
    pub id: String,
    /// Whom it is for: `user#…` or `group#…`.
    pub subject: String,
    /// The issuer whose name that is, where the entry says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The domain.
    pub domain: String,
    /// The domain's region, where the entry says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The profile's name, or the template.
    pub profile: String,
    /// Whether it gives a user this profile now.
    pub holds: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// One user's access by the ledger, as a table of text or as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The user, as the ledger knows them.
    pub user: String,
    /// Every entry that was looked at, with the profile's name for this user.
    pub entries: Vec<LedgerRow>,
    /// The result of a sign-in: `entitled`, or an error's code.
    pub outcome: &'static str,
    /// The same in words.
    pub because: String,
}

impl Ledger {
    /// All that the ledger holds. To list a table is to check it, too: each item, and that no two people open one
    /// profile.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn list(&self, now: UtcDateTime) -> Result<Listing, LedgerError> {
        let index = match &self.backend {
            Backend::Nowhere => Arc::default(),
            Backend::Table(table) => Arc::new(Index::new(table.all().await?)?),
            Backend::Document(text) => text.index(now).await?,
        };
        let rows =
            index.entries().iter().map(|entry| LedgerRow::new(entry, &entry.profile, ineligible_for_all(entry, now)));
        Ok(Listing {
            entries: rows.collect(),
            revoked: index
                .revocations()
                .map(|(person, issuer, why)| (of(person.as_str(), issuer), why.to_string()))
                .collect(),
            revoked_users: index.revocations().map(|(person, ..)| person.as_str().to_owned()).collect(),
            over_budget: index.over_budget().map(str::to_owned).collect(),
            links: index.links().keys().cloned().collect(),
        })
    }

    /// Explains the access of this user of this issuer, or of any without one, in these groups, entry by entry: all entries of a text; of a table, those that
    /// a sign-in looks at.
    ///
    /// # Errors
    /// [`LedgerError`], where the entries cannot be looked at.
    pub async fn explain(
        &self,
        user: &str,
        issuer: Option<&str>,
        groups: &[String],
        names: Names,
        now: UtcDateTime,
    ) -> Result<Explanation, LedgerError> {
        let groups = Groups::of(groups.iter().map(|name| GroupValue::Text(name)), None);
        let who = Lookup::new(user, issuer, names, groups.names())?;
        let findings = self.findings(&who, now).await?;
        let resolutions = findings.resolutions(&who, now)?;
        let (outcome, because) = match findings.given(&resolutions, &groups) {
            Ok(given) => ("entitled", format!("{} of {} entries", given.len(), resolutions.len())),
            Err(error) => (error.code(), error.to_string()),
        };
        let looked_at = resolutions.into_iter();
        let mut entries: Vec<_> = looked_at
            .map(|Resolution { entry, profile, ineligible }| LedgerRow::new(&entry, &profile, ineligible))
            .collect();
        if let Backend::Document(text) = &self.backend {
            let index = text.index(now).await?;
            let is_theirs = |entry: &Entry| {
                who.is_of(entry.issuer.as_deref()) && entry.subject.iter().any(|subject| who.subjects.contains(subject))
            };
            let others = index.entries().iter().filter(|entry| !is_theirs(entry));
            entries.extend(others.map(|entry| LedgerRow::new(entry, &entry.profile, Some("it is for others"))));
        }
        Ok(Explanation { user: who.person.as_str().to_owned(), entries, outcome, because })
    }
}

impl LedgerRow {
    fn new(entry: &Entry, profile: &impl ToString, why: Option<impl ToString>) -> Self {
        Self {
            id: entry.id.clone(),
            subject: entry.subject.as_ref().map(ToString::to_string).unwrap_or_default(),
            issuer: entry.issuer.clone(),
            domain: entry.domain.to_string(),
            region: entry.region.clone(),
            profile: profile.to_string(),
            holds: why.is_none(),
            why: why.map(|why| why.to_string()),
        }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(f, &self.entries)?;
        for (user, why) in &self.revoked {
            writeln!(f, "revoked: {user}: {why}")?;
        }
        for team in &self.over_budget {
            writeln!(f, "over budget: {team}")?;
        }
        // Some entries name their issuer: those that do not are to be seen.
        let unnamed: Vec<_> = self.unnamed().collect();
        if !unnamed.is_empty() && unnamed.len() < self.entries.len() {
            writeln!(f, "without an issuer: {}", unnamed.join(", "))?;
        }
        self.links.iter().try_for_each(|alias| writeln!(f, "link: {alias}"))
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(f, &self.entries)?;
        writeln!(f, "{}: {} ({})", self.user, self.outcome, self.because)
    }
}

/// A line for each row, with columns as wide as what is in them.
fn table(f: &mut fmt::Formatter<'_>, rows: &[LedgerRow]) -> fmt::Result {
    let state = |row: &LedgerRow| {
        if row.holds { "yes".to_owned() } else { format!("no: {}", row.why.as_deref().unwrap_or_default()) }
    };
    let head = ["ENTRY", "FOR", "DOMAIN", "PROFILE", "HOLDS"].map(str::to_owned);
    let rows = rows.iter().map(|row| {
        [row.id.clone(), of(&row.subject, row.issuer.as_deref()), row.domain.clone(), row.profile.clone(), state(row)]
    });
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    let mut widths = [0; 5];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}
