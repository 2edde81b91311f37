//! The one pass over the text that builds a [`Document`].

use std::borrow::Cow;
use std::ops::Range;

use super::cursor::{Cursor, is_all_chars, line_ends};
use super::{AttributeData, Binding, Document, ElementData, Limits, Name, Node, XML};
use crate::rejection::{Check, Rejection};

/// The namespace of namespace declarations themselves (Namespaces in XML 3).
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// Places of the two namespace names that every document has.
const NO_NAMESPACE: usize = 0;
const XML_NAMESPACE: usize = 1;

pub(super) fn parse(text: &str, limits: Limits) -> Result<Document<'_>, Rejection> {
    if !is_all_chars(text) {
        return Err(Check::WellFormed.reject("characters of XML 1.0", "a control or a noncharacter"));
    }
    let mut parser = Parser {
        cursor: Cursor::new(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        limits,
        document: Document {
            // An identity provider's message has a node for every forty bytes or so.
            nodes: Vec::with_capacity(limits.nodes.min(text.len() / 40)),
            attributes: Vec::with_capacity(limits.attributes.min(text.len() / 80)),
            uris: vec![Cow::Borrowed(""), Cow::Borrowed(XML)],
            scopes: Vec::new(),
        },
        open: Vec::new(),
        declarations: 0,
    };
    parser.declaration()?;
    parser.document()?;
    Ok(parser.document)
}

struct Parser<'x> {
    cursor: Cursor<'x>,
    limits: Limits,
    document: Document<'x>,
    open: Vec<Open<'x>>,
    declarations: usize,
}

/// An element whose end tag has not come yet.
struct Open<'x> {
    prefix: &'x str,
    local: &'x str,
    scope: Range<usize>,
    place: usize,
}

impl<'x> Parser<'x> {
    /// The XML declaration (XML 1.0 2.8), if present. An encoding but UTF-8 would make other readers read other text.
    fn declaration(&mut self) -> Result<(), Rejection> {
        if !self.cursor.take("<?xml") {
            return Ok(());
        }
        if !self.declares("version", |value| value == "1.0")? {
            return Err(self.cursor.malformed("an XML declaration, and no processing instruction"));
        }
        self.declares("encoding", |value| value.eq_ignore_ascii_case("UTF-8"))?;
        self.declares("standalone", |value| matches!(value, "yes" | "no"))?;
        self.cursor.space();
        self.cursor.require("?>")
    }

    /// Whether the XML declaration goes on with `name`, which then has an allowed value.
    fn declares(&mut self, name: &str, allowed: fn(&str) -> bool) -> Result<bool, Rejection> {
        let mut ahead = self.cursor;
        if !(ahead.space() && ahead.take(name)) {
            return Ok(false);
        }
        self.cursor = ahead;
        self.equals()?;
        if allowed(self.cursor.quoted()?) {
            Ok(true)
        } else {
            Err(self.cursor.malformed("an XML declaration of version 1.0 in UTF-8"))
        }
    }

    /// Prolog, one root, and nothing after it but comments and white space (XML 1.0 2.1).
    fn document(&mut self) -> Result<(), Rejection> {
        let mut root_seen = false;
        loop {
            if !self.open.is_empty() {
                self.content()?;
            } else if self.cursor.space() {
            } else if self.cursor.at_end() {
                return if root_seen { Ok(()) } else { Err(self.cursor.malformed("a root element")) };
            } else if self.cursor.take("<!--") {
                self.comment()?;
            } else if self.cursor.take("<!DOCTYPE") {
                return Err(Check::NoDoctype.reject("no document type declaration", "<!DOCTYPE"));
            } else if self.cursor.take("<?") {
                return Err(self.instruction());
            } else if !root_seen && self.cursor.take("<") {
                root_seen = true;
                self.start_tag()?;
            } else {
                return Err(self.cursor.malformed(if root_seen { "nothing after the root" } else { "a root element" }));
            }
        }
    }

    /// The refusal of an instruction, behind its `<?`. An XML declaration is one where it does not stand first (XML 1.0 2.6).
    fn instruction(&mut self) -> Rejection {
        let is_declaration = self.cursor.take("xml ") || self.cursor.take("xml\t");
        let expected = if is_declaration { "nothing before the XML declaration" } else { "no processing instruction" };
        self.cursor.malformed(expected)
    }

