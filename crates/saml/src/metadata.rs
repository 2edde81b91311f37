//! Identity provider metadata (SAML Metadata 2) → [`MetadataDocument`] → [`TrustedIdps`]: the only source of keys.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::UtcDateTime;

use crate::key::{KeyError, SigningKey};
use crate::names::{DS, METADATA, SAMLP};
use crate::post_binding::unfolded;
use crate::rejection::Rejection;
use crate::trusted::{Lapse, TrustedIdps};
use crate::xml::{Document, Element, Limits};
use studio_acs_refusal::instant;

/// A metadata document as it was read: the identity providers with their keys, and the parts that cannot be trusted.
///
/// A fault of one identity provider says nothing of the others. So a reader that already has trust believes each
/// readable part, above all about a key that is gone; one that starts wants [`whole`](Self::whole) documents.
#[derive(Debug, Clone)]
pub struct MetadataDocument {
    idps: TrustedIdps,
    faults: Vec<MetadataError>,
}

/// Why metadata, or a part of it, cannot be trusted. The service does not start with such metadata, but for
/// [weaknesses](Self::is_weakness).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Not XML as we take it.
    #[error("{0}")]
    Xml(#[from] Rejection),
    /// Another document.
    #[error("the root is `{0}`, not an EntityDescriptor or EntitiesDescriptor of SAML metadata")]
    NotMetadata(String),
    /// An `EntityDescriptor` without `entityID`.
    #[error("an EntityDescriptor has no entityID")]
    NoEntityId,
    /// One document says two things of one identity provider.
    #[error("identity provider `{0}` stands twice in one document")]
    DuplicateEntity(String),
    /// `validUntil` cannot be read (Metadata 2.3.1, 2.3.2).
    #[error("validUntil `{0}` is not a UTC time")]
    MalformedValidUntil(String),
    /// `validUntil` is over (Metadata 2.3.1, 2.3.2).
    #[error("the metadata was valid until {0}: download it again")]
    Expired(UtcDateTime),
    /// No entity with an `IDPSSODescriptor` for SAML 2.0.
    #[error("there is no identity provider (IDPSSODescriptor for SAML 2.0) in the metadata")]
    NoIdp,
    /// An identity provider whose responses no key could verify.
    #[error("identity provider `{0}` has no signing certificate (KeyDescriptor for signing with an X509Certificate)")]
    NoSigningKey(String),
    /// A certificate that holds no usable key.
    #[error("a signing certificate of identity provider `{entity_id}`: {error}")]
    Key {
        /// Whose.
        entity_id: String,
        /// Why.
        error: KeyError,
    },
}

impl MetadataError {
    /// Whether the rest of the metadata may be trusted by a service that starts: a key that is left out, no mistake.
    pub fn is_weakness(&self) -> bool {
        matches!(self, Self::Key { error: KeyError::Exponent { .. }, .. })
    }
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
        let document = Document::parse(text, Limits::METADATA)?;
        let root = document.root().ok_or_else(|| MetadataError::NotMetadata("nothing".to_owned()))?;
        if !(root.is(METADATA, "EntityDescriptor") || root.is(METADATA, "EntitiesDescriptor")) {
            return Err(MetadataError::NotMetadata(root.local().to_owned()));
        }
        let mut reading = Self { idps: TrustedIdps::default(), faults: Vec::new() };
        let mut seen = BTreeMap::new();
        // Groups nest (Metadata 2.3.1). An entity that stands elsewhere, as in an extension, is none of ours.
        let mut groups_and_entities = vec![(root, None)];
        while let Some((element, outer)) = groups_and_entities.pop() {
            let is_group = element.is(METADATA, "EntitiesDescriptor");
            if !is_group && !element.is(METADATA, "EntityDescriptor") {
                continue;
            }
            match valid_until(element, outer) {
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

    /// The same, if nothing in it is wrong at `now` except [weaknesses](MetadataError::is_weakness).
    ///
    /// # Errors
    /// The first fault; [`MetadataError::Expired`]; [`MetadataError::NoIdp`].
    pub fn whole(self, now: UtcDateTime) -> Result<Self, MetadataError> {
        if let Some(fault) = self.faults.iter().find(|fault| !fault.is_weakness()) {
            return Err(fault.clone());
        }
        if let Some(lapse) = self.idps.iter().find_map(|idp| idp.usable(now).err()) {
            return Err(MetadataError::Expired(lapse.at()));
        }
        if self.idps.iter().next().is_none() { Err(MetadataError::NoIdp) } else { Ok(self) }
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
            return;
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
        let mut has_key = false;
        for role in &entity.roles {
            let lapse = match valid_until(*role, entity.lapse) {
                Ok(lapse) => lapse,
                Err(error) => {
                    self.faults.push(error);
                    continue;
                }
            };
            for certificate in role.named(METADATA, "KeyDescriptor").filter(may_sign).flat_map(certificates) {
                match signing_key(certificate) {
                    Ok(key) => {
                        self.idps.add(entity.id, key, lapse);
                        has_key = true;
                    }
                    Err(error) => self.faults.push(MetadataError::Key { entity_id: entity.id.to_owned(), error }),
                }
            }
        }
        if !has_key {
            self.faults.push(MetadataError::NoSigningKey(entity.id.to_owned()));
        }
    }
}

/// An `EntityDescriptor` of an identity provider.
struct Entity<'d> {
    id: &'d str,
    roles: Vec<Element<'d>>,
    lapse: Option<Lapse>,
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

/// The certificates that hold a key descriptor's key: the first of each `X509Data`, the others being its chain.
fn certificates<'d>(key: Element<'d>) -> impl Iterator<Item = Element<'d>> {
    key.named(DS, "KeyInfo")
        .flat_map(|info| info.named(DS, "X509Data"))
        .filter_map(|data| data.named(DS, "X509Certificate").next())
}

fn signing_key(certificate: Element<'_>) -> Result<SigningKey, KeyError> {
    let text = certificate.text().ok_or_else(|| KeyError::Certificate("it is not plain text".to_owned()))?;
    let der = STANDARD.decode(&*unfolded(text.as_bytes())).map_err(|error| KeyError::Certificate(error.to_string()))?;
    SigningKey::from_certificate(&der)
}

/// Until when what stands in `element` is valid, which stands in something that is valid until `outer`.
fn valid_until(element: Element<'_>, outer: Option<Lapse>) -> Result<Option<Lapse>, MetadataError> {
    let Some(text) = element.attribute("validUntil") else { return Ok(outer) };
    let until = instant::parse(text).ok_or_else(|| MetadataError::MalformedValidUntil(text.to_owned()))?;
    Ok(Lapse::earlier(outer, Some(Lapse::ValidUntil(until))))
}
