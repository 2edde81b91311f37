//! The facts of every accepted vector, as an independent parser (roxmltree) finds them in the message.

#![allow(missing_docs, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use fixtures::manifest::{self, Row, Verdict};
use roxmltree::{Document, Node};
use studio_acs_refusal::instant;
use studio_acs_saml::{
    AttributeValue, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier, unverified_signers,
};
use time::{Duration, UtcDateTime};

/// The facts that the crate tells of an assertion.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    issuer: String,
    id: String,
    issued: Option<UtcDateTime>,
    not_on_or_after: Option<UtcDateTime>,
    session_not_on_or_after: Option<UtcDateTime>,
    authenticated_at: Option<UtcDateTime>,
    authentication_method: Option<String>,
    /// The subject's NameID and its format.
    name_id: Option<(String, Option<String>)>,
    /// The values of each attribute; `None` where one is not plain text.
    attributes: BTreeMap<String, Option<Vec<String>>>,
}

#[test]
fn the_facts_are_those_of_the_message() {
    let mut wrong = Vec::new();
    let (mut with_session_end, mut brought) = (0, 0);
    for Accepted { row, verifier, text, assertion, at } in accepted() {
        let expected = read_independently(&text, &row.acs_url);
        let found = told(&assertion, expected.attributes.keys());
        if found != expected {
            wrong.push(format!("{}: {found:#?}\nin the message: {expected:#?}", row.name));
        }
        if found.session_not_on_or_after.is_some() {
            with_session_end += 1;
        }
        let absent = (assertion.has_attribute("absent"), assertion.attribute_values("absent").count());
        assert_eq!(absent, (false, 0), "{}", row.name);
        // The key that verified is one that the issuer's metadata trusts, and no other identity provider's.
        let key = assertion.signed_by().expect("a key");
        let trusting: Vec<_> =
            verifier.idps().iter().filter(|idp| idp.trusts(key, at)).map(|idp| idp.entity_id()).collect();
        assert_eq!(trusting, [assertion.issuer()], "{}", row.name);
        assert_eq!(listed(&assertion), listed_independently(&text), "{}", row.name);
        brought += usize::from(unverified_signers(&text).contains(&key));
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    assert!(with_session_end > 5, "{with_session_end} of the accepted ones end a session");
    assert!(brought > 50, "{brought} bring the certificate along that verifies them");
}

/// Each attribute: its name, its name for people, and its values in words.
type Listed = Vec<(String, Option<String>, Vec<String>)>;

fn listed(assertion: &VerifiedAssertion) -> Listed {
    let words = |value: AttributeValue<'_>| match value {
        AttributeValue::Text(text) => text.to_owned(),
        AttributeValue::Nil => "(nil)".to_owned(),
        AttributeValue::Commented => "(a comment)".to_owned(),
        AttributeValue::Element(name) => format!("(an element {name})"),
    };
    let attributes = assertion.attributes().iter();
    let listed = attributes.map(|attribute| {
        let friendly = attribute.friendly_name().map(str::to_owned);
        (attribute.name().to_owned(), friendly, attribute.values().map(words).collect())
    });
    listed.collect()
}

fn listed_independently(text: &str) -> Listed {
    let document = Document::parse(text).expect("XML");
    let assertion = document.descendants().find(|node| node.has_tag_name("Assertion")).expect("an assertion");
    let words = |value: Node<'_, '_>| {
        let nil = value.attribute(("http://www.w3.org/2001/XMLSchema-instance", "nil")).map(str::trim);
        match (plain(value), value.children().find(Node::is_element)) {
            (Some(text), _) if text.is_empty() && matches!(nil, Some("true" | "1")) => "(nil)".to_owned(),
            (Some(text), _) => text,
            (None, Some(element)) => format!("(an element {})", element.tag_name().name()),
            (None, None) => "(a comment)".to_owned(),
        }
    };
    let attributes = assertion.descendants().filter(|node| node.tag_name().name() == "Attribute");
    let listed = attributes.map(|attribute| {
        let friendly = attribute.attribute("FriendlyName").map(str::to_owned);
        let values = attribute.children().filter(Node::is_element).map(words).collect();
        (attribute.attribute("Name").unwrap_or_default().to_owned(), friendly, values)
    });
    listed.collect()
}

