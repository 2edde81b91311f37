//! The parts of a `ds:Signature`, read by its schema.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::names::DS;
use crate::post_binding::unfolded;
use crate::rejection::{Check, Rejection};
use crate::xml::{Child, Element};

/// The parts of a `ds:Signature` (XML Signature 4.1–4.4), each once and in schema order.
pub(super) struct Parts<'d> {
    pub(super) signed_info: Element<'d>,
    pub(super) canonicalization_method: Element<'d>,
    pub(super) signature_method: Element<'d>,
    pub(super) reference: Element<'d>,
    pub(super) transforms: Element<'d>,
    pub(super) digest_method: Element<'d>,
    pub(super) digest_value: Vec<u8>,
    pub(super) signature_value: Vec<u8>,
}

impl<'d> Parts<'d> {
    pub(super) fn read(signature: Element<'d>) -> Result<Self, Rejection> {
        let (signed_info, signature_value) = match *only_elements(signature)? {
            [signed_info, value] => (signed_info, value),
            [signed_info, value, key_info] if key_info.is(DS, "KeyInfo") => (signed_info, value),
            _ => return Err(malformed("Signature with SignedInfo, SignatureValue and at most one KeyInfo")),
        };
        if signature.descendants().any(|element| element.is(DS, "Object")) {
            return Err(malformed("no Object"));
        }
        require(signed_info, "SignedInfo")?;
        require(signature_value, "SignatureValue")?;
        let [canonicalization_method, signature_method, reference] = *only_elements(signed_info)? else {
            return Err(malformed("SignedInfo with CanonicalizationMethod, SignatureMethod and one Reference"));
        };
        require(canonicalization_method, "CanonicalizationMethod")?;
        require(signature_method, "SignatureMethod")?;
        require(reference, "Reference")?;
        let (transforms, digest_method, digest_value) = match *only_elements(reference)? {
            [transforms, method, value] => (transforms, method, value),
            [method, value] if method.is(DS, "DigestMethod") && value.is(DS, "DigestValue") => {
                return Err(Check::Transforms.reject("Transforms", "none"));
            }
            _ => return Err(malformed("Reference with Transforms, DigestMethod and DigestValue")),
        };
        require(transforms, "Transforms")?;
        require(digest_method, "DigestMethod")?;
        require(digest_value, "DigestValue")?;
        // RSA, ECDSA and SHA-2 take no parameters; any content here is for another reader.
        if !only_elements(signature_method)?.is_empty() || !only_elements(digest_method)?.is_empty() {
            return Err(malformed("algorithms without parameters"));
        }
        Ok(Self {
            signed_info,
            canonicalization_method,
            signature_method,
            reference,
            transforms,
            digest_method,
            digest_value: decode(digest_value)?,
            signature_value: decode(signature_value)?,
        })
    }
}

/// Returns the elements inside, if everything else is white space and comments.
pub(super) fn only_elements<'d>(element: Element<'d>) -> Result<Vec<Element<'d>>, Rejection> {
    let mut elements = Vec::new();
    for child in element.children() {
        match child {
            Child::Element(child) => elements.push(child),
            Child::Text(text) if !text.bytes().all(|byte| byte.is_ascii_whitespace()) => {
                return Err(malformed("no text between the parts of a signature"));
            }
            Child::Text(_) | Child::Comment(_) => {}
        }
    }
    Ok(elements)
}

pub(super) fn is_empty(element: Element<'_>) -> bool {
    only_elements(element).is_ok_and(|elements| elements.is_empty())
}

fn require(element: Element<'_>, name: &'static str) -> Result<(), Rejection> {
    if element.is(DS, name) { Ok(()) } else { Err(malformed(name)) }
}

fn decode(element: Element<'_>) -> Result<Vec<u8>, Rejection> {
    let text = element.text().ok_or_else(|| malformed("base64 in plain text"))?;
    STANDARD.decode(&*unfolded(text.as_bytes())).map_err(|_| malformed("base64"))
}

fn malformed(expected: &'static str) -> Rejection {
    Check::SignatureShape.reject(expected, "something else")
}
