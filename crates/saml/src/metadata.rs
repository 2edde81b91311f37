//! Identity provider metadata (SAML Metadata 2) → [`MetadataDocument`] → [`TrustedIdps`]: the only source of keys.

mod error;

pub use error::MetadataError;

use std::collections::BTreeMap;

use time::UtcDateTime;

use crate::certificate::KeyError;
use crate::key_info::KeyInfo;
use crate::names::{DS, METADATA, SAMLP};
use crate::trusted::{Lapse, TrustedIdp, TrustedIdps};
use crate::xml::{Document, Element, Limits};
use studio_acs_refusal::{FileKind, instant, printable};

/// A metadata document as it was read: the identity providers with their keys, and the parts that cannot be trusted.
///
/// A fault of one identity provider says nothing of the others. So a reader that already has trust believes each
/// readable part, above all about a key that is gone; one that starts wants [`whole`](Self::whole) documents.
#[derive(Debug, Clone)]
pub struct MetadataDocument {
    idps: TrustedIdps,
    faults: Vec<MetadataError>,
    /// Entities that are no identity provider of SAML 2.0, each as the error that it is where no other entity is one.
    others: Vec<MetadataError>,
}

impl TrustedIdps {
    /// Reads a metadata document that is to be trusted as a whole, as it is at `now`.
    ///
    /// # Errors
    /// As [`MetadataDocument::read`] and [`MetadataDocument::whole`].
    pub fn from_metadata(text: &str, now: UtcDateTime) -> Result<Self, MetadataError> {
        Ok(MetadataDocument::read(text)?.whole(now)?.into_idps())
    }
}

impl MetadataDocument {
    /// Reads a metadata document: an `EntityDescriptor`, or any nesting of `EntitiesDescriptor`.
    ///
    /// # Errors
    /// [`MetadataError::Xml`] and [`MetadataError::NotMetadata`]: the content of such a document is unknown.
    pub fn read(text: &str) -> Result<Self, MetadataError> {
        match FileKind::of(text.as_bytes()) {
            FileKind::Xml => {}
            other => return Err(MetadataError::AnotherFile(other)),
        }
        let document = Document::parse(text, Limits::METADATA)?;
        let root = document.root().ok_or_else(|| not_metadata("nothing", ""))?;
        if !(root.is(METADATA, "EntityDescriptor") || root.is(METADATA, "EntitiesDescriptor")) {
            return Err(not_metadata(root.local(), root.namespace()));
        }
        let mut reading = Self { idps: TrustedIdps::default(), faults: Vec::new(), others: Vec::new() };
        let mut seen = BTreeMap::new();
        // Groups nest (Metadata 2.3.1). An entity that stands elsewhere, as in an extension, is none of ours.
        let mut groups_and_entities = vec![(root, None)];
        while let Some((element, outer)) = groups_and_entities.pop() {
            let is_group = element.is(METADATA, "EntitiesDescriptor");
            if !is_group && !element.is(METADATA, "EntityDescriptor") {
                continue;
            }
            match valid_until(element, outer, || about(element)) {
                Err(error) => reading.faults.push(error),
                Ok(lapse) if is_group => {
                    groups_and_entities.extend(element.elements().map(|element| (element, lapse)));
                }
                Ok(lapse) => reading.note_entity(element, lapse, &mut seen),
            }
        }
        for entity in seen.into_values().flatten() {
            reading.add_entity(&entity);
        }
        Ok(reading)
    }

    /// The identity providers that it names, with the keys that can be trusted; possibly none. A key verifies until the
    /// `validUntil` of the elements around it.
    pub fn idps(&self) -> &TrustedIdps {
        &self.idps
    }

    /// The parts that cannot be trusted and are left out.
    pub fn faults(&self) -> &[MetadataError] {
        &self.faults
    }

    /// The same, if nothing in it is wrong at `now` except [keys that are left out](MetadataError::is_left_out_key).
    ///
    /// # Errors
    /// The first fault; [`MetadataError::Expired`]; [`MetadataError::NoIdp`], or the reason why the one entity is none.
    pub fn whole(self, now: UtcDateTime) -> Result<Self, MetadataError> {
        if let Some(fault) = self.faults.iter().find(|fault| !fault.is_left_out_key()) {
            return Err(fault.clone());
        }
        let expired = |idp: &TrustedIdp| Some((idp.entity_id().to_owned(), idp.usable(now).err()?.at()));
        if let Some((entity_id, at)) = self.idps.iter().find_map(expired) {
            return Err(MetadataError::Expired { entity_id, at });
        }
        if self.idps.iter().next().is_some() {
            return Ok(self);
        }
        Err(if let [other] = &*self.others { other.clone() } else { MetadataError::NoIdp })
    }

    /// [`idps`](Self::idps), by value.
    pub fn into_idps(self) -> TrustedIdps {
        self.idps
    }

