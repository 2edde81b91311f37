//! Whether two parsers read the same.

use roxmltree::{Node, NodeType};
use studio_acs_saml::xmldsig::{Child, Element};

/// The parts to compare.
#[derive(Clone, Copy)]
pub(crate) struct Compare {
    pub(crate) comments: bool,
    /// Which namespaces are in scope, used or not.
    pub(crate) scope: bool,
}

/// Whether an attribute may be named such as `p:xmlns`, which declares nothing (Namespaces in XML 3): not compared.
pub(crate) fn is_not_compared(text: &str) -> bool {
    text.contains(":xmlns")
}

/// Panics where the two differ.
pub(crate) fn assert_same(ours: Element<'_>, theirs: Node<'_, '_>, compare: Compare) {
    assert_eq!(
        (ours.namespace(), ours.local()),
        (theirs.tag_name().namespace().unwrap_or(""), theirs.tag_name().name())
    );
    let mut our_attributes: Vec<_> = ours.attributes().map(|a| (a.namespace, a.local, a.value)).collect();
    let mut their_attributes: Vec<_> =
        theirs.attributes().map(|a| (a.namespace().unwrap_or(""), a.name(), a.value())).collect();
    our_attributes.sort_unstable();
    their_attributes.sort_unstable();
    assert_eq!(our_attributes, their_attributes);
    if compare.scope {
        let mut our_scope: Vec<_> = ours.scope().collect();
        let mut their_scope: Vec<_> = theirs.namespaces().map(|n| (n.name().unwrap_or(""), n.uri())).collect();
        their_scope.retain(|(prefix, _)| *prefix != "xml");
        our_scope.sort_unstable();
        their_scope.sort_unstable();
        assert_eq!(our_scope, their_scope);
    }

    let mut ours = our_pieces(ours, compare).into_iter();
    let mut theirs = their_pieces(theirs, compare).into_iter();
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return,
            (Some(Piece::Element(ours)), Some(Piece::Element(theirs))) => assert_same(ours, theirs, compare),
            (Some(Piece::Text(ours)), Some(Piece::Text(theirs))) => assert_eq!(ours, theirs),
            (Some(Piece::Comment(ours)), Some(Piece::Comment(theirs))) => assert_eq!(ours, theirs),
            _ => panic!("another kind or number of nodes"),
        }
    }
}

enum Piece<E> {
    Element(E),
    Text(String),
    Comment(String),
}

/// Texts that stand together are one; empty ones are none.
fn push<E>(pieces: &mut Vec<Piece<E>>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

fn our_pieces(element: Element<'_>, compare: Compare) -> Vec<Piece<Element<'_>>> {
    let mut pieces = Vec::new();
    for child in element.children() {
        match child {
            Child::Element(child) => pieces.push(Piece::Element(child)),
            Child::Text(text) => push(&mut pieces, text),
            Child::Comment(text) if compare.comments => pieces.push(Piece::Comment(text.to_owned())),
            Child::Comment(_) => {}
        }
    }
    pieces
}

fn their_pieces<'a, 'x>(node: Node<'a, 'x>, compare: Compare) -> Vec<Piece<Node<'a, 'x>>> {
    let mut pieces = Vec::new();
    for child in node.children() {
        let text = child.text().unwrap_or_default();
        match child.node_type() {
            NodeType::Element => pieces.push(Piece::Element(child)),
            NodeType::Text => push(&mut pieces, text),
            // roxmltree leaves line ends in comments as they are; XML 1.0 2.11 does not.
            NodeType::Comment if compare.comments => {
                pieces.push(Piece::Comment(text.replace("\r\n", "\n").replace('\r', "\n")));
            }
            NodeType::Comment => {}
            NodeType::Root | NodeType::PI => panic!("a node that we would have refused"),
        }
    }
    pieces
}
