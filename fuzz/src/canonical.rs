//! Canonicalisation.

use studio_acs_saml::xmldsig::{Document, Element, Limits, Method, canonicalize};

use crate::agreement::{Compare, assert_same, is_not_compared};

/// The canonical form of what we take is canonical already, and says what the document says; without an enveloped
/// element, it is that of the document from which the element was cut.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(document) = Document::parse(text, Limits::RESPONSE) else { return };
    let root = document.root().expect("a root");
    let inner: Vec<_> = root.descendants().collect();
    // Any one will do, and the same one for the same bytes.
    let chosen = inner.get(data.len() % (inner.len() + 1)).copied().unwrap_or(root);
    let prefixes: Vec<_> = chosen.scope().map(|(prefix, _)| prefix.to_owned()).step_by(2).collect();
    for apex in [root, chosen] {
        for method in [
            Method::default(),
            Method { with_comments: true, inclusive: Vec::new() },
            Method { with_comments: data.len().is_multiple_of(2), inclusive: prefixes.clone() },
        ] {
            check_stable(apex, &method);
        }
    }
    check_cut(text, root);
}

fn check_stable(apex: Element<'_>, method: &Method) {
    let once = match canonicalize(apex, method, None) {
        Ok(once) => String::from_utf8(once).expect("UTF-8"),
        Err(refused) => return assert_eq!(refused.code(), "too_complex"),
    };
    let again = match Document::parse(&once, Limits::RESPONSE) {
        Ok(again) => again,
        // Each element that uses a namespace may declare it, so there may be more declarations than before.
        Err(refused) => return assert_eq!(refused.code(), "too_complex", "{refused}"),
    };
    let root = again.root().expect("a root");
    let twice = canonicalize(root, method, None).expect("no longer than before");
    assert_eq!(String::from_utf8_lossy(&twice), once);
    if !is_not_compared(&once) {
        let theirs = roxmltree::Document::parse(&once).expect("XML");
        assert_same(apex, theirs.root_element(), Compare { comments: method.with_comments, scope: false });
    }
}

fn check_cut(text: &str, root: Element<'_>) {
    let Some(child) = root.elements().next() else { return };
    let Ok(theirs) = roxmltree::Document::parse(text) else { return };
    let Some(range) = theirs.root_element().first_element_child().map(|child| child.range()) else { return };
    let cut = [&text[..range.start], &text[range.end..]].concat();
    let cut = Document::parse(&cut, Limits::RESPONSE).expect("as well-formed as before");
    let method = Method { with_comments: true, inclusive: Vec::new() };
    let without = canonicalize(root, &method, Some(child)).ok();
    assert_eq!(without, canonicalize(cut.root().expect("a root"), &method, None).ok());
}
