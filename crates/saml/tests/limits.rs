//! Each limit of the parser: a document that reaches it is read, and one that passes it is refused for it.

#![allow(missing_docs, clippy::expect_used)]

use studio_acs_saml::xmldsig::{Document, Limits};

const LIMITS: Limits =
    Limits { depth: 3, nodes: 6, attributes: 5, attributes_per_element: 3, declarations: 4, scope: 2, name: 8 };

#[test]
fn each_limit_may_be_reached_and_not_passed() {
    for (limit, reached, passed) in [
        ("at most 3 depth", "<a><b><c/></b><b/></a>", "<a><b><c><d/></c></b></a>"),
        ("at most 3 depth", "<a><b><c></c></b></a>", "<a><b><c><d></d></c></b></a>"),
        ("at most 6 nodes", "<a>t<b/>t<!--c--><b/></a>", "<a>t<b/>t<!--c--><b/>t</a>"),
        ("at most 6 nodes", "<!--c--><a><b/><b/><b/></a><!--c-->", "<!--c--><a><b/><b/><b/></a><!--c--><!--c-->"),
        ("at most 6 nodes", "<a><b/><b/><b/><b/><b/></a>", "<a><b/><b/><b/><b/><b/><b/></a>"),
        ("at most 6 nodes", "<a><b/><b/><b/><b/><![CDATA[x]]></a>", "<a><b/><b/><b/><b/><b/><![CDATA[x]]></a>"),
        ("at most 3 attributes of an element", "<a b='' c='' d=''/>", "<a b='' c='' d='' e=''/>"),
        (
            "at most 3 attributes of an element",
            "<a b='' xmlns='u:a' xmlns:p='u:b'/>",
            "<a b='' c='' xmlns='u:a' xmlns:p='u:b'/>",
        ),
        (
            "at most 3 attributes of an element",
            "<a b='' c='' d=''><e f='' g=''/></a>",
            "<a b='' c='' d=''><e f='' g='' h=''/></a>",
        ),
        ("or too many in all", "<a b='' c='' d=''><e f='' g=''/></a>", "<a b='' c='' d=''><e f=''/><e f='' g=''/></a>"),
        (
            "at most 4 namespace declarations",
            "<a xmlns='u:a' xmlns:p='u:b'><b xmlns='u:a' xmlns:p='u:b'/></a>",
            "<a xmlns='u:a' xmlns:p='u:b'><b xmlns='u:a' xmlns:p='u:b'/><b xmlns='u:a'/></a>",
        ),
        // A prefix that is declared again is in scope once.
        (
            "at most 2 namespaces in scope",
            "<a xmlns:p='u:a' xmlns:q='u:b'><b xmlns:q='u:c'/></a>",
            "<a xmlns:p='u:a' xmlns:q='u:b'><b xmlns:r='u:c'/></a>",
        ),
        ("at most 8 bytes of a namespace name or prefix", "<a xmlns='u:345678'/>", "<a xmlns='u:3456789'/>"),
        ("at most 8 bytes of a namespace name or prefix", "<a xmlns:p2345678='u:a'/>", "<a xmlns:p23456789='u:a'/>"),
    ] {
        let read = |text| {
            Document::parse(text, LIMITS).map(|_| ()).map_err(|rejection| (rejection.code(), rejection.to_string()))
        };
        assert_eq!(read(reached), Ok(()), "{reached}");
        let (code, reason) = read(passed).expect_err(passed);
        assert_eq!(code, "too_complex", "{passed}: {reason}");
        assert!(reason.contains(limit), "{passed}: {reason}");
    }
}

/// C14N leaves relative namespace names undefined; RFC 3986 3.1 says what a scheme is.
#[test]
fn a_namespace_name_begins_with_a_scheme() {
    for (name, is_read) in [
        ("u:x", true),
        ("a+-.1:", true),
        ("A:b:c", true),
        (":x", false),
        ("1a:x", false),
        ("+a:x", false),
        ("a b:x", false),
        ("a/b:x", false),
        ("é:x", false),
    ] {
        assert_eq!(Document::parse(&format!("<a xmlns='{name}'/>"), LIMITS).is_ok(), is_read, "{name}");
    }
}

/// XML 1.0 2.2, however many of them stand in a text.
#[test]
fn no_number_of_controls_passes() {
    for controls in ["\u{1}", "\u{1}\u{1}", "\u{1}\u{1f}\u{8}\u{b}", "\u{FFFE}", "\u{FFFF}\u{FFFF}"] {
        let rejection = Document::parse(&format!("<a>{controls}</a>"), LIMITS).map(|_| ()).expect_err("a control");
        assert_eq!((rejection.code(), rejection.found()), ("malformed_xml", "a control or a noncharacter"));
    }
    assert!(Document::parse("<a>\t\n\r \u{7f}\u{FFFD}\u{FF21}</a>", LIMITS).is_ok());
}

/// XML 1.0 2.11, 3.3.3: white space in text stays, and in an attribute it becomes a space, beside references or not.
#[test]
fn white_space_is_kept_in_text_and_normalised_in_attributes() {
    for reference in ["", "&amp;"] {
        let text = format!("<a b='x\ty\nz\r\n{reference}'>x\ty\nz\r\n{reference}</a>");
        let document = Document::parse(&text, LIMITS).expect("XML");
        let root = document.root().expect("a root");
        let resolved = reference.replace("&amp;", "&");
        assert_eq!(root.text().as_deref(), Some(&*format!("x\ty\nz\n{resolved}")));
        assert_eq!(root.attribute("b"), Some(&*format!("x y z {resolved}")));
    }
    let document = Document::parse("<a>x<![CDATA[y]]>z<![CDATA[]]></a>", LIMITS).expect("XML");
    assert_eq!(document.root().expect("a root").text().as_deref(), Some("xyz"));
}

/// The names of IDs that readers of SAML and of XML use, and no others.
#[test]
fn an_id_stands_once_whatever_it_is_called() {
    let names = ["ID", "Id", "id", "xml:id"];
    for first in names {
        for second in names {
            let text = |value| format!("<a {first}='x'><b/><b {second}='{value}'/></a>");
            assert!(Document::parse(&text("y"), LIMITS).is_ok(), "{first}, {second}");
            let rejection = Document::parse(&text("x"), LIMITS).expect_err("twice");
            assert_eq!((rejection.code(), rejection.found()), ("duplicate_id", "x twice"));
        }
    }
    for other in ["iD", "xml:lang", "xml:ID", "p:ID", "p:id", "AssertionID"] {
        let text = format!("<a xmlns:p='u:p' ID='x'><b {other}='x'/><b {other}='x'/></a>");
        assert!(Document::parse(&text, LIMITS).is_ok(), "{other}");
    }
}

/// A reason tells how far the text was read, by which an operator finds the place.
#[test]
fn a_fault_is_told_with_its_place() {
    for (text, place) in [("<a><b></c></a>", 8), ("<a b=1/>", 5), ("<a>ü&x;</a>", 8), ("", 0)] {
        let rejection = Document::parse(text, LIMITS).expect_err(text);
        assert_eq!(rejection.found(), format!("something else near byte {place}"), "{text}: {rejection}");
    }
}

/// Neither a document nor an element shows what stands in it: it may be a bearer token.
#[test]
fn debug_shows_no_content() {
    let document = Document::parse("<a b='secret'>secret<c/></a>", LIMITS).expect("XML");
    assert_eq!(format!("{document:?}"), "Document(3 nodes, redacted)");
    assert_eq!(format!("{:?}", document.root().expect("a root")), "Element(a)");
}
