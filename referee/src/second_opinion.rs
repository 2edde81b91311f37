//! libxmlsec1's opinion beside a running service.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use crate::libxmlsec1::signed_content;
use crate::{CertificateDer, DS, SAML, SAMLP, TrustError, children, issuer, signing_certificates};

/// The transforms of SAML Core 5.4.4. No other is handed on.
const TRANSFORMS: [&str; 3] = [
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
];

/// The second verifier that must agree before a response is taken: libxmlsec1, under certificates that were read from
/// the same metadata by another parser. Prepared once; asked on a thread that may block, after our own verifier has
/// accepted.
///
/// It answers with what libxmlsec1 says is signed, and the caller compares that with what it was about to use:
///
/// ```no_run
/// # fn refuse() {}
/// # let (metadata, xml, id, user) = ("", "", "", "");
/// let second = studio_acs_referee::SecondOpinion::new([metadata])?;
/// match second.signed_assertion(xml) {
///     Ok(facts) if facts.assertion_id == id && facts.only_value("username") == Some(user) => {}
///     _ => refuse(),
/// }
/// # Ok::<(), studio_acs_referee::TrustError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SecondOpinion {
    certificates: BTreeMap<String, Vec<CertificateDer>>,
}

/// The facts signed according to libxmlsec1, as roxmltree reads them from the bytes that libxmlsec1 hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFacts {
    /// The `ID` of the assertion.
    pub assertion_id: String,
    /// The issuer of the assertion, whose certificates its signature was verified under.
    pub issuer: String,
    /// Each `saml:Attribute` of each `saml:AttributeStatement` directly in the assertion, in order: its `Name`, and its
    /// values. A value that is anything but text, such as one with an element in it, is `None`.
    pub attributes: Vec<(String, Vec<Option<String>>)>,
}

impl SignedFacts {
    /// Returns the value of the attribute `name`, if exactly one such attribute exists, with exactly one value, of
    /// text.
    pub fn only_value(&self, name: &str) -> Option<&str> {
        let mut named = self.attributes.iter().filter(|(other, _)| other == name);
        match (named.next(), named.next()) {
            (Some((_, values)), None) => match values.as_slice() {
                [Some(value)] => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// Every value of the attribute `name`, in order; `None` for each that is not text.
    pub fn all_values(&self, name: &str) -> impl Iterator<Item = Option<&str>> {
        let named = self.attributes.iter().filter(move |(other, _)| other == name);
        named.flat_map(|(_, values)| values).map(Option::as_deref)
    }
}

/// The reason why a response has no second opinion. Each is a reason to refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Doubt {
    /// roxmltree does not take it for XML without a document type.
    #[error("another parser does not take the response for XML")]
    NotXml,
    /// A reference out of the document, or a transform that is none of SAML's.
    #[error("a signature refers to other places or uses other transforms than SAML's")]
    UnsafeSignature,
    /// No identity provider of the metadata issued it.
    #[error("another parser finds no issuer in the response whom the metadata names")]
    UnknownIssuer,
    /// libxmlsec1 does not verify every signature in it, or finds none.
    #[error("libxmlsec1 does not verify the response")]
    NotVerified,
    /// The signed content is not one assertion of that issuer, by itself or in a response.
    #[error("what libxmlsec1 verified is not one assertion of the issuer whose certificates were used")]
    NotOneAssertion,
}

impl SecondOpinion {
    /// Trusts the identity providers of these metadata documents. An issuer that stands in several has the
    /// certificates of all.
    ///
    /// # Errors
    /// A document that is not XML, or a certificate that is not base64.
    pub fn new<'m>(metadata: impl IntoIterator<Item = &'m str>) -> Result<Self, TrustError> {
        crate::libxmlsec1::initialise();
        let mut certificates: BTreeMap<String, Vec<CertificateDer>> = BTreeMap::new();
        for text in metadata {
            for entity_id in crate::metadata::entity_ids(text)? {
                let found = signing_certificates(text, &entity_id)?;
                certificates.entry(entity_id).or_default().extend(found);
            }
        }
        Ok(Self { certificates })
    }

    /// Returns the facts that libxmlsec1 finds signed in the response `xml`. Every signature in it must verify under
    /// the issuer's certificates. Times, audience and recipient are not looked at.
    ///
    /// # Errors
    /// Any [`Doubt`] is a reason to refuse the response.
    pub fn signed_assertion(&self, xml: &str) -> Result<SignedFacts, Doubt> {
        let document = Document::parse(xml).map_err(|_| Doubt::NotXml)?;
        if !stays_inside(&document) {
            return Err(Doubt::UnsafeSignature);
        }
        let issuer = issuer(xml).ok_or(Doubt::UnknownIssuer)?;
        let certificates = self.certificates.get(&issuer).ok_or(Doubt::UnknownIssuer)?;
        let signed = signed_content(without_declaration(xml), certificates).ok_or(Doubt::NotVerified)?;
        facts(&signed).filter(|facts| facts.issuer == issuer).ok_or(Doubt::NotOneAssertion)
    }
}

/// The text without its XML declaration: it is UTF-8 by now, whatever the declaration says, and no signed element
/// reaches that far.
fn without_declaration(xml: &str) -> &str {
    let text = xml.strip_prefix('\u{FEFF}').unwrap_or(xml);
    match text.split_once("?>") {
        Some((declaration, rest)) if declaration.starts_with("<?xml") => rest,
        _ => text,
    }
}

/// Whether every reference is to an ID in the document, and every transform one of SAML's.
fn stays_inside(document: &Document<'_>) -> bool {
    document.descendants().filter(|node| node.tag_name().namespace() == Some(DS)).all(|node| {
        match node.tag_name().name() {
            "Reference" => node
                .attribute("URI")
                .is_some_and(|uri| uri.strip_prefix('#').is_some_and(|id| !id.is_empty() && !id.contains(['(', '/']))),
            "Transform" => node.attribute("Algorithm").is_some_and(|algorithm| TRANSFORMS.contains(&algorithm)),
            "RetrievalMethod" | "Manifest" => false,
            _ => true,
        }
    })
}

/// Reads what was signed: an assertion, or a response with exactly one in it.
fn facts(signed: &str) -> Option<SignedFacts> {
    let document = Document::parse(signed).ok()?;
    let root = document.root_element();
    let assertion = if root.has_tag_name((SAMLP, "Response")) {
        only(children(root, SAML, "Assertion"))?
    } else {
        Some(root).filter(|root| root.has_tag_name((SAML, "Assertion")))?
    };
    only(document.descendants().filter(|node| node.has_tag_name((SAML, "Assertion"))))?;
    let attributes = children(assertion, SAML, "AttributeStatement")
        .flat_map(|statement| children(statement, SAML, "Attribute"))
        .map(|attribute| {
            let values = children(attribute, SAML, "AttributeValue").map(text).collect();
            Some((attribute.attribute("Name")?.to_owned(), values))
        });
    Some(SignedFacts {
        assertion_id: assertion.attribute("ID")?.to_owned(),
        issuer: text(only(children(assertion, SAML, "Issuer"))?)?,
        attributes: attributes.collect::<Option<_>>()?,
    })
}

/// Returns the text inside, if nothing but text is.
fn text(node: Node<'_, '_>) -> Option<String> {
    node.children().map(|child| child.text().filter(|_| child.is_text())).collect()
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}
