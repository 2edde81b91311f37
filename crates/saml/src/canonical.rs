//! Exclusive XML canonicalisation of one element (W3C xml-exc-c14n), written from the same tree that is read.

use std::ops::Range;

use memchr::{memchr, memchr3};

use crate::rejection::{Check, Rejection};
use crate::xml::{Attribute, Child, Element};

/// How to canonicalise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Method {
    /// Whether comments are kept (`xml-exc-c14n#WithComments`).
    pub with_comments: bool,
    /// The `InclusiveNamespaces PrefixList`; "" stands for `#default`.
    pub inclusive: Vec<String>,
}

/// The most canonical bytes. Canonical form is longer than the text, as each element declares the namespaces it uses;
/// what an identity provider sends grows by some percent.
const LIMIT: usize = 4 << 20;

/// The canonical bytes of `apex` and everything inside it, save the element `omitted` (an enveloped signature).
///
/// # Errors
/// `too_complex`: more than 4 MiB of output, which bounds time and memory.
pub fn canonicalize(apex: Element<'_>, method: &Method, omitted: Option<Element<'_>>) -> Result<Vec<u8>, Rejection> {
    let mut canonical = Canonical {
        out: Vec::with_capacity(8192),
        method,
        rendered: Vec::new(),
        namespaces: Vec::new(),
        attributes: Vec::new(),
    };
    canonical.element(apex, omitted)?;
    Ok(canonical.out)
}

struct Canonical<'d, 'm> {
    out: Vec<u8>,
    method: &'m Method,
    /// Prefixes and namespaces as the output has them; each open element sees its own part.
    rendered: Vec<(&'d str, &'d str)>,
    /// The tag in hand: what it declares, and its attributes in order. Kept for their memory.
    namespaces: Vec<(&'d str, &'d str)>,
    attributes: Vec<Attribute<'d>>,
}

struct Open<'d, I> {
    element: Element<'d>,
    rendered: Range<usize>,
    children: I,
}

