//! libxml2's parser and its exclusive C14N.

use std::ffi::{CString, c_int, c_void};
use std::ptr;

use libxml::bindings::{
    xmlBufferContent, xmlBufferCreate, xmlBufferFree, xmlBufferLength, xmlC14NExecute,
    xmlC14NMode_XML_C14N_EXCLUSIVE_1_0, xmlElementType_XML_NAMESPACE_DECL, xmlNodePtr, xmlOutputBufferClose,
    xmlOutputBufferCreateBuffer,
};
use libxml::parser::{Parser, ParserOptions};
use libxml::tree::{Document, Node};

/// Parses without recovery: what libxml2 calls well-formed.
pub fn parse(xml: &str) -> Option<Document> {
    let options = ParserOptions { recover: false, no_net: true, ..ParserOptions::default() };
    Parser::default().parse_string_with_options(xml, options).ok()
}

/// The elements in document order.
pub fn elements(document: &Document) -> Vec<Node> {
    let mut elements = Vec::new();
    let mut open: Vec<Node> = document.get_root_element().into_iter().collect();
    while let Some(element) = open.pop() {
        open.extend(element.get_child_elements().into_iter().rev());
        elements.push(element);
    }
    elements
}

/// The canonical form of `apex` without `omitted`; `None` where libxml2 refuses.
pub fn canonicalize(
    document: &Document,
    apex: &Node,
    omitted: Option<&Node>,
    with_comments: bool,
    inclusive: &[String],
) -> Option<Vec<u8>> {
    // The name that stands for the empty prefix in a list.
    let listed = inclusive.iter().map(|prefix| if prefix.is_empty() { "#default" } else { prefix });
    let prefixes: Vec<CString> = listed.map(CString::new).collect::<Result<_, _>>().ok()?;
    let mut list: Vec<_> =
        prefixes.iter().map(|prefix| prefix.as_ptr().cast_mut().cast()).chain([ptr::null_mut()]).collect();
    let mut part = Part { apex: apex.node_ptr(), omitted: omitted.map_or(ptr::null_mut(), Node::node_ptr) };
    // SAFETY: `document`, which owns both nodes, outlives the call, as do the list, which ends with a null pointer, the
    // strings in it and `part`. The output is read before its buffer is freed.
    #[allow(unsafe_code)]
    unsafe {
        let buffer = xmlBufferCreate();
        let output = xmlOutputBufferCreateBuffer(buffer, ptr::null_mut());
        let status = xmlC14NExecute(
            document.doc_ptr(),
            Some(is_in_part),
            (&raw mut part).cast(),
            xmlC14NMode_XML_C14N_EXCLUSIVE_1_0 as c_int,
            list.as_mut_ptr(),
            with_comments.into(),
            output,
        );
        xmlOutputBufferClose(output);
        let length = usize::try_from(xmlBufferLength(buffer)).unwrap_or(0);
        let bytes = match xmlBufferContent(buffer) {
            content if content.is_null() => Vec::new(),
            content => std::slice::from_raw_parts(content, length).to_vec(),
        };
        xmlBufferFree(buffer);
        (status >= 0).then_some(bytes)
    }
}

struct Part {
    apex: xmlNodePtr,
    omitted: xmlNodePtr,
}

/// Whether a node is the apex or inside it, and not in what is omitted.
///
/// # Safety
/// For libxml2, with a [`Part`] and the nodes of its document.
#[allow(unsafe_code)]
unsafe extern "C" fn is_in_part(part: *mut c_void, node: xmlNodePtr, parent: xmlNodePtr) -> c_int {
    // SAFETY: libxml2 hands on the part that it was given, and nodes of a live tree. A namespace is no node but begins
    // with the same two fields; it has no parent of its own.
    unsafe {
        let part = &*part.cast::<Part>();
        let mut at = if (*node).type_ == xmlElementType_XML_NAMESPACE_DECL { parent } else { node };
        while !at.is_null() && at != part.omitted {
            if at == part.apex {
                return 1;
            }
            at = (*at).parent;
        }
        0
    }
}
