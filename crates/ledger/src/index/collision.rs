//! One profile belongs to one user.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::sync::Arc;

use super::malformed;
use crate::entry::Entry;
use crate::error::LedgerError;
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
    names: BTreeMap<String, (&'a Person, &'a str)>,
    /// Those for every member of a group.
    templates: BTreeMap<&'a Template, &'a str>,
}

impl<'a> Domain<'a> {
    fn add(&mut self, entry: &'a Entry) -> Result<(), LedgerError> {
        match (&entry.subject, entry.profile.template()) {
            (Some(Subject::User(person)), _) => {
                let named = || format!("entry {}", entry.id);
                let name = entry.profile.of(person).ok_or_else(|| LedgerError::ProfileName { entry: named() })?;
                match self.names.entry(name.as_str().to_ascii_lowercase()) {
                    Slot::Occupied(held) if held.get().0 != person => {
                        return Err(clash(&entry.id, held.get().1, entry.domain.as_str()));
                    }
                    Slot::Occupied(_) => {}
                    Slot::Vacant(slot) => _ = slot.insert((person, &entry.id)),
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
            let is_anothers = |(name, (person, _)): &(&String, &(&Person, &str))| {
                template.person_of(name).is_some_and(|other| other != person.as_str())
            };
            if let Some((_, (_, other))) = self.names.iter().find(is_anothers) {
                return Some((id, other));
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
    )
}
