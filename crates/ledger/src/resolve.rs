//! Resolution of entries for one user: which hold, and why the others do not. A revocation beats whatever allows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use time::UtcDateTime;

use crate::deep_link::DeepLink;
use crate::entitlement::Entitlement;
use crate::entry::Entry;
use crate::error::LedgerError;
use crate::fault::LedgerFault;
use crate::index::{Index, Revocation};
use crate::subject::{Person, Subject};
use crate::unknown_user;
use studio_acs_identity::{Groups, Names, UserProfileName};

/// Whose entries are looked for.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) person: Person,
    /// Whose name that is; `None` if it is not known, as in an operator's question.
    pub(crate) issuer: Option<String>,
    pub(crate) names: Names,
    /// The user, then their groups, each once.
    pub(crate) subjects: Vec<Subject>,
}

impl Lookup {
    /// # Errors
    /// [`LedgerError::UnknownUser`] of a name that no entry can have.
    pub(crate) fn new(user: &str, issuer: Option<&str>, names: Names, groups: &[String]) -> Result<Self, LedgerError> {
        let unknown = || LedgerError::UnknownUser { why: "no entry can be for a user of this name".to_owned() };
        let person = Person::parse(user).ok_or_else(unknown)?;
        // No entry is for a group whose name is none.
        let groups: BTreeSet<_> = groups.iter().filter_map(|name| Subject::group(name)).collect();
        let subjects = std::iter::once(Subject::User(person.clone())).chain(groups).collect();
        Ok(Self { person, issuer: issuer.map(str::to_owned), names, subjects })
    }

    /// Whether an entry of theirs may name this issuer.
    pub(crate) fn is_of(&self, issuer: Option<&str>) -> bool {
        issuer.is_none() || self.issuer.is_none() || self.issuer.as_deref() == issuer
    }
}

/// A ledger's content for one user.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    entries: Vec<Arc<Entry>>,
    revoked: Option<Revocation>,
    links: BTreeMap<String, DeepLink>,
    over_budget: BTreeSet<String>,
    /// All of the ledger; `None` where only the user's own part of it was read.
    pub(crate) whole: Option<Arc<Index>>,
}

impl Findings {
    /// Adds what stands in `index`.
    pub(crate) fn add(&mut self, index: &Index, who: &Lookup) {
        let theirs = who.subjects.iter().flat_map(|subject| index.entries_for(subject));
        self.entries.extend(theirs.filter(|entry| who.is_of(entry.issuer.as_deref())).cloned());
        // Shared names are one user's, so that a revocation at one issuer holds at all.
        let issuer = who.issuer.as_deref().filter(|_| who.names != Names::Shared);
        let revoked = || index.revocation(&who.person, issuer).cloned();
        self.revoked = self.revoked.take().or_else(revoked);
        self.links.extend(index.links().clone());
    }

    /// Adds what `index` knows of the entries' teams.
    pub(crate) fn add_teams(&mut self, index: &Index) {
        let teams: Vec<_> = self.teams().filter(|team| index.is_over_budget(team)).map(str::to_owned).collect();
        self.over_budget.extend(teams);
    }

    /// The reason why all access of this user is revoked.
    pub(crate) fn revocation(&self) -> Option<String> {
        self.revoked.as_ref().map(ToString::to_string)
    }

