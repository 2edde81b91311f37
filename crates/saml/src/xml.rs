//! A strict, bounded, read-only XML tree: one pass over the text, one tree that is both hashed and read.
//!
//! The parser takes the XML 1.0 (fifth edition) with namespaces that identity providers send, and refuses the rest:
//! document type declarations, processing instructions, encodings but UTF-8, relative namespace names. Every limit is
//! checked before the work it bounds is done, so that parsing is linear in the text's length, and canonicalising too.

mod cursor;
mod parser;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::rejection::{Check, Rejection};

/// The namespace that the prefix `xml` is bound to (Namespaces in XML 3).
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Bounds on a document. Exceeding one is `too_complex`.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Elements inside each other.
    pub depth: usize,
    /// Elements, texts and comments in all.
    pub nodes: usize,
    /// Attributes in all, without namespace declarations.
    pub attributes: usize,
    /// Attributes and namespace declarations of one element.
    pub attributes_per_element: usize,
    /// Namespace declarations in all.
    pub declarations: usize,
    /// Namespace prefixes in scope of one element.
    pub scope: usize,
    /// Bytes of a namespace name or a prefix, which canonicalisation may write for every element.
    pub name: usize,
}

impl Limits {
    /// For a response: some twenty times what an assertion with a hundred attributes has.
    pub const RESPONSE: Self = Self {
        depth: 48,
        nodes: 16_384,
        attributes: 8_192,
        attributes_per_element: 64,
        declarations: 2_048,
        scope: 32,
        name: 256,
    };

    /// For metadata, which the operator chose: a federation of thousands may be in one file.
    pub const METADATA: Self = Self {
        depth: 48,
        nodes: 4_000_000,
        attributes: 2_000_000,
        attributes_per_element: 256,
        declarations: 500_000,
        scope: 64,
        name: 256,
    };
}

/// A parsed document. Borrows from the text wherever no reference or line end had to be resolved.
pub struct Document<'x> {
    /// In document order; an element is followed by what is inside it.
    nodes: Vec<Node<'x>>,
    attributes: Vec<AttributeData<'x>>,
    /// Namespace names; a [`Name`] points here.
    uris: Vec<Cow<'x, str>>,
    /// The namespaces in scope of an element; elements that declare none share their parent's part.
    scopes: Vec<Binding<'x>>,
}

enum Node<'x> {
    Element(ElementData<'x>),
    Text(Cow<'x, str>),
    Comment(Cow<'x, str>),
}

struct ElementData<'x> {
    name: Name<'x>,
    attributes: Range<usize>,
    scope: Range<usize>,
    /// How many of the nodes that follow are inside this element.
    inside: usize,
}

struct AttributeData<'x> {
    name: Name<'x>,
    value: Cow<'x, str>,
}

#[derive(Clone, Copy)]
struct Name<'x> {
    prefix: &'x str,
    local: &'x str,
    uri: usize,
}

/// A prefix ("" is the default namespace) bound to a namespace name, by its place in `uris`.
#[derive(Clone, Copy)]
struct Binding<'x> {
    prefix: &'x str,
    uri: usize,
}

impl<'x> Document<'x> {
    /// Parses `text`.
    ///
    /// # Errors
    /// `malformed_xml`, `dtd_forbidden`, `too_complex`, `duplicate_id`.
    pub fn parse(text: &'x str, limits: Limits) -> Result<Self, Rejection> {
        let document = parser::parse(text, limits)?;
        document.check_ids()?;
        Ok(document)
    }

    /// The root element.
    pub fn root(&self) -> Option<Element<'_>> {
        Children { document: self, nodes: &self.nodes }.find_map(|child| match child {
            Child::Element(element) => Some(element),
            _ => None,
        })
    }

    /// XML Signature 4.4.3.2 refers by ID; an ID that stands twice means two elements.
    fn check_ids(&self) -> Result<(), Rejection> {
        let is_id = |name: &Name<'_>| match name.prefix {
            "" => matches!(name.local, "ID" | "Id" | "id"),
            "xml" => name.local == "id",
            _ => false,
        };
        let mut ids: Vec<&str> = self.attributes.iter().filter(|a| is_id(&a.name)).map(|a| &*a.value).collect();
        ids.sort_unstable();
        match ids.windows(2).find_map(|pair| {
            if let [a, b] = pair
                && a == b
            {
                Some(*a)
            } else {
                None
            }
        }) {
            Some(id) => Err(Check::UniqueIds.reject("every ID once", format_args!("{id} twice"))),
            None => Ok(()),
        }
    }

    fn uri(&self, at: usize) -> &str {
        self.uris.get(at).map_or("", |uri| uri)
    }
}

/// Shows only the size: the content may be a bearer token.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} nodes, redacted)", self.nodes.len())
    }
}

