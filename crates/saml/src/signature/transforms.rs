//! The transforms of a reference, and canonicalisation methods: two are allowed, in one order.

use super::parts::{is_empty, only_elements};
use crate::canonical::Method;
use crate::names::{DS, ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, EXCLUSIVE_C14N_WITH_COMMENTS};
use crate::rejection::{Check, Rejection};
use crate::xml::{Element, Limits};

/// The most prefixes a `PrefixList` may name: as many as may be in scope.
const PREFIX_LIST_LIMIT: usize = Limits::RESPONSE.scope;

/// Core 5.4.4: enveloped-signature, then exclusive canonicalisation. Nothing else: a transform is code that the sender
/// chooses.
pub(super) fn reference_transforms(transforms: Element<'_>) -> Result<Method, Rejection> {
    match *only_elements(transforms)? {
        [enveloped, exclusive]
            if enveloped.is(DS, "Transform")
                && exclusive.is(DS, "Transform")
                && enveloped.attribute("Algorithm") == Some(ENVELOPED_SIGNATURE)
                && is_empty(enveloped) =>
        {
            // XML Signature 4.4.3.3: `#ID` selects no comments, so `#WithComments` finds none to keep.
            Ok(Method { with_comments: false, ..canonicalization(exclusive)? })
        }
        ref others => {
            let found: Vec<_> = others.iter().map(|t| t.attribute("Algorithm").unwrap_or(t.local())).collect();
            Err(Check::Transforms.reject("enveloped-signature, then exclusive C14N", found.join(", ")))
        }
    }
}

/// Exclusive canonicalisation, with or without comments, with an optional prefix list (xml-exc-c14n 4).
pub(super) fn canonicalization(element: Element<'_>) -> Result<Method, Rejection> {
    let with_comments = match element.attribute("Algorithm") {
        Some(EXCLUSIVE_C14N) => false,
        Some(EXCLUSIVE_C14N_WITH_COMMENTS) => true,
        other => return Err(Check::Transforms.reject("exclusive C14N", other.unwrap_or("no Algorithm"))),
    };
    let inclusive = match *only_elements(element)? {
        [] => Vec::new(),
        [list] if list.is(EXCLUSIVE_C14N, "InclusiveNamespaces") && is_empty(list) => {
            let prefixes = list.attribute("PrefixList").unwrap_or_default().split_ascii_whitespace();
            let bounded = prefixes.take(PREFIX_LIST_LIMIT.saturating_add(1));
            bounded.map(|prefix| if prefix == "#default" { "" } else { prefix }.to_owned()).collect()
        }
        _ => return Err(Check::Transforms.reject("at most one InclusiveNamespaces", "other parameters")),
    };
    if inclusive.len() > PREFIX_LIST_LIMIT {
        return Err(Check::Transforms.reject(format!("at most {PREFIX_LIST_LIMIT} prefixes"), "more"));
    }
    Ok(Method { with_comments, inclusive })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Document;

    /// The method that these elements inside a `ds:Transforms` stand for, or the code of the refusal.
    fn read(transforms: &str) -> Result<Method, &'static str> {
        let xml = format!("<Transforms xmlns='{DS}'>{transforms}</Transforms>");
        let document = Document::parse(&xml, Limits::RESPONSE).unwrap();
        reference_transforms(document.root().unwrap()).map_err(|rejection| rejection.code())
    }

    fn method(inclusive: &[&str]) -> Result<Method, &'static str> {
        Ok(Method { with_comments: false, inclusive: inclusive.iter().map(ToString::to_string).collect() })
    }

    const ENVELOPED: &str = "<Transform Algorithm='http://www.w3.org/2000/09/xmldsig#enveloped-signature'/>";

    /// Exclusive canonicalisation with this inside.
    fn exclusive(inside: &str) -> String {
        format!("{ENVELOPED}<Transform Algorithm='{EXCLUSIVE_C14N}'>{inside}</Transform>")
    }

    fn prefixes(list: &str) -> String {
        exclusive(&format!("<InclusiveNamespaces xmlns='{EXCLUSIVE_C14N}' PrefixList='{list}'/>"))
    }

    #[test]
    fn the_two_transforms_have_one_form() {
        for (transforms, expected) in [
            (exclusive(""), method(&[])),
            (exclusive(" <!-- white space and comments say nothing --> "), method(&[])),
            // `#ID` selects no comments, whatever the transform would keep.
            (format!("{ENVELOPED}<Transform Algorithm='{EXCLUSIVE_C14N_WITH_COMMENTS}'/>"), method(&[])),
            (prefixes(" #default  a\tb "), method(&["", "a", "b"])),
            (exclusive(&format!("<InclusiveNamespaces xmlns='{EXCLUSIVE_C14N}'/>")), method(&[])),
            // Parameters of another name, or with something inside.
            (exclusive("<XPath>true()</XPath>"), Err("transform_forbidden")),
            (exclusive("<InclusiveNamespaces PrefixList='a'/>"), Err("transform_forbidden")),
            (
                exclusive(&format!("<InclusiveNamespaces xmlns='{EXCLUSIVE_C14N}'><a/></InclusiveNamespaces>")),
                Err("transform_forbidden"),
            ),
            (exclusive("text"), Err("signature_malformed")),
            // Another element in the place of the first or of the second.
            (exclusive("").replacen("<Transform ", "<Other ", 1), Err("transform_forbidden")),
            (format!("{ENVELOPED}<Other Algorithm='{EXCLUSIVE_C14N}'/>"), Err("transform_forbidden")),
            (ENVELOPED.repeat(2), Err("transform_forbidden")),
            (format!("{ENVELOPED}<Transform/>"), Err("transform_forbidden")),
        ] {
            assert_eq!(read(&transforms), expected, "{transforms}");
        }
    }

    #[test]
    fn a_prefix_list_has_as_many_prefixes_as_may_be_in_scope() {
        let list = |length: usize| read(&prefixes(&"p ".repeat(length))).map(|method| method.inclusive.len());
        assert_eq!(list(PREFIX_LIST_LIMIT), Ok(32));
        assert_eq!(list(PREFIX_LIST_LIMIT + 1), Err("transform_forbidden"));
        assert_eq!(list(PREFIX_LIST_LIMIT + 2), Err("transform_forbidden"));
    }
}
