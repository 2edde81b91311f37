//! Verifiers that break one rule each, so that the hunt is known to find such a breach. Their test of a signature is
//! that the canonical bytes of what is signed are those of the original; it is never the hole.

use studio_acs_refusal::instant;
use studio_acs_saml::xmldsig::{Child, Document, Element, Limits, Method, canonicalize};

use crate::case::{Case, Facts};
use crate::hunt::Verify;

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

pub const VERIFIERS: &[(&str, &Verify)] = &[
    ("reads the first assertion, wherever the signed one stands", &reads_the_first),
    ("reads a value up to the first comment", &reads_up_to_a_comment),
    ("checks no digest", &checks_no_digest),
    ("takes the last of several attributes of a name", &takes_the_last),
];

fn reads_the_first(case: &Case, bytes: &[u8]) -> Result<Facts, String> {
    with(bytes, |root| {
        let assertions: Vec<_> = root.descendants().filter(|element| element.is(SAML, "Assertion")).collect();
        assertions.iter().find(|assertion| is_signed(case, **assertion)).ok_or("unsigned")?;
        facts(case, *assertions.first().ok_or("none")?, text)
    })
}

fn reads_up_to_a_comment(case: &Case, bytes: &[u8]) -> Result<Facts, String> {
    with(bytes, |root| {
        let assertion = root.named(SAML, "Assertion").next().filter(|assertion| is_signed(case, *assertion));
        facts(case, assertion.ok_or("unsigned")?, |element| match element.children().next() {
            Some(Child::Text(text)) => text.to_owned(),
            _ => String::new(),
        })
    })
}

fn checks_no_digest(case: &Case, bytes: &[u8]) -> Result<Facts, String> {
    with(bytes, |root| {
        let assertion = root.named(SAML, "Assertion").find(|assertion| assertion.named(DS, "Signature").count() == 1);
        facts(case, assertion.ok_or("unsigned")?, text)
    })
}

/// Reads more than is signed: attributes of the whole response.
fn takes_the_last(case: &Case, bytes: &[u8]) -> Result<Facts, String> {
    with(bytes, |root| {
        let assertion = root.named(SAML, "Assertion").next().filter(|assertion| is_signed(case, *assertion));
        let mut facts = facts(case, assertion.ok_or("unsigned")?, text)?;
        if let Some(last) = values(root, &case.service.identity[0], text).pop() {
            facts.identity[0] = last;
        }
        Ok(facts)
    })
}

fn with(bytes: &[u8], verify: impl Fn(Element<'_>) -> Result<Facts, String>) -> Result<Facts, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let document = Document::parse(text, Limits::RESPONSE).map_err(|error| error.to_string())?;
    verify(document.root().ok_or("empty")?)
}

/// Whether the assertion's canonical form, without its signature, is the original's.
fn is_signed(case: &Case, assertion: Element<'_>) -> bool {
    let canonical = |assertion: Element<'_>| {
        canonicalize(assertion, &Method::default(), assertion.named(DS, "Signature").next()).ok()
    };
    let original = std::str::from_utf8(&case.source.bytes).ok();
    let original = original.and_then(|text| Document::parse(text, Limits::RESPONSE).ok());
    let signed = original.as_ref().and_then(Document::root).and_then(|root| root.named(SAML, "Assertion").next());
    canonical(assertion).is_some() && canonical(assertion) == signed.and_then(canonical)
}

/// The original's facts, with ID and identity as `assertion` has them.
fn facts(case: &Case, assertion: Element<'_>, read: impl Fn(Element<'_>) -> String) -> Result<Facts, String> {
    let one = |name: &String| values(assertion, name, &read).into_iter().next().ok_or("attribute_missing");
    let [user, domain] = &case.service.identity;
    let until = assertion.named(SAML, "Conditions").next().and_then(|conditions| conditions.attribute("NotOnOrAfter"));
    until.and_then(instant::parse).filter(|until| *until > case.service.now).ok_or("expired")?;
    Ok(Facts {
        id: assertion.attribute("ID").unwrap_or_default().to_owned(),
        identity: [one(user)?, one(domain)?],
        ..case.signed[0].clone()
    })
}

fn values(within: Element<'_>, name: &str, read: impl Fn(Element<'_>) -> String) -> Vec<String> {
    let attributes = within.descendants().filter(|element| element.is(SAML, "Attribute"));
    let named = attributes.filter(|attribute| attribute.attribute("Name") == Some(name));
    named.filter_map(|attribute| attribute.named(SAML, "AttributeValue").next()).map(read).collect()
}

fn text(element: Element<'_>) -> String {
    element.text().unwrap_or_default().into_owned()
}