/// An element of a [`Document`].
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    data: &'d ElementData<'d>,
    inside: &'d [Node<'d>],
}

/// A node directly inside an element.
#[derive(Clone, Copy)]
pub enum Child<'d> {
    /// An element.
    Element(Element<'d>),
    /// Characters, with references and line ends resolved. A CDATA section is a text of its own.
    Text(&'d str),
    /// A comment.
    Comment(&'d str),
}

impl<'d> Element<'d> {
    /// Whether the element has this expanded name.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.data.name.local == local && self.namespace() == namespace
    }

    /// The namespace name; empty for none.
    pub fn namespace(&self) -> &'d str {
        self.document.uri(self.data.name.uri)
    }

    /// The prefix as written; empty for none.
    pub fn prefix(&self) -> &'d str {
        self.data.name.prefix
    }

    /// The local name.
    pub fn local(&self) -> &'d str {
        self.data.name.local
    }

    /// The attributes in the order they were written.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'d>> + use<'d> {
        let document = self.document;
        let attributes = document.attributes.get(self.data.attributes.clone()).unwrap_or_default();
        attributes.iter().map(move |data| Attribute {
            prefix: data.name.prefix,
            local: data.name.local,
            namespace: document.uri(data.name.uri),
            value: &data.value,
        })
    }

    /// The value of the attribute `local` that has no namespace.
    pub fn attribute(&self, local: &str) -> Option<&'d str> {
        self.attributes().find(|a| a.prefix.is_empty() && a.local == local).map(|a| a.value)
    }

    /// The namespaces in scope: prefix (empty for the default) and name. The prefix `xml` is not listed.
    pub fn scope(&self) -> impl Iterator<Item = (&'d str, &'d str)> + use<'d> {
        let document = self.document;
        let scope = document.scopes.get(self.data.scope.clone()).unwrap_or_default();
        let listed = scope.iter().filter(|binding| binding.prefix != "xml");
        listed.map(move |binding| (binding.prefix, document.uri(binding.uri)))
    }

    /// Whether the same declarations are in scope of `other`, an ancestor or a descendant.
    pub(crate) fn same_scope(&self, other: &Element<'d>) -> bool {
        self.data.scope == other.data.scope
    }

    /// Everything directly inside, in order.
    pub fn children(&self) -> impl Iterator<Item = Child<'d>> + use<'d> {
        Children { document: self.document, nodes: self.inside }
    }

    /// The elements directly inside, in order.
    pub fn elements(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        self.children().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The elements of this expanded name directly inside, in order.
    pub fn named(&self, namespace: &'d str, local: &'d str) -> impl Iterator<Item = Element<'d>> + use<'d> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// Every element inside at any depth, in document order.
    pub fn descendants(&self) -> impl Iterator<Item = Element<'d>> + use<'d> {
        let (document, nodes) = (self.document, self.inside);
        nodes.iter().enumerate().filter_map(move |(at, node)| match node {
            Node::Element(data) => {
                Some(Element { document, data, inside: nodes.get(at.saturating_add(1)..)?.get(..data.inside)? })
            }
            _ => None,
        })
    }

    /// Returns the text inside, if nothing else is: no element, and no comment that could hide a part of the value.
    pub fn text(&self) -> Option<Cow<'d, str>> {
        let mut text = Cow::Borrowed("");
        for child in self.children() {
            match child {
                Child::Text(part) if text.is_empty() => text = Cow::Borrowed(part),
                Child::Text(part) => text.to_mut().push_str(part),
                Child::Element(_) | Child::Comment(_) => return None,
            }
        }
        Some(text)
    }
}

/// Shows only the name.
impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.local())
    }
}

/// The same element of the same document.
impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.data, other.data)
    }
}

/// An attribute, namespace declarations excepted.
#[derive(Clone, Copy)]
pub struct Attribute<'d> {
    /// The prefix as written; empty for none.
    pub prefix: &'d str,
    /// The local name.
    pub local: &'d str,
    /// The namespace name; empty for an attribute without prefix.
    pub namespace: &'d str,
    /// The normalised value (XML 1.0, 3.3.3).
    pub value: &'d str,
}

struct Children<'d> {
    document: &'d Document<'d>,
    nodes: &'d [Node<'d>],
}

impl<'d> Iterator for Children<'d> {
    type Item = Child<'d>;

    fn next(&mut self) -> Option<Child<'d>> {
        let (node, rest) = self.nodes.split_first()?;
        let (inside, after) = match node {
            Node::Element(data) => rest.split_at_checked(data.inside)?,
            _ => (Default::default(), rest),
        };
        self.nodes = after;
        Some(match node {
            Node::Element(data) => Child::Element(Element { document: self.document, data, inside }),
            Node::Text(text) => Child::Text(text),
            Node::Comment(text) => Child::Comment(text),
        })
    }
}