    /// Whether no entry is for this user.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The teams of the entries.
    pub(crate) fn teams(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| entry.team.as_deref())
    }

    /// The resolution on each entry, in their order.
    ///
    /// # Errors
    /// [`LedgerError::ProfileName`]; [`LedgerError::Malformed`] for two entries of one ID.
    pub(crate) fn resolutions(&self, who: &Lookup, now: UtcDateTime) -> Result<Vec<Resolution>, LedgerError> {
        let mut ids = BTreeSet::new();
        let mut resolutions = Vec::new();
        for entry in &self.entries {
            let named = format!("entry {}", entry.id);
            if !ids.insert(entry.id.as_str()) {
                let reason = "this person has a second entry with this `id`".to_owned();
                return Err(LedgerError::Malformed { entry: named, reason, fault: LedgerFault::RecordTwice });
            }
            let profile = entry.profile.of(&who.person).ok_or(LedgerError::ProfileName { entry: named })?;
            let person_revoked =
                self.revoked.as_ref().map(|revocation| Ineligible::UserRevoked(revocation.to_string()));
            let is_unnamed = entry.issuer.is_none() && !who.names.are_clear();
            let ineligible = person_revoked.or_else(|| ineligible_for_all(entry, now));
            let ineligible = ineligible.or_else(|| is_unnamed.then_some(Ineligible::IssuerUnnamed));
            resolutions.push(Resolution { entry: Arc::clone(entry), profile, ineligible });
        }
        // A revoked entry of the user's own: no group gives its profile back.
        let own = |resolution: &&Resolution| {
            matches!(resolution.entry.subject, Some(Subject::User(_))) && resolution.entry.revoked.is_some()
        };
        let taken: Vec<_> = resolutions
            .iter()
            .filter(own)
            .map(|resolution| (Arc::clone(&resolution.entry), resolution.profile.clone()))
            .collect();
        for resolution in resolutions.iter_mut().filter(|resolution| resolution.ineligible.is_none()) {
            let by = taken.iter().find(|(entry, profile)| {
                entry.domain == resolution.entry.domain
                    && profile.as_str().eq_ignore_ascii_case(resolution.profile.as_str())
            });
            resolution.ineligible = by.map(|(entry, _)| Ineligible::PlaceRevoked {
                entry: entry.id.clone(),
                why: entry.revoked.clone().unwrap_or_default(),
            });
        }
        Ok(resolutions)
    }

    /// The profiles that the user may open by these resolutions; at least one. `groups` are the user's.
    ///
    /// # Errors
    /// [`LedgerError::Revoked`], [`LedgerError::IssuerUnnamed`], [`LedgerError::UnknownUser`].
    pub(crate) fn given(&self, resolutions: &[Resolution], groups: &Groups) -> Result<Vec<Entitlement>, LedgerError> {
        let given = resolutions.iter().filter(|resolution| resolution.ineligible.is_none()).map(
            |Resolution { entry, profile, .. }| {
                let over_budget = entry.team.as_ref().is_some_and(|team| self.over_budget.contains(team));
                Entitlement::new(Arc::clone(entry), profile.clone(), over_budget, self.links.clone())
            },
        );
        let mut given: Vec<_> = given.collect();
        strictest(&mut given);
        let by_entries = || resolutions.iter().find_map(|resolution| resolution.entry.revoked.clone());
        match (given.is_empty(), self.revoked.as_ref().map(ToString::to_string).or_else(by_entries)) {
            (false, _) => Ok(given),
            (true, Some(why)) => Err(LedgerError::Revoked { why }),
            (true, None) => Err(match resolutions.iter().find(|resolution| resolution.is_unnamed()) {
                Some(Resolution { entry, .. }) => LedgerError::IssuerUnnamed { entry: entry.id.clone() },
                None => self.unknown_user(resolutions, groups),
            }),
        }
    }

    fn unknown_user(&self, resolutions: &[Resolution], groups: &Groups) -> LedgerError {
        let known = self.whole.as_ref().map(|index| index.groups());
        let entries = resolutions.iter().filter_map(|Resolution { entry, ineligible, .. }| {
            Some(format!("entry {}: {}", entry.id, ineligible.as_ref()?))
        });
        LedgerError::UnknownUser { why: unknown_user::explain(entries, groups, known.as_deref()) }
    }
}

/// Makes each of several entries for one profile as strict as all of them: the profile's use does not depend on the
/// entry that the user chose.
fn strictest(given: &mut [Entitlement]) {
    let all: Vec<_> = given.to_vec();
    for one in given.iter_mut() {
        for other in &all {
            if one.is_same_place(other) {
                one.tighten(other);
            }
        }
    }
}

/// One entry resolved for one user.
#[derive(Debug)]
pub(crate) struct Resolution {
    pub(crate) entry: Arc<Entry>,
    pub(crate) profile: UserProfileName,
    pub(crate) ineligible: Option<Ineligible>,
}

impl Resolution {
    fn is_unnamed(&self) -> bool {
        self.ineligible == Some(Ineligible::IssuerUnnamed)
    }
}

/// The reason why an entry gives a user nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ineligible {
    NotYet(UtcDateTime),
    Over(UtcDateTime),
    UserRevoked(String),
    PlaceRevoked { entry: String, why: String },
    Revoked(String),
    IssuerUnnamed,
}

/// The reason why an entry gives no user anything at `now`; `None` if it holds.
pub(crate) fn ineligible_for_all(entry: &Entry, now: UtcDateTime) -> Option<Ineligible> {
    let revoked = entry.revoked.clone().map(Ineligible::Revoked);
    let not_yet = || entry.valid_from.filter(|from| now < *from).map(Ineligible::NotYet);
    let over = || entry.valid_until.filter(|until| now >= *until).map(Ineligible::Over);
    revoked.or_else(not_yet).or_else(over)
}

impl fmt::Display for Ineligible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotYet(from) => write!(f, "it holds from {from} on"),
            Self::Over(until) => write!(f, "it held until {until}"),
            Self::UserRevoked(why) => write!(f, "all access of this user was revoked: {why}"),
            Self::PlaceRevoked { entry, why } => write!(f, "the same profile was revoked by {entry}: {why}"),
            Self::Revoked(why) => write!(f, "it was revoked: {why}"),
            Self::IssuerUnnamed => f.write_str("it names no issuer, and several are trusted"),
        }
    }
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.since {
            Some(since) => write!(f, "{} (since {since})", self.why),
            None => f.write_str(&self.why),
        }
    }
}