impl<'d> Canonical<'d, '_> {
    /// Walks the tree with a stack of its own, so that depth costs heap and not call stack.
    fn element(&mut self, apex: Element<'d>, omitted: Option<Element<'d>>) -> Result<(), Rejection> {
        let mut stack = vec![self.open(apex, None, 0..0)];
        while let Some(open) = stack.last_mut() {
            if self.out.len() > LIMIT {
                return Err(Check::Complexity.reject(format!("at most {LIMIT} bytes in canonical form"), "more"));
            }
            match open.children.next() {
                Some(Child::Element(child)) if Some(child) == omitted => {}
                Some(Child::Element(child)) => {
                    let (parent, rendered) = (open.element, open.rendered.clone());
                    stack.push(self.open(child, Some(parent), rendered));
                }
                Some(Child::Text(text)) => self.text(text),
                Some(Child::Comment(text)) if self.method.with_comments => self.write(&["<!--", text, "-->"]),
                Some(Child::Comment(_)) => {}
                None => {
                    self.write(&["</"]);
                    self.qualified_name(open.element.prefix(), open.element.local());
                    self.write(&[">"]);
                    stack.pop();
                    self.rendered.truncate(stack.last().map_or(0, |open| open.rendered.end));
                }
            }
        }
        Ok(())
    }

    /// Writes the start tag.
    fn open(
        &mut self,
        element: Element<'d>,
        parent: Option<Element<'d>>,
        outer: Range<usize>,
    ) -> Open<'d, impl Iterator<Item = Child<'d>> + use<'d>> {
        let mut namespaces = std::mem::take(&mut self.namespaces);
        self.collect_namespaces(element, parent, outer.clone(), &mut namespaces);
        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.extend(element.attributes());
        attributes.sort_unstable_by_key(|attribute| (attribute.namespace, attribute.local));

        self.write(&["<"]);
        self.qualified_name(element.prefix(), element.local());
        for (prefix, namespace) in &namespaces {
            if prefix.is_empty() {
                self.write(&[" xmlns"])
            } else {
                self.write(&[" xmlns:", prefix])
            }
            self.attribute_value(namespace);
        }
        for attribute in &attributes {
            self.write(&[" "]);
            self.qualified_name(attribute.prefix, attribute.local);
            self.attribute_value(attribute.value);
        }
        self.write(&[">"]);

        let rendered = self.render(outer, &namespaces);
        namespaces.clear();
        attributes.clear();
        (self.namespaces, self.attributes) = (namespaces, attributes);
        Open { element, rendered, children: element.children() }
    }

    /// The namespaces to declare on `element`, sorted by prefix (xml-exc-c14n 3): those that its name or an attribute's
    /// name uses, and those of the prefix list that are in scope, unless the output has them already.
    fn collect_namespaces(
        &self,
        element: Element<'d>,
        parent: Option<Element<'d>>,
        outer: Range<usize>,
        namespaces: &mut Vec<(&'d str, &'d str)>,
    ) {
        let rendered = self.rendered.get(outer).unwrap_or_default();
        let mut need = |prefix: &'d str, namespace: &'d str| {
            let before = rendered.iter().find(|(other, _)| *other == prefix).map_or("", |(_, namespace)| namespace);
            if before != namespace && prefix != "xml" && !namespaces.iter().any(|(other, _)| *other == prefix) {
                namespaces.push((prefix, namespace));
            }
        };
        need(element.prefix(), element.namespace());
        element.attributes().filter(|a| !a.prefix.is_empty()).for_each(|a| need(a.prefix, a.namespace));
        // A scope like the parent's holds nothing of the list that is not in the output already.
        if !self.method.inclusive.is_empty() && !parent.is_some_and(|parent| parent.same_scope(&element)) {
            let listed = |prefix: &str| self.method.inclusive.iter().any(|listed| listed == prefix);
            element
                .scope()
                .filter(|(prefix, _)| listed(prefix))
                .for_each(|(prefix, namespace)| need(prefix, namespace));
        }
        namespaces.sort_unstable();
    }

    /// Writes the namespaces of an element that declares `namespaces`; returns those that the output has in scope
    /// inside it.
    fn render(&mut self, outer: Range<usize>, namespaces: &[(&'d str, &'d str)]) -> Range<usize> {
        if namespaces.is_empty() {
            return outer;
        }
        let start = self.rendered.len();
        self.rendered.extend_from_slice(namespaces);
        for at in outer {
            let inherited =
                self.rendered.get(at).copied().filter(|(prefix, _)| !namespaces.iter().any(|(own, _)| own == prefix));
            self.rendered.extend(inherited);
        }
        start..self.rendered.len()
    }

    /// Text as C14N 2.3 writes it.
    fn text(&mut self, text: &str) {
        if memchr3(b'&', b'<', b'>', text.as_bytes()).is_none() && memchr(b'\r', text.as_bytes()).is_none() {
            return self.write(&[text]);
        }
        self.escaped(text, |c| match c {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '\r' => Some("&#xD;"),
            _ => None,
        });
    }

    /// `="value"` as C14N 2.3 writes it.
    fn attribute_value(&mut self, value: &str) {
        self.write(&["=\""]);
        if memchr3(b'&', b'<', b'"', value.as_bytes()).is_none()
            && memchr3(b'\t', b'\n', b'\r', value.as_bytes()).is_none()
        {
            self.write(&[value]);
        } else {
            self.escaped(value, |c| match c {
                '&' => Some("&amp;"),
                '<' => Some("&lt;"),
                '"' => Some("&quot;"),
                '\t' => Some("&#x9;"),
                '\n' => Some("&#xA;"),
                '\r' => Some("&#xD;"),
                _ => None,
            });
        }
        self.write(&["\""]);
    }

    fn escaped(&mut self, text: &str, escape: impl Fn(char) -> Option<&'static str>) {
        for c in text.chars() {
            self.write(&[escape(c).unwrap_or(c.encode_utf8(&mut [0; 4]))]);
        }
    }

    fn qualified_name(&mut self, prefix: &str, local: &str) {
        if prefix.is_empty() { self.write(&[local]) } else { self.write(&[prefix, ":", local]) }
    }

    fn write(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.out.extend_from_slice(part.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    fn canonical(xml: &str, inner: &str, inclusive: &[&str]) -> String {
        let document = Document::parse(xml, Limits::RESPONSE).unwrap();
        let root = document.root().unwrap();
        let apex = root.descendants().find(|e| e.local() == inner).unwrap_or(root);
        let method = Method { with_comments: true, inclusive: inclusive.iter().map(ToString::to_string).collect() };
        String::from_utf8(canonicalize(apex, &method, None).unwrap()).unwrap()
    }

    #[test]
    fn only_used_namespaces_are_declared_once_and_sorted() {
        let xml =
            r#"<a:r xmlns:a="urn:a" xmlns:b="urn:b" xmlns:c="urn:c"><b:x c:z="1" b:y="2" w='3'><b:i/></b:x></a:r>"#;
        assert_eq!(
            canonical(xml, "x", &[]),
            r#"<b:x xmlns:b="urn:b" xmlns:c="urn:c" w="3" b:y="2" c:z="1"><b:i></b:i></b:x>"#
        );
    }

    #[test]
    fn listed_prefixes_are_declared_where_they_are_in_scope() {
        let xml = r#"<r xmlns="urn:d" xmlns:a="urn:a"><p:x xmlns:p="urn:p"><p:y xmlns:a="urn:other"/></p:x></r>"#;
        assert_eq!(
            canonical(xml, "x", &["a", "", "absent"]),
            r#"<p:x xmlns="urn:d" xmlns:a="urn:a" xmlns:p="urn:p"><p:y xmlns:a="urn:other"></p:y></p:x>"#
        );
    }

    #[test]
    fn output_is_bounded_where_namespaces_multiply_it() {
        let name = "\"".repeat(200);
        let xml = format!("<r xmlns:p='urn:{name}'>{}</r>", "<p:e/>".repeat(10_000));
        let document = Document::parse(&xml, Limits::RESPONSE).unwrap();
        let refused = canonicalize(document.root().unwrap(), &Method::default(), None);
        assert_eq!(refused.map_err(|rejection| rejection.code()), Err("too_complex"));
    }

    #[test]
    fn output_may_be_as_long_as_the_limit_and_no_longer() {
        let refused = |length: usize| {
            let xml = format!("<r>{}</r>", "x".repeat(length));
            let document = Document::parse(&xml, Limits::RESPONSE).unwrap();
            canonicalize(document.root().unwrap(), &Method::default(), None)
                .err()
                .map(|rejection| rejection.to_string())
        };
        let limit = LIMIT - "<r>".len();
        assert_eq!(refused(limit), None);
        assert!(
            refused(limit + 1)
                .is_some_and(|error| error.ends_with("at most 4194304 bytes in canonical form, found more"))
        );
    }

    #[test]
    fn the_default_namespace_is_undeclared_where_needed() {
        let xml = r#"<r xmlns="urn:d"><x xmlns=""><y/></x></r>"#;
        assert_eq!(canonical(xml, "r", &[]), r#"<r xmlns="urn:d"><x xmlns=""><y></y></x></r>"#);
        assert_eq!(canonical(xml, "x", &[]), "<x><y></y></x>");
    }

    #[test]
    fn characters_are_escaped_and_line_ends_normalised() {
        let xml = "<r a=\"&#9;&#10;&#13;\t&lt;&quot;&amp;>'\">x\r\ny&#13;&gt;<![CDATA[<&\r]]><!--c\r\n--></r>";
        assert_eq!(
            canonical(xml, "r", &[]),
            "<r a=\"&#x9;&#xA;&#xD; &lt;&quot;&amp;>'\">x\ny&#xD;&gt;&lt;&amp;\n<!--c\n--></r>"
        );
    }
}