    /// One piece of content (XML 1.0 3.1).
    fn content(&mut self) -> Result<(), Rejection> {
        if self.cursor.take("</") {
            self.end_tag()
        } else if self.cursor.take("<!--") {
            self.comment()
        } else if self.cursor.take("<![CDATA[") {
            let text = line_ends(self.cursor.until("]]>")?);
            self.push(Node::Text(text))
        } else if self.cursor.take("<!DOCTYPE") {
            Err(Check::NoDoctype.reject("no document type declaration", "<!DOCTYPE"))
        } else if self.cursor.take("<?") {
            Err(self.instruction())
        } else if self.cursor.take("<") {
            self.start_tag()
        } else if self.cursor.at_end() {
            Err(self.cursor.malformed("an end tag for every element"))
        } else {
            let raw = self.cursor.up_to(b'<');
            if raw.contains("]]>") {
                return Err(self.cursor.malformed("no `]]>` in text"));
            }
            let text = self.cursor.character_data(raw)?;
            self.push(Node::Text(text))
        }
    }

    fn comment(&mut self) -> Result<(), Rejection> {
        let raw = self.cursor.until("--")?;
        self.cursor.require(">")?;
        self.push(Node::Comment(line_ends(raw)))
    }

    fn end_tag(&mut self) -> Result<(), Rejection> {
        let Some(open) = self.open.pop() else { return Err(self.cursor.malformed("an element to end")) };
        let prefixed = open.prefix.is_empty() || (self.cursor.take(open.prefix) && self.cursor.take(":"));
        let named = prefixed && self.cursor.take(open.local);
        self.cursor.space();
        if !(named && self.cursor.take(">")) {
            return Err(self.cursor.malformed("the end tag of the element that is open"));
        }
        self.close(open.place);
        Ok(())
    }

    /// The element at `place` ends with the last node.
    fn close(&mut self, place: usize) {
        let inside = self.document.nodes.len().saturating_sub(place).saturating_sub(1);
        if let Some(Node::Element(data)) = self.document.nodes.get_mut(place) {
            data.inside = inside;
        }
    }

    fn start_tag(&mut self) -> Result<(), Rejection> {
        let (prefix, local) = self.cursor.qualified_name()?;
        let first = self.document.attributes.len();
        let inherited = self.open.last().map_or(0..0, |open| open.scope.clone());
        let own = self.document.scopes.len();
        let empty = loop {
            let space = self.cursor.space();
            if self.cursor.take(">") {
                break false;
            }
            if self.cursor.take("/>") {
                break true;
            }
            if !space {
                return Err(self.cursor.malformed("white space before an attribute"));
            }
            self.attribute(first, own)?;
        };
        let scope = self.merge_scope(inherited, own)?;
        let uri = self.resolve(prefix, &scope)?;
        self.resolve_attributes(first, &scope)?;

        let place = self.document.nodes.len();
        self.push(Node::Element(ElementData {
            name: Name { prefix, local, uri },
            attributes: first..self.document.attributes.len(),
            scope: scope.clone(),
            inside: 0,
        }))?;
        if self.open.len() >= self.limits.depth {
            return Err(too_complex("depth", self.limits.depth));
        }
        if !empty {
            self.open.push(Open { prefix, local, scope, place });
        }
        Ok(())
    }

    /// One attribute of the element whose attributes begin at `first` and whose declarations begin at `own`.
    fn attribute(&mut self, first: usize, own: usize) -> Result<(), Rejection> {
        let (prefix, local) = self.cursor.qualified_name()?;
        self.equals()?;
        let value = self.cursor.attribute_value()?;
        match (prefix, local) {
            ("", "xmlns") => self.declare("", value, own)?,
            ("xmlns", _) => self.declare(local, value, own)?,
            _ => {
                self.document.attributes.push(AttributeData { name: Name { prefix, local, uri: NO_NAMESPACE }, value })
            }
        }
        let attributes = self.document.attributes.len();
        let here = attributes.saturating_sub(first).saturating_add(self.document.scopes.len().saturating_sub(own));
        if here > self.limits.attributes_per_element || attributes > self.limits.attributes {
            return Err(too_complex(
                "attributes of an element, or too many in all",
                self.limits.attributes_per_element,
            ));
        }
        Ok(())
    }

