//! The parser.

use roxmltree::Node;
use studio_acs_saml::xmldsig::{Document, Limits};

use crate::agreement::{Compare, assert_same, is_not_compared};

/// roxmltree takes every document that we take, and reads it the same. Where roxmltree takes one and we refuse, the
/// reason can be seen.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let ours = Document::parse(text, Limits::RESPONSE);
    let theirs = roxmltree::Document::parse(text);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if !is_not_compared(text) => {
            let compare = Compare { comments: true, scope: true };
            assert_same(ours.root().expect("a root"), theirs.root_element(), compare);
        }
        (Ok(_), Err(error)) => assert!(is_not_compared(text), "we alone take it: {error}"),
        (Err(refused), Ok(theirs)) => {
            let reason = match refused.code() {
                // An instruction, a declaration or a reference: we have rules about each.
                "malformed_xml" => ["<?", "xmlns", "&#"].iter().any(|part| text.contains(part)),
                "duplicate_id" => has_duplicate_id(&theirs),
                "too_complex" => is_complex(&theirs, text),
                _ => false,
            };
            assert!(reason, "refused without a reason: {refused}");
        }
        _ => {}
    }
}

fn has_duplicate_id(document: &roxmltree::Document<'_>) -> bool {
    const XML: &str = "http://www.w3.org/XML/1998/namespace";
    let attributes = document.descendants().flat_map(|node| node.attributes());
    let ids = attributes.filter(|attribute| match attribute.namespace() {
        None => matches!(attribute.name(), "ID" | "Id" | "id"),
        Some(namespace) => namespace == XML && attribute.name() == "id",
    });
    let mut ids: Vec<_> = ids.map(|attribute| attribute.value()).collect();
    ids.sort_unstable();
    ids.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether a limit may be reached; the namespaces are counted in a coarse way.
fn is_complex(document: &roxmltree::Document<'_>, text: &str) -> bool {
    let limits = Limits::RESPONSE;
    let depth = |node: Node<'_, '_>| node.ancestors().take(limits.depth + 2).count();
    let mut attributes = 0;
    let mut deep = false;
    let mut wide = false;
    for node in document.descendants() {
        attributes += node.attributes().len();
        deep |= depth(node) > limits.depth;
        wide |= node.attributes().len() + node.namespaces().len() > limits.attributes_per_element.min(limits.scope);
    }
    let declarations = text.matches("xmlns").count();
    deep || wide
        || attributes > limits.attributes
        || document.descendants().count() > limits.nodes / 2
        || declarations > limits.scope
        || (declarations > 0 && text.len() > limits.name)
}
