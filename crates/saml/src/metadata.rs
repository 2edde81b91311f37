//! Identity provider metadata (SAML Metadata 2) → [`TrustedIdps`]: the only source of keys.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::UtcDateTime;

use crate::instant;
use crate::key::{KeyError, SigningKey};
use crate::names::{DS, METADATA, SAMLP};
use crate::post_binding::unfolded;
use crate::rejection::Rejection;
use crate::xml::{Document, Element, Limits};

/// The identity providers that may send assertions, by entity ID. There is at least one, and each has a key.
#[derive(Debug, Clone)]
pub struct TrustedIdps {
    by_entity_id: BTreeMap<String, TrustedIdp>,
}

/// One identity provider: its entity ID, which is the issuer of its assertions, and its signing keys.
#[derive(Debug, Clone)]
pub struct TrustedIdp {
    entity_id: String,
    keys: Vec<SigningKey>,
}

/// Why metadata cannot be trusted. The service does not start with such metadata.
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
    /// An identity provider whose responses nobody could verify.
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

impl TrustedIdps {
    /// Reads a metadata document: an `EntityDescriptor`, or any nesting of `EntitiesDescriptor`.
    ///
    /// # Errors
    /// A document that is not valid metadata at `now`, or that has no identity provider in it.
    pub fn from_metadata(text: &str, now: UtcDateTime) -> Result<Self, MetadataError> {
        let mut idps = Self { by_entity_id: BTreeMap::new() };
        let document = Document::parse(text, Limits::METADATA)?;
        let root = document.root().ok_or(MetadataError::NoIdp)?;
        if !(root.is(METADATA, "EntityDescriptor") || root.is(METADATA, "EntitiesDescriptor")) {
            return Err(MetadataError::NotMetadata(root.local().to_owned()));
        }
        // Groups nest (Metadata 2.3.1). An entity that stands elsewhere, as in an extension, is none of ours.
        let mut groups_and_entities = vec![root];
        while let Some(element) = groups_and_entities.pop() {
            if element.is(METADATA, "EntitiesDescriptor") {
                check_valid_until(element, now)?;
                groups_and_entities.extend(element.elements());
            } else if element.is(METADATA, "EntityDescriptor") {
                idps.add_entity(element, now)?;
            }
        }
        if idps.by_entity_id.is_empty() { Err(MetadataError::NoIdp) } else { Ok(idps) }
    }

    /// These and others. An identity provider that stands in both has the keys of both.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for idp in others.by_entity_id.into_values() {
            self.add(idp.entity_id, idp.keys);
        }
        self
    }

    /// The identity provider of this issuer, compared as exact strings.
    pub fn find(&self, issuer: &str) -> Option<&TrustedIdp> {
        self.by_entity_id.get(issuer)
    }

    /// All of them, by entity ID.
    pub fn iter(&self) -> impl Iterator<Item = &TrustedIdp> {
        self.by_entity_id.values()
    }

    fn add_entity(&mut self, entity: Element<'_>, now: UtcDateTime) -> Result<(), MetadataError> {
        check_valid_until(entity, now)?;
        let entity_id = entity.attribute("entityID").filter(|id| !id.is_empty()).ok_or(MetadataError::NoEntityId)?;
        let roles: Vec<_> = entity.named(METADATA, "IDPSSODescriptor").filter(speaks_saml2).collect();
        if roles.is_empty() {
            return Ok(());
        }
        if self.by_entity_id.contains_key(entity_id) {
            return Err(MetadataError::DuplicateEntity(entity_id.to_owned()));
        }
        let mut keys = Vec::new();
        for role in roles {
            check_valid_until(role, now)?;
            for certificate in role.named(METADATA, "KeyDescriptor").filter(may_sign).flat_map(certificates) {
                let key = signing_key(certificate)
                    .map_err(|error| MetadataError::Key { entity_id: entity_id.to_owned(), error })?;
                keys.push(key);
            }
        }
        if keys.is_empty() {
            return Err(MetadataError::NoSigningKey(entity_id.to_owned()));
        }
        self.add(entity_id.to_owned(), keys);
        Ok(())
    }

    fn add(&mut self, entity_id: String, keys: Vec<SigningKey>) {
        let new = || TrustedIdp { entity_id: entity_id.clone(), keys: Vec::new() };
        let idp = self.by_entity_id.entry(entity_id.clone()).or_insert_with(new);
        for key in keys {
            if !idp.keys.contains(&key) {
                idp.keys.push(key);
            }
        }
    }
}

impl TrustedIdp {
    /// The entity ID: the `Issuer` of its responses.
    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    /// The keys that may sign; at least one.
    pub fn keys(&self) -> &[SigningKey] {
        &self.keys
    }
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

fn check_valid_until(element: Element<'_>, now: UtcDateTime) -> Result<(), MetadataError> {
    let Some(text) = element.attribute("validUntil") else { return Ok(()) };
    match instant::parse(text) {
        None => Err(MetadataError::MalformedValidUntil(text.to_owned())),
        Some(valid_until) if valid_until <= now => Err(MetadataError::Expired(valid_until)),
        Some(_) => Ok(()),
    }
}
