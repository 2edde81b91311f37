//! A ledger that was checked, or the part of it that stands under one key of a table. [`LedgerSchema`] → [`Index`].

mod collision;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use studio_acs_identity::folded;

use crate::deep_link::DeepLink;
use crate::entry::{Entry, TIME, issuer, links, reason};
use crate::error::LedgerError;
use crate::fault::LedgerFault;
use crate::schema::{LedgerSchema, RevokedSchema};
use crate::subject::{Person, Subject};

/// The most entries of a ledger.
pub(crate) const MOST_ENTRIES: usize = 5000;

/// The entries and revocations of all users.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: Vec<Arc<Entry>>,
    by_subject: HashMap<Subject, Vec<Arc<Entry>>>,
    /// By user, and by issuer, or for all of them.
    revoked: BTreeMap<(Person, Option<String>), Revocation>,
    over_budget: BTreeSet<String>,
    links: BTreeMap<String, DeepLink>,
}

/// The end of all access of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revocation {
    pub(crate) why: String,
    pub(crate) since: Option<String>,
}

impl Index {
    /// Reads a text, and takes it as [`new`](Self::new) does.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`] with the line, as far as it is known; [`LedgerError::ProfileName`].
    pub(crate) fn parse(text: &str) -> Result<Self, LedgerError> {
        Self::new(LedgerSchema::parse(text)?).map_err(|error| error.in_text(text))
    }

    /// Takes the text if all of it is valid: each entry for itself, and all of them together, so that no two users may
    /// open one profile.
    ///
    /// # Errors
    /// [`LedgerError::Malformed`].
    pub(crate) fn new(text: LedgerSchema) -> Result<Self, LedgerError> {
        if text.entry.len() > MOST_ENTRIES {
            let reason = format!("{}; expected at most {MOST_ENTRIES}", text.entry.len());
            return Err(malformed("entries", reason, LedgerFault::TooLarge));
        }
        let mut index = Self::default();
        let mut ids = HashSet::new();
        for entry in text.entry {
            let named = format!("entry {}", entry.id.escape_debug());
            let entry = Entry::new(entry).map_err(|reason| {
                let fault = if reason.ends_with(TIME) { LedgerFault::Time } else { LedgerFault::Entry };
                malformed(&named, reason, fault)
            })?;
            if !ids.insert(entry.id.clone()) {
                return Err(malformed(&named, "a second entry with this `id`", LedgerFault::RecordTwice));
            }
            index.entries.push(Arc::new(entry));
        }
        for entry in &index.entries {
            let of_one = entry.subject.iter().cloned();
            of_one.for_each(|subject| index.by_subject.entry(subject).or_default().push(Arc::clone(entry)));
        }
        for revoked in text.revoked {
            let named = format!("revoked {}", revoked.user.escape_debug());
            let (whose, revocation) =
                revocation(revoked).map_err(|reason| malformed(&named, reason, LedgerFault::Entry))?;
            if index.revoked.insert(whose, revocation).is_some() {
                let reason = "a second record for this `user` and `issuer`";
                return Err(malformed(&named, reason, LedgerFault::RecordTwice));
            }
        }
        let mut teams = HashSet::new();
        for team in text.team {
            if !teams.insert(folded(&team.name)) {
                let named = format!("team {}", team.name.escape_debug());
                return Err(malformed(&named, "a second record for this `name`", LedgerFault::RecordTwice));
            }
            index.over_budget.extend(team.over_budget.then(|| folded(&team.name)));
        }
        index.links = links(text.links).map_err(|reason| malformed("links", reason, LedgerFault::Entry))?;
        collision::check(&index.entries)?;
        Ok(index)
    }

    /// All entries, as they were written.
    pub(crate) fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The groups that entries are for, each once, in alphabetical order.
    pub(crate) fn groups(&self) -> Vec<&str> {
        let groups = self.by_subject.keys().filter_map(|subject| match subject {
            Subject::Group(name) => Some(name.as_str()),
            Subject::User(_) => None,
        });
        let groups: BTreeSet<_> = groups.collect();
        groups.into_iter().collect()
    }

    /// The entries for this subject.
    pub(crate) fn entries_for(&self, subject: &Subject) -> &[Arc<Entry>] {
        self.by_subject.get(subject).map_or(&[], Vec::as_slice)
    }

    /// The revocation of all access of this user, if any: one without an issuer holds for all issuers. Any holds for a
    /// user whose issuer is not known.
    pub(crate) fn revocation(&self, person: &Person, issuer: Option<&str>) -> Option<&Revocation> {
        let mut theirs = self.revoked.range((person.clone(), None)..).take_while(|((other, _), _)| other == person);
        let holds = |named: &Option<String>| named.is_none() || issuer.is_none() || named.as_deref() == issuer;
        theirs.find(|((_, named), _)| holds(named)).map(|(_, revocation)| revocation)
    }

    /// The first entry that names no issuer.
    pub(crate) fn unnamed(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.issuer.is_none()).map(|entry| &**entry)
    }

    /// The users whose access was revoked, and how.
    pub(crate) fn revocations(&self) -> impl Iterator<Item = (&Person, Option<&str>, &Revocation)> {
        self.revoked.iter().map(|((person, issuer), revocation)| (person, issuer.as_deref(), revocation))
    }

    /// Whether this team has spent its budget.
    pub(crate) fn is_over_budget(&self, team: &str) -> bool {
        self.over_budget.contains(&folded(team))
    }

    /// The teams that have spent their budgets.
    pub(crate) fn over_budget(&self) -> impl Iterator<Item = &str> {
        self.over_budget.iter().map(String::as_str)
    }

    /// The links of all entries.
    pub(crate) fn links(&self) -> &BTreeMap<String, DeepLink> {
        &self.links
    }
}

fn revocation(text: RevokedSchema) -> Result<((Person, Option<String>), Revocation), String> {
    let person = Person::parse(&text.user).ok_or("`user`: expected 1 to 256 characters without controls")?;
    let (issuer, since) = (issuer(text.issuer)?, text.since.map(reason).transpose()?);
    Ok(((person, issuer), Revocation { why: reason(text.why)?, since }))
}

fn malformed(entry: &str, reason: impl Into<String>, fault: LedgerFault) -> LedgerError {
    LedgerError::Malformed { entry: entry.to_owned(), reason: reason.into(), fault }
}

#[cfg(test)]
mod tests;
