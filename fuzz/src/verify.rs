//! The whole way, from the message to the verified assertion.

use std::sync::LazyLock;

use roxmltree::Node;
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};
use time::UtcDateTime;

use crate::agreement::is_not_compared;
use crate::signatures;
use fixtures::manifest;

pub(crate) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The metadata of every key that is trusted here.
const METADATA: [&str; 6] = ["nested", "rotation", "expired-certificate", "rsa-3072", "rsa-4096", "rsa-and-ec"];
const MORE_METADATA: [&str; 3] = ["ec-p256", "ec-p384", "ec-p521"];

pub(crate) static NOW: LazyLock<UtcDateTime> =
    LazyLock::new(|| instant::parse("2026-01-15T10:00:30Z").expect("a time"));

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let idps = METADATA.iter().chain(&MORE_METADATA).map(|name| {
        let text = String::from_utf8(manifest::read(&format!("metadata/{name}.xml"))).expect("UTF-8");
        TrustedIdps::from_metadata(&text, *NOW).expect("metadata")
    });
    let service = "https://abc123.execute-api.eu-central-1.amazonaws.com/";
    let us = ServiceProvider::new(service, vec![format!("{service}prod/saml")]);
    Verifier::new(idps.reduce(TrustedIdps::and).expect("metadata"), us)
});

/// Every accepted message has a valid signature, by another judge, over the element that holds the read values, by
/// another reader.
pub fn check(data: &[u8]) {
    let Ok(response) = UnverifiedResponse::from_xml(data.to_vec()) else { return };
    let Ok(assertion) = verify(response) else { return };
    let text = std::str::from_utf8(data).expect("UTF-8");
    assert!(signatures::is_signed(text, assertion.issuer()), "accepted without a valid signature");
    if !is_not_compared(text) {
        assert_read(&assertion, text);
    }
}

/// The outcome of a message, in words.
pub(crate) fn outcome(response: UnverifiedResponse) -> String {
    format!("{:?}", verify(response))
}

fn verify(response: UnverifiedResponse) -> Result<VerifiedAssertion, Rejection> {
    VERIFIER.verify(response, Some("_request-1"), *NOW, &mut ())
}

/// The facts are those that roxmltree finds in the only assertion.
fn assert_read(verified: &VerifiedAssertion, text: &str) {
    let document = roxmltree::Document::parse(text).expect("XML");
    let mut assertions = document.descendants().filter(|node| node.has_tag_name((SAML, "Assertion")));
    let assertion = assertions.next().expect("an assertion");
    assert!(assertions.next().is_none(), "several assertions");
    assert_eq!(Some(verified.id()), assertion.attribute("ID"));
    let issuer = assertion.children().find(|node| node.has_tag_name((SAML, "Issuer"))).expect("an issuer");
    assert_eq!(Some(verified.issuer().to_owned()), plain(issuer));

    let instants = |name: &str| {
        let values = assertion.descendants().filter_map(|node| node.attribute(name)).filter_map(instant::parse);
        values.collect::<Vec<_>>()
    };
    assert!(instants("NotOnOrAfter").contains(&verified.not_on_or_after()));
    if let Some(ends) = verified.session_not_on_or_after() {
        assert!(instants("SessionNotOnOrAfter").contains(&ends));
    }

    let children = |node: Node<'_, '_>, name: &'static str| {
        node.children()
            .filter(move |child| child.has_tag_name((SAML, name)))
            .map(|child| child.id())
            .collect::<Vec<_>>()
    };
    let attributes: Vec<Node<'_, '_>> = children(assertion, "AttributeStatement")
        .into_iter()
        .filter_map(|id| document.get_node(id))
        .flat_map(|statement| children(statement, "Attribute"))
        .filter_map(|id| document.get_node(id))
        .collect();
    for attribute in &attributes {
        let name = attribute.attribute("Name").unwrap_or_default();
        let same = attributes.iter().filter(|other| other.attribute("Name").unwrap_or_default() == name).count();
        let values = children(*attribute, "AttributeValue");
        let expected = match values[..] {
            [value] if same == 1 => document.get_node(value).and_then(plain),
            _ => None,
        };
        assert_eq!(verified.attribute(name).ok().map(str::to_owned), expected, "{name}");
    }
}

/// Returns the text inside, if nothing else is.
fn plain(node: Node<'_, '_>) -> Option<String> {
    node.children().map(|child| if child.is_text() { child.text() } else { None }).collect()
}
