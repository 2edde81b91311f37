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
