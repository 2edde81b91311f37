//! What the parser takes and refuses, beside roxmltree, an independent parser. Where the two differ, the row says so.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use studio_acs_saml::xmldsig::{Child, Document, Element, Limits};

/// What a parser must make of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Both take it, and read the same.
    Both,
    /// Neither takes it.
    Neither,
    /// roxmltree takes it, we do not: XML or its namespaces forbid it, or we do.
    RoxmltreeAlone,
}
use Verdict::{Both, Neither, RoxmltreeAlone};

const DOCUMENTS: &[(&str, Verdict)] = &[
    ("<r/>", Both),
    ("\u{FEFF}<r/>", Both),
    ("<?xml version='1.0' encoding=\"utf-8\" standalone='no' ?>\n<!-- a --><r/><!-- b -->\n", Both),
    ("<r a='1' b=\"2\"\n\tc = '3'/>", Both),
    ("<r>a&#65;&#x42;&lt;&gt;&amp;&quot;&apos;</r>", Both),
    ("<r a='&#9;&#10;&#13;&lt;&quot;' b='\t\n\r\n\r'/>", Both),
    ("<r>a\r\nb\rc</r>", Both),
    ("<r><![CDATA[<&\r\n]]]]><![CDATA[>]]></r>", Both),
    ("<p:r xmlns:p='urn:p' xmlns='urn:d'><s xmlns=''/><t p:a='' a=''/></p:r>", Both),
    ("<?xml version='1.0' standalone='yes'?><r/>", Both),
    ("<r xml:lang='en' xml:space='preserve' xml:id='a'/>", Both),
    ("<r xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:a=''/>", Both),
    ("<ä·-. b_='\u{1F600}'>\u{10FFFF}</ä·-.>", Both),
    ("<r></r >", Both),
    ("", Neither),
    ("  ", Neither),
    ("<r>", Neither),
    ("</r>", Neither),
    ("<r></s>", Neither),
    ("<r></rr>", Neither),
    ("<p:r xmlns:p='urn:p'></r>", Neither),
    ("<r xmlns:p='urn:p'></p:r>", Neither),
    ("<r/><r/>", Neither),
    ("<r/>text", Neither),
    ("text<r/>", Neither),
    ("<r/>&amp;", Neither),
    ("<1r/>", Neither),
    ("<-r/>", Neither),
    ("< r/>", Neither),
    ("<r a/>", Neither),
    ("<r a=1/>", Neither),
    ("<r a='1'b='2'/>", Neither),
    ("<r a='<'/>", Neither),
    ("<r a='1' a='2'/>", Neither),
    ("<r xmlns:p='urn:p' xmlns:q='urn:p' p:a='' q:a=''/>", Neither),
    ("<r xmlns:p='urn:p' xmlns:p='urn:q'/>", Neither),
    ("<p:r/>", Neither),
    ("<r p:a=''/>", Neither),
    ("<xmlns:r/>", Neither),
    ("<r xmlns:xml='urn:x'/>", Neither),
    ("<r xmlns:p='http://www.w3.org/XML/1998/namespace'/>", Neither),
    ("<r xmlns='http://www.w3.org/2000/xmlns/'/>", Neither),
    ("<r>&unknown;</r>", Neither),
    ("<r>&amp</r>", Neither),
    ("<r>& </r>", Neither),
    ("<r>&#0;</r>", Neither),
    ("<r>&#xFFFE;</r>", Neither),
    ("<r>&#+65;</r>", Neither),
    ("<r>&#;</r>", Neither),
    ("<r>&#X41;</r>", Neither),
    ("<r>]]></r>", Neither),
    ("<r><!-- a -- b --></r>", Neither),
    ("<r><!-- a ---></r>", Neither),
    ("<r><!-- a</r>", Neither),
    ("<r><![CDATA[a</r>", Neither),
    ("<r>\u{1}</r>", Neither),
    ("<r>\u{FFFF}</r>", Neither),
    ("<!DOCTYPE r><r/>", Neither),
    ("<!DOCTYPE r [<!ENTITY e 'x'>]><r>&e;</r>", Neither),
    ("<r><!DOCTYPE r></r>", Neither),
    (" <?xml version='1.0'?><r/>", Neither),
    ("<a:b:c xmlns:a='urn:a'/>", Neither),
    // XML or its namespaces forbid these.
    ("<?xml version='1&#46;0'?><r/>", RoxmltreeAlone),
    ("<?xml version='1.0' encoding='&#85;TF-8'?><r/>", RoxmltreeAlone),
    ("<?xml version='1.0' standalone='YES'?><r/>", RoxmltreeAlone),
    (
        "<r xmlns:xml='http://www.w3.org/XML/1998/namespace' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        RoxmltreeAlone,
    ),
    ("<r xmlns='urn:a' xmlns='urn:b'/>", RoxmltreeAlone),
    ("<r xmlns:p=''/>", RoxmltreeAlone),
    ("<r xmlns:xmlns='urn:x'/>", RoxmltreeAlone),
    ("<r>&#xD800;</r>", RoxmltreeAlone),
    ("<?xml version='2.0'?><r/>", RoxmltreeAlone),
    // We do.
    ("<r><?target data?></r>", RoxmltreeAlone),
    ("<?target data?><r/>", RoxmltreeAlone),
    ("<r xmlns='relative'/>", RoxmltreeAlone),
    ("<r xmlns:p='//host/path'/>", RoxmltreeAlone),
    ("<?xml version='1.0' encoding='ISO-8859-1'?><r/>", RoxmltreeAlone),
    ("<?xml version='1.1'?><r/>", RoxmltreeAlone),
    ("<r ID='a'><s Id='a'/></r>", RoxmltreeAlone),
];