/// A refusal names the attributes that are there, and the one that has the wanted name for people only.
#[test]
fn an_absent_attribute_is_told_beside_those_that_are_there() {
    let (mut none, mut by_friendly_name, mut others) = (0, 0, 0);
    let without = |row: &Row| row.name.starts_with("refuse/attribute_missing/");
    for Accepted { row, assertion, .. } in accepted().chain(verified(without)) {
        let attributes = assertion.attributes();
        let found = assertion.missing("absent", "").found().to_owned();
        match attributes.first() {
            None => {
                assert_eq!(found, "no attributes", "{}", row.name);
                none += 1;
            }
            Some(_) => {
                assert!(found.starts_with("only "), "{}: {found}", row.name);
                others += 1;
            }
        }
        for friendly in attributes.iter().filter_map(|attribute| attribute.friendly_name()) {
            let found = assertion.missing(friendly, "").found().to_owned();
            assert!(found.contains("with that name as FriendlyName only"), "{}: {found}", row.name);
            let found = assertion.missing(&friendly.to_uppercase(), "").found().to_owned();
            assert!(found.contains("with that name as FriendlyName only"), "{}: {found}", row.name);
            by_friendly_name += 1;
        }
        let shown = format!("{assertion:?}");
        for text in attributes.iter().flat_map(|attribute| attribute.values()) {
            let AttributeValue::Text(text) = text else { continue };
            assert!(shown.contains(&format!("{text:?}")), "{}: {text} is not in {shown}", row.name);
        }
    }
    assert!(
        none > 1 && others > 100 && by_friendly_name > 3,
        "{none} without, {by_friendly_name} by FriendlyName, {others} others"
    );
}

/// Replay protection remembers an assertion by this key, in whatever response it comes again.
#[test]
fn two_replay_keys_are_equal_where_issuer_and_id_are() {
    let named: Vec<_> = accepted()
        .map(|Accepted { assertion, .. }| {
            ((assertion.issuer().to_owned(), assertion.id().to_owned()), assertion.replay_key())
        })
        .collect();
    let (mut same, mut different) = (0, 0);
    for (at, (name, key)) in named.iter().enumerate() {
        for (other, other_key) in named.iter().skip(at + 1) {
            assert_eq!(key == other_key, name == other, "{name:?} and {other:?}");
            if name == other { same += 1 } else { different += 1 }
        }
    }
    assert!(same > 10 && different > 100, "{same} pairs of one assertion, {different} of two");
}

/// An accepted row, and all that was read to verify it.
struct Accepted {
    row: Row,
    verifier: Verifier,
    text: String,
    assertion: VerifiedAssertion,
    at: UtcDateTime,
}

fn accepted() -> impl Iterator<Item = Accepted> {
    verified(|row| row.expect == Verdict::Accept)
}

/// The rows whose responses are verified, of those that are wanted.
fn verified(is_wanted: impl Fn(&Row) -> bool) -> impl Iterator<Item = Accepted> {
    manifest::rows("library").into_iter().filter(move |row| is_wanted(row)).map(|row| {
        let at = instant::parse(&row.at).expect("a time");
        let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
        let idps = TrustedIdps::from_metadata(&metadata, at).expect("metadata");
        let mut us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
        us.skew = row.skew.map_or(us.skew, |skew| Duration::seconds(skew.into()));
        us.max_age = row.max_age.map_or(us.max_age, |age| Duration::seconds(age.into()));
        let response = match (&row.file, &row.form) {
            (Some(file), None) => UnverifiedResponse::from_xml(manifest::read(file)),
            (None, Some(form)) => UnverifiedResponse::from_form(Some(&row.content_type), &manifest::read(form)),
            _ => panic!("{}: either a file or a form", row.name),
        };
        let response = response.expect("a response");
        let text = response.unverified_text().to_owned();
        let outstanding = row.in_response_to.as_deref();
        let verifier = Verifier::new(idps, us);
        let verified = verifier.verify(response, outstanding, at, &mut ());
        let assertion = verified.unwrap_or_else(|rejection| panic!("{}: {rejection}", row.name));
        Accepted { row, verifier, text, assertion, at }
    })
}

