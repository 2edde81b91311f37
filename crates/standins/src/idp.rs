//! A development identity provider: signs real responses in Identity Center's shape with a key made at start.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use studio_acs_refusal::instant;
use studio_acs_saml::xmldsig::{Document, Limits, Method, canonicalize};
use time::{Duration, UtcDateTime};

use crate::error::StandInError;
use crate::id::new_id;
use studio_acs_html::{Slot, fill};

/// An identity provider with one RSA-2048 key, which lives as long as the process.
#[derive(Debug)]
pub struct DevIdp {
    issuer: String,
    key: RsaKeyPair,
    certificate: String,
}

/// The content of a response: about which user, for whom, and as of when.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The attribute `username`.
    pub user: String,
    /// The attribute `domain-id`.
    pub domain: String,
    /// The audience.
    pub audience: String,
    /// Destination and recipient.
    pub acs_url: String,
    /// The instant of issue.
    pub issued: UtcDateTime,
    /// How long the session at the identity provider lasts from then.
    pub session: Duration,
    /// The values of the attribute `groups`, which is absent without any.
    pub groups: Vec<String>,
    /// Other attributes, each with one value.
    pub attributes: Vec<(String, String)>,
    /// When the user signed in at the identity provider.
    pub authenticated: UtcDateTime,
    /// How: the URI of an authentication context class.
    pub method: String,
}

/// By a password and no second factor.
pub const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

impl DevIdp {
    /// An identity provider of this entity ID, with a new key.
    ///
    /// # Errors
    /// Where no key can be made.
    pub fn new(issuer: &str) -> Result<Self, StandInError> {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(StandInError::key)?;
        let params = CertificateParams::new(Vec::new()).map_err(StandInError::key)?;
        let certificate = params.self_signed(&pair).map_err(StandInError::key)?;
        let key = RsaKeyPair::from_pkcs8(&pair.serialize_der()).map_err(StandInError::key)?;
        Ok(Self { issuer: issuer.to_owned(), key, certificate: STANDARD.encode(certificate.der()) })
    }

    /// Its metadata, as an operator would download it.
    pub fn metadata(&self) -> String {
        let slots = [("issuer", Slot::Text(&self.issuer)), ("certificate", Slot::Text(&self.certificate))];
        fill(include_str!("metadata.xml"), &slots)
    }

    /// A response with nothing signed.
    pub fn unsigned(&self, claim: &Claim) -> String {
        self.message(claim).text
    }

    /// A response whose assertion is signed, and then the response itself.
    ///
    /// # Errors
    /// Where signing fails.
    pub fn respond(&self, claim: &Claim) -> Result<String, StandInError> {
        let message = self.message(claim);
        let text = self.sign(&message.text, &message.assertion_id)?;
        self.sign(&text, &message.response_id)
    }

    /// The key's signature of anything: RSASSA-PKCS1-v1_5 with SHA-256.
    pub(crate) fn signature(&self, message: &[u8]) -> Result<Vec<u8>, StandInError> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(StandInError::key)?;
        Ok(signature)
    }

    /// The key's public half: an `RSAPublicKey` in DER (RFC 8017 A.1.1).
    pub(crate) fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    fn message(&self, claim: &Claim) -> Message {
        let (response_id, assertion_id) = (format!("_{}", new_id()), format!("_{}", new_id()));
        let at = |offset: Duration| instant::format(claim.issued.saturating_add(offset));
        let (issued, not_before) = (at(Duration::ZERO), at(Duration::minutes(-1)));
        let (not_on_or_after, session_not_on_or_after) = (at(Duration::HOUR), at(claim.session));
        let slots = [
            ("response_id", response_id.as_str()),
            ("assertion_id", &assertion_id),
            ("issuer", &self.issuer),
            ("issued", &issued),
            ("not_before", &not_before),
            ("not_on_or_after", &not_on_or_after),
            ("session_not_on_or_after", &session_not_on_or_after),
            ("acs_url", &claim.acs_url),
            ("audience", &claim.audience),
            ("user", &claim.user),
            ("domain", &claim.domain),
            ("authenticated", &instant::format(claim.authenticated)),
            ("method", &claim.method),
        ];
        let more = claim.attributes.iter().map(|(name, value)| attribute(name, std::slice::from_ref(value)));
        let attributes: String = std::iter::once(attribute("groups", &claim.groups)).chain(more).collect();
        let mut slots = slots.map(|(name, text)| (name, Slot::Text(text))).to_vec();
        slots.push(("attributes", Slot::Html(&attributes)));
        let text = fill(include_str!("response.xml"), &slots);
        Message { text, response_id, assertion_id }
    }

    /// Signs the element `id`; the signature takes the place of the comment that names it, which no digest sees.
    fn sign(&self, text: &str, id: &str) -> Result<String, StandInError> {
        let document = Document::parse(text, Limits::RESPONSE).map_err(StandInError::key)?;
        let root = document.root().ok_or_else(|| StandInError::key("no root"))?;
        let element =
            std::iter::once(root).chain(root.descendants()).find(|element| element.attribute("ID") == Some(id));
        let element = element.ok_or_else(|| StandInError::key("no such ID"))?;
        let canonical = canonicalize(element, &Method::default(), None).map_err(StandInError::key)?;
        let digest = STANDARD.encode(digest(&SHA256, &canonical));

        // The template is in canonical form already.
        let signed_info =
            fill(include_str!("signed_info.xml"), &[("id", Slot::Text(id)), ("digest", Slot::Text(&digest))]);
        let signature = STANDARD.encode(self.signature(signed_info.as_bytes())?);
        let slots = [
            ("signed_info", Slot::Html(&signed_info)),
            ("signature_value", Slot::Text(&signature)),
            ("certificate", Slot::Text(&self.certificate)),
        ];
        Ok(text.replace(&format!("<!--{id}-->"), &fill(include_str!("signature.xml"), &slots)))
    }
}

/// The attribute of this name, if it has values.
fn attribute(name: &str, values: &[String]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let value = |value: &String| fill(include_str!("attribute_value.xml"), &[("value", Slot::Text(value))]);
    let values: String = values.iter().map(value).collect();
    fill(include_str!("attribute.xml"), &[("name", Slot::Text(name)), ("values", Slot::Html(&values))])
}

struct Message {
    text: String,
    response_id: String,
    assertion_id: String,
}
