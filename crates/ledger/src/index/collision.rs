//! One profile belongs to one user.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::malformed;
use crate::entry::Entry;
use crate::error::LedgerError;
use crate::fault::LedgerFault;
use crate::profile_name::Template;
use crate::subject::{Person, Subject};

/// Whether no two people may open one profile by these entries.
///
/// # Errors
/// [`LedgerError::Malformed`], which names two entries by which they may.
pub(crate) fn check(entries: &[Arc<Entry>]) -> Result<(), LedgerError> {
    let mut domains: BTreeMap<&str, Domain<'_>> = BTreeMap::new();
    for entry in entries {
        domains.entry(entry.domain.as_str()).or_default().add(entry)?;
    }
    domains.iter().try_for_each(|(id, domain)| match domain.clash() {
        Some((one, other)) => Err(clash(one, other, id)),
        None => Ok(()),
    })
}

/// The profiles that the entries of one domain open, each with an entry's ID.
#[derive(Default)]
struct Domain<'a> {
    /// By names in lower case: SageMaker does not tell them from others.
    names: BTreeMap<String, Vec<Holder<'a>>>,
    /// Those for every member of a group.
    templates: BTreeMap<&'a Template, &'a str>,
}

/// A user whose profile it is, and the entry that says so.
#[derive(Clone, Copy)]
struct Holder<'a> {
    person: &'a Person,
    issuer: Option<&'a str>,
    id: &'a str,
}

impl Holder<'_> {
    /// Whether both are one user, whatever issuers are trusted.
    fn is(&self, other: &Self) -> bool {
        let is_one_issuer = self.issuer.is_none() || other.issuer.is_none() || self.issuer == other.issuer;
        is_one_issuer && self.person == other.person
    }
}

impl<'a> Domain<'a> {
    fn add(&mut self, entry: &'a Entry) -> Result<(), LedgerError> {
        match (&entry.subject, entry.profile.template()) {
            (Some(Subject::User(person)), _) => {
                let named = || format!("entry {}", entry.id);
                let name = entry.profile.of(person).ok_or_else(|| LedgerError::ProfileName { entry: named() })?;
                let holder = Holder { person, issuer: entry.issuer.as_deref(), id: &entry.id };
                let held = self.names.entry(name.as_str().to_ascii_lowercase()).or_default();
                if let Some(other) = held.iter().find(|other| !holder.is(other)) {
                    return Err(clash(&entry.id, other.id, entry.domain.as_str()));
                }
                // One of each issuer: a user with many entries for one profile costs no more.
                if !held.iter().any(|other| other.issuer == holder.issuer) {
                    held.push(holder);
                }
            }
            (_, Some(template)) => _ = self.templates.entry(template).or_insert(&entry.id),
            (_, None) => {}
        }
        Ok(())
    }

    /// Two entries by which two people may open one profile.
    fn clash(&self) -> Option<(&'a str, &'a str)> {
        let mut shapes: Vec<(_, &'a str)> = Vec::new();
        for (template, id) in &self.templates {
            let anothers = self.names.iter().find_map(|(name, held)| {
                let person = template.person_of(name)?;
                held.iter().find(|holder| holder.person.as_str() != person)
            });
            if let Some(other) = anothers {
                return Some((id, other.id));
            }
            let Some(shape) = template.shape() else { continue };
            if let Some((_, other)) = shapes.iter().find(|(other, _)| shape.meets(other)) {
                return Some((id, other));
            }
            shapes.push((shape, *id));
        }
        None
    }
}

fn clash(one: &str, other: &str, domain: &str) -> LedgerError {
    malformed(
        &format!("entry {one}"),
        format!("two people may open one user profile of {domain}, by this entry and by {other}"),
        LedgerFault::SharedProfile,
    )
}