fn told<'a>(assertion: &VerifiedAssertion, names: impl Iterator<Item = &'a String>) -> Facts {
    // All of them are plain text, or none counts.
    let values = |name: &str| {
        let text = |value| match value {
            AttributeValue::Text(text) => Some(text.to_owned()),
            AttributeValue::Nil => Some(String::new()),
            AttributeValue::Commented | AttributeValue::Element(_) => None,
        };
        assertion.attribute_values(name).map(text).collect::<Option<Vec<_>>>()
    };
    Facts {
        issuer: assertion.issuer().to_owned(),
        id: assertion.id().to_owned(),
        issued: Some(assertion.issued()),
        not_on_or_after: Some(assertion.not_on_or_after()),
        session_not_on_or_after: assertion.session_not_on_or_after(),
        authenticated_at: assertion.authenticated_at(),
        authentication_method: assertion.authentication_method().map(str::to_owned),
        name_id: assertion.name_id().map(|name| (name.value().to_owned(), name.format().map(str::to_owned))),
        attributes: names
            .filter(|name| assertion.has_attribute(name))
            .map(|name| (name.clone(), values(name)))
            .collect(),
    }
}

fn read_independently(text: &str, acs_url: &str) -> Facts {
    let document = Document::parse(text).expect("XML");
    let assertion = document.descendants().find(|node| node.has_tag_name("Assertion")).expect("an assertion");
    let named = |name: &'static str| assertion.descendants().filter(move |node| node.tag_name().name() == name);
    let instants = |name: &'static str, attribute: &'static str| {
        named(name).filter_map(move |node| node.attribute(attribute)).map(|text| instant::parse(text).expect("a time"))
    };
    // A bearer's assertion could be presented again until the last confirmation for us ends, and within its conditions.
    let for_us = named("SubjectConfirmation")
        .filter(|node| node.attribute("Method").is_some_and(|method| method.ends_with(":bearer")))
        .flat_map(|node| node.children())
        .filter(|data| data.attribute("Recipient") == Some(acs_url))
        .filter_map(|data| data.attribute("NotOnOrAfter").and_then(instant::parse));
    let mut methods: Vec<_> = named("AuthnStatement")
        .map(|node| node.descendants().find(|node| node.tag_name().name() == "AuthnContextClassRef").and_then(plain))
        .collect();
    methods.dedup();
    let name_id = child(assertion, "Subject").and_then(|subject| child(subject, "NameID"));
    let mut attributes = BTreeMap::<String, Option<Vec<String>>>::new();
    for attribute in named("Attribute") {
        let values = attribute.children().filter(Node::is_element).map(plain).collect::<Option<Vec<_>>>();
        let name = attribute.attribute("Name").expect("a name").to_owned();
        let all = attributes.entry(name).or_insert(Some(Vec::new()));
        *all = all.take().zip(values).map(|(before, values)| [before, values].concat());
    }
    Facts {
        issuer: assertion
            .children()
            .find(|node| node.tag_name().name() == "Issuer")
            .and_then(plain)
            .expect("an issuer"),
        id: assertion.attribute("ID").expect("an ID").to_owned(),
        issued: assertion.attribute("IssueInstant").and_then(instant::parse),
        not_on_or_after: for_us.max().into_iter().chain(instants("Conditions", "NotOnOrAfter")).min(),
        session_not_on_or_after: instants("AuthnStatement", "SessionNotOnOrAfter").min(),
        authenticated_at: instants("AuthnStatement", "AuthnInstant").min(),
        authentication_method: match methods.as_slice() {
            [Some(method)] => Some(method.trim().to_owned()),
            _ => None,
        },
        name_id: name_id.and_then(|node| Some((plain(node)?, node.attribute("Format").map(str::to_owned)))),
        attributes,
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// The text inside; `None` if a comment or an element is inside.
fn plain(node: Node<'_, '_>) -> Option<String> {
    node.children().map(|child| child.text().filter(|_| child.is_text())).collect()
}