    /// Notes an identity provider, unless it stands in the document already: then neither description counts.
    fn note_entity<'d>(
        &mut self,
        element: Element<'d>,
        lapse: Option<Lapse>,
        seen: &mut BTreeMap<&'d str, Option<Entity<'d>>>,
    ) {
        let Some(id) = element.attribute("entityID").filter(|id| !id.is_empty()) else {
            return self.faults.push(MetadataError::NoEntityId);
        };
        let roles: Vec<_> = element.named(METADATA, "IDPSSODescriptor").filter(speaks_saml2).collect();
        if roles.is_empty() {
            return self.others.push(not_an_idp(element, id));
        }
        match seen.get_mut(id) {
            None => drop(seen.insert(id, Some(Entity { id, roles, lapse }))),
            Some(twice) => {
                *twice = None;
                self.faults.push(MetadataError::DuplicateEntity(id.to_owned()));
            }
        }
    }

    fn add_entity(&mut self, entity: &Entity<'_>) {
        let entity_id = || entity.id.to_owned();
        let (mut has_key, mut is_ambiguous, mut left_out) = (false, false, Vec::new());
        for role in &entity.roles {
            let lapse = match valid_until(*role, entity.lapse, || format!("identity provider `{}`", entity.id)) {
                Ok(lapse) => lapse,
                Err(error) => {
                    self.faults.push(error);
                    continue;
                }
            };
            left_out.extend(role.named(METADATA, "KeyDescriptor").filter_map(of_another_use));
            let infos = role.named(METADATA, "KeyDescriptor").filter(may_sign);
            for info in infos.flat_map(|descriptor| descriptor.named(DS, "KeyInfo")).map(KeyInfo::read) {
                for key in info.keys {
                    self.idps.add(entity.id, key, lapse);
                    has_key = true;
                }
                for (one, other) in info.ambiguous {
                    is_ambiguous = true;
                    self.faults.push(MetadataError::Ambiguous { entity_id: entity_id(), one, other });
                }
                for (certificate, error) in info.left_out {
                    left_out.push((certificate, error));
                }
            }
        }
        for (certificate, error) in left_out.iter().cloned() {
            self.faults.push(MetadataError::Key { entity_id: entity_id(), certificate, error });
        }
        if !has_key && !is_ambiguous {
            self.faults.push(MetadataError::NoSigningKey { entity_id: entity_id(), left_out });
        }
    }
}

/// An `EntityDescriptor` of an identity provider.
struct Entity<'d> {
    id: &'d str,
    roles: Vec<Element<'d>>,
    lapse: Option<Lapse>,
}

fn not_metadata(root: &str, namespace: &str) -> MetadataError {
    MetadataError::NotMetadata { root: root.to_owned(), namespace: namespace.to_owned() }
}

/// Metadata 2.4.1: a role lists the protocols it speaks.
fn speaks_saml2(role: &Element<'_>) -> bool {
    role.attribute("protocolSupportEnumeration")
        .is_some_and(|list| list.split_ascii_whitespace().any(|uri| uri == SAMLP))
}

/// Metadata 2.4.1.1: a key without `use` is for both purposes; one for encryption never signs.
fn may_sign(key: &Element<'_>) -> bool {
    matches!(key.attribute("use"), None | Some("signing"))
}

/// A key whose `use` the schema does not have (Metadata 2.4.1.1): it may be meant for signatures.
fn of_another_use(key: Element<'_>) -> Option<(String, KeyError)> {
    let found = key.attribute("use").filter(|found| !matches!(*found, "signing" | "encryption"))?;
    Some(("a KeyDescriptor".to_owned(), KeyError::Use(printable(found))))
}

/// Whom an `EntityDescriptor` or a group is about, for messages.
fn about(element: Element<'_>) -> String {
    match (element.attribute("entityID"), element.attribute("Name")) {
        (Some(id), _) => format!("entity `{id}`"),
        (None, Some(name)) => format!("the group `{name}`"),
        (None, None) => "a group of entities".to_owned(),
    }
}

/// Why an entity is no identity provider of SAML 2.0.
fn not_an_idp(entity: Element<'_>, id: &str) -> MetadataError {
    match entity.named(METADATA, "IDPSSODescriptor").next() {
        Some(role) => {
            let protocols = role.attribute("protocolSupportEnumeration").unwrap_or("none").to_owned();
            MetadataError::OtherProtocol { entity_id: id.to_owned(), protocols }
        }
        None if entity.named(METADATA, "SPSSODescriptor").next().is_some() => {
            MetadataError::ServiceProvider(id.to_owned())
        }
        None => MetadataError::NoIdp,
    }
}

/// Until when what stands in `element` is valid, which stands in something that is valid until `outer`.
fn valid_until(
    element: Element<'_>,
    outer: Option<Lapse>,
    about: impl FnOnce() -> String,
) -> Result<Option<Lapse>, MetadataError> {
    let Some(text) = element.attribute("validUntil") else { return Ok(outer) };
    let until = instant::parse(text)
        .ok_or_else(|| MetadataError::MalformedValidUntil { about: about(), found: printable(text) })?;
    Ok(Lapse::earlier(outer, Some(Lapse::ValidUntil(until))))
}