#[test]
fn each_document_has_its_verdict() {
    let mut wrong = Vec::new();
    for (text, verdict) in DOCUMENTS {
        let (ours, theirs) = (Document::parse(text, Limits::RESPONSE), roxmltree::Document::parse(text));
        let found = match (&ours, &theirs) {
            (Ok(_), Ok(_)) => Both,
            (Err(_), Err(_)) => Neither,
            (Err(_), Ok(_)) => RoxmltreeAlone,
            (Ok(_), Err(error)) => panic!("{text}: we alone take it: {error}"),
        };
        if found != *verdict {
            wrong.push(format!("{text:?} is {found:?}: {:?} {:?}", ours.as_ref().err(), theirs.as_ref().err()));
        }
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            assert_eq!(our_events(ours.root().expect("a root")), their_events(theirs.root_element()), "{text}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A prefixed attribute of the local name `xmlns` is an attribute, and no declaration.
#[test]
fn an_attribute_named_xmlns_declares_nothing() {
    let text = "<p:r xmlns:p='urn:p' p:xmlns='urn:x'><s/></p:r>";
    let ours = Document::parse(text, Limits::RESPONSE).expect("XML");
    let child = ours.root().and_then(|root| root.elements().next()).expect("a child");
    assert_eq!(child.namespace(), "");
    let theirs = roxmltree::Document::parse(text).expect("XML");
    let child = theirs.root_element().first_element_child().expect("a child");
    assert_eq!(child.tag_name().namespace(), Some("urn:x"), "roxmltree takes it for a declaration");
}

/// The vectors' messages read the same, node by node.
#[test]
fn the_vectors_read_the_same() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/responses");
    let mut folders = vec![std::path::PathBuf::from(folder)];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a text");
            let ours =
                Document::parse(&text, Limits::RESPONSE).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let theirs = roxmltree::Document::parse(&text).expect("XML");
            assert_eq!(
                our_events(ours.root().expect("a root")),
                their_events(theirs.root_element()),
                "{}",
                path.display()
            );
            read += 1;
        }
    }
    assert!(read > 100, "{read} messages");
}

/// A document as a list of what is met on the way through it. Texts that stand together are one.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Open { namespace: String, local: String, attributes: Vec<(String, String, String)>, scope: Vec<(String, String)> },
    Close,
    Text(String),
    Comment(String),
}

fn push_text(events: &mut Vec<Event>, text: &str) {
    match events.last_mut() {
        Some(Event::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => events.push(Event::Text(text.to_owned())),
    }
}

fn our_events(element: Element<'_>) -> Vec<Event> {
    let attributes =
        element.attributes().map(|a| (a.namespace.to_owned(), a.local.to_owned(), a.value.to_owned())).collect();
    let mut scope: Vec<_> = element.scope().map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect();
    scope.sort();
    let mut events = vec![Event::Open {
        namespace: element.namespace().to_owned(),
        local: element.local().to_owned(),
        attributes,
        scope,
    }];
    for child in element.children() {
        match child {
            Child::Element(child) => events.extend(our_events(child)),
            Child::Text(text) => push_text(&mut events, text),
            Child::Comment(text) => events.push(Event::Comment(text.to_owned())),
        }
    }
    events.push(Event::Close);
    events
}

fn their_events(node: roxmltree::Node<'_, '_>) -> Vec<Event> {
    if node.is_text() {
        return vec![Event::Text(node.text().expect("text").to_owned())];
    }
    if node.is_comment() {
        // roxmltree leaves line ends in comments as they are; XML 1.0 2.11 does not.
        return vec![Event::Comment(node.text().expect("text").replace("\r\n", "\n").replace('\r', "\n"))];
    }
    let name = node.tag_name();
    let attributes = node.attributes();
    let attributes = attributes
        .map(|a| (a.namespace().unwrap_or("").to_owned(), a.name().to_owned(), a.value().to_owned()))
        .collect();
    let declared = node.namespaces().map(|n| (n.name().unwrap_or("").to_owned(), n.uri().to_owned()));
    let mut scope: Vec<_> = declared.filter(|(prefix, _)| prefix != "xml").collect();
    scope.sort();
    let namespace = name.namespace().unwrap_or("").to_owned();
    let mut events = vec![Event::Open { namespace, local: name.name().to_owned(), attributes, scope }];
    for child in node.children() {
        match child.is_text() {
            true => push_text(&mut events, child.text().expect("text")),
            false => events.extend(their_events(child)),
        }
    }
    events.push(Event::Close);
    events
}