    /// A namespace declaration and its constraints (Namespaces in XML 2.2, 3, 5).
    fn declare(&mut self, prefix: &'x str, uri: Cow<'x, str>, own: usize) -> Result<(), Rejection> {
        self.declarations = self.declarations.saturating_add(1);
        if self.declarations > self.limits.declarations {
            return Err(too_complex("namespace declarations", self.limits.declarations));
        }
        if prefix.len() > self.limits.name || uri.len() > self.limits.name {
            return Err(too_complex("bytes of a namespace name or prefix", self.limits.name));
        }
        let xml = prefix == "xml" && uri == XML;
        if !xml && (matches!(prefix, "xml" | "xmlns") || uri == XML || uri == XMLNS) {
            return Err(self.cursor.malformed("the prefixes xml and xmlns bound to their own namespaces alone"));
        }
        if !(is_absolute(&uri) || (prefix.is_empty() && uri.is_empty())) {
            return Err(self.cursor.malformed("an absolute namespace name"));
        }
        if self.document.scopes.iter().skip(own).any(|binding| binding.prefix == prefix) {
            return Err(self.cursor.malformed("each prefix declared once on an element"));
        }
        let at = self.document.uris.len();
        self.document.uris.push(uri);
        self.document.scopes.push(Binding { prefix, uri: at });
        Ok(())
    }

    /// The namespaces in scope: the element's own declarations, from `own` on, and the inherited ones that they leave
    /// visible.
    fn merge_scope(&mut self, inherited: Range<usize>, own: usize) -> Result<Range<usize>, Rejection> {
        let declared = own..self.document.scopes.len();
        if declared.is_empty() {
            return Ok(inherited);
        }
        for at in inherited {
            let Some(binding) = self.document.scopes.get(at).copied() else { continue };
            let hidden = self
                .document
                .scopes
                .get(declared.clone())
                .unwrap_or_default()
                .iter()
                .any(|own| own.prefix == binding.prefix);
            if !hidden {
                self.document.scopes.push(binding);
            }
        }
        let scope = own..self.document.scopes.len();
        if scope.len() > self.limits.scope {
            Err(too_complex("namespaces in scope", self.limits.scope))
        } else {
            Ok(scope)
        }
    }

    /// The namespace that `prefix` is bound to, by its place.
    fn resolve(&self, prefix: &str, scope: &Range<usize>) -> Result<usize, Rejection> {
        if prefix == "xml" {
            return Ok(XML_NAMESPACE);
        }
        let scope = self.document.scopes.get(scope.clone()).unwrap_or_default();
        match scope.iter().find(|binding| binding.prefix == prefix) {
            Some(binding) => Ok(binding.uri),
            None if prefix.is_empty() => Ok(NO_NAMESPACE),
            None => Err(self.cursor.malformed("a declared prefix")),
        }
    }

    /// Gives attributes their namespaces, and refuses two of one expanded name (Namespaces in XML 6.2, 6.3).
    fn resolve_attributes(&mut self, first: usize, scope: &Range<usize>) -> Result<(), Rejection> {
        for at in first..self.document.attributes.len() {
            let Some(Name { prefix, local, .. }) = self.document.attributes.get(at).map(|a| a.name) else { continue };
            let uri = if prefix.is_empty() { NO_NAMESPACE } else { self.resolve(prefix, scope)? };
            let earlier = self.document.attributes.get(first..at).unwrap_or_default();
            let same_namespace = |other: usize| other == uri || self.document.uri(other) == self.document.uri(uri);
            if earlier.iter().any(|a| a.name.local == local && same_namespace(a.name.uri)) {
                return Err(self.cursor.malformed("each attribute once on an element"));
            }
            if let Some(attribute) = self.document.attributes.get_mut(at) {
                attribute.name.uri = uri;
            }
        }
        Ok(())
    }

    fn equals(&mut self) -> Result<(), Rejection> {
        self.cursor.space();
        self.cursor.require("=")?;
        self.cursor.space();
        Ok(())
    }

    fn push(&mut self, node: Node<'x>) -> Result<(), Rejection> {
        if self.document.nodes.len() >= self.limits.nodes {
            return Err(too_complex("nodes", self.limits.nodes));
        }
        self.document.nodes.push(node);
        Ok(())
    }
}

/// Whether a namespace name has a scheme (RFC 3986 4.3). C14N 1.3 leaves relative ones undefined.
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

fn too_complex(what: &str, limit: usize) -> Rejection {
    Check::Complexity.reject(format!("at most {limit} {what}"), "more")
}
