//! bergshamra's exclusive C14N, of the tree of the parser uppsala.

use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_xml::NodeSet;
use uppsala::{Document, NodeId};

/// The elements in document order.
pub fn elements(document: &Document<'_>) -> Vec<NodeId> {
    let all = document.descendants(document.root());
    all.into_iter().filter(|node| document.element(*node).is_some()).collect()
}

/// The canonical form of `apex` without `omitted`; `None` where bergshamra refuses.
pub fn canonicalize(
    document: &Document<'_>,
    apex: NodeId,
    omitted: Option<NodeId>,
    with_comments: bool,
    inclusive: &[String],
) -> Option<Vec<u8>> {
    let mode = if with_comments { C14nMode::ExclusiveWithComments } else { C14nMode::Exclusive };
    let mut part = NodeSet::tree_with_comments(apex, document);
    if let Some(omitted) = omitted {
        part = part.subtract(&NodeSet::tree_with_comments(omitted, document));
    }
    let listed = inclusive.iter().map(|prefix| if prefix.is_empty() { "#default" } else { prefix });
    canonicalize_doc(document, mode, Some(&part), &listed.collect::<Vec<_>>()).ok()
}
