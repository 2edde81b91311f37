//! Another judge of signatures, with keys that do not come from metadata; and a signer, so that mutants come further.

use std::fs;
use std::sync::LazyLock;

use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self as lc, EcdsaKeyPair, ParsedPublicKey, VerificationAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs_saml::xmldsig::{Document, Element, Limits, Method, canonicalize};

use crate::verify::SAML;
use fixtures::manifest;

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ISSUER: &str =
    "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIzNDU2Nzg5MDEyX2lucy0wMTIzNDU2Nzg5YWJjZGVm";

/// Whether the response, or the assertion in it, has a signature of `issuer` that is valid for it.
pub(crate) fn is_signed(text: &str, issuer: &str) -> bool {
    let document = Document::parse(text, Limits::RESPONSE).expect("XML");
    let response = document.root().expect("a root");
    let assertion = response.named(SAML, "Assertion").next().expect("an assertion");
    let judged = |element: Element<'_>| element.named(DS, "Signature").any(|s| judge(element, s, issuer) == Some(true));
    judged(response) || judged(assertion)
}

/// `None` where a part is missing.
fn judge(element: Element<'_>, signature: Element<'_>, issuer: &str) -> Option<bool> {
    let info = child(signature, "SignedInfo")?;
    let reference = child(info, "Reference")?;
    let exclusive = child(reference, "Transforms")?.named(DS, "Transform").nth(1)?;
    let covered =
        canonicalize(element, &Method { with_comments: false, ..method(exclusive)? }, Some(signature)).ok()?;
    let digest_method = match child(reference, "DigestMethod")?.attribute("Algorithm")?.rsplit_once('#')?.1 {
        "sha256" => &digest::SHA256,
        "sha384" => &digest::SHA384,
        "sha512" => &digest::SHA512,
        _ => return None,
    };
    let digests = digest(digest_method, &covered).as_ref() == decoded(child(reference, "DigestValue")?)?;
    let refers = reference.attribute("URI")? == format!("#{}", element.attribute("ID")?);

    let signed = canonicalize(info, &method(child(info, "CanonicalizationMethod")?)?, None).ok()?;
    let algorithm = child(info, "SignatureMethod")?.attribute("Algorithm")?.strip_prefix(MORE)?;
    let value = decoded(child(signature, "SignatureValue")?)?;
    let der = der(&value);
    let value = if algorithm.starts_with("ecdsa") { &der } else { &value };
    let verifies = KEYS
        .iter()
        .any(|(whose, name, key)| *whose == issuer && *name == algorithm && key.verify_sig(&signed, value).is_ok());
    Some(digests && refers && verifies)
}

fn method(element: Element<'_>) -> Option<Method> {
    let with_comments = match element.attribute("Algorithm")?.strip_prefix(EXCLUSIVE)? {
        "" => false,
        "WithComments" => true,
        _ => return None,
    };
    let list = element.named(EXCLUSIVE, "InclusiveNamespaces").next().and_then(|list| list.attribute("PrefixList"));
    let prefixes = list.unwrap_or_default().split_ascii_whitespace();
    let inclusive = prefixes.map(|prefix| if prefix == "#default" { "" } else { prefix }.to_owned()).collect();
    Some(Method { with_comments, inclusive })
}

fn child<'d>(element: Element<'d>, name: &'static str) -> Option<Element<'d>> {
    element.named(DS, name).next()
}

fn decoded(element: Element<'_>) -> Option<Vec<u8>> {
    STANDARD.decode(element.text()?.split_ascii_whitespace().collect::<String>()).ok()
}

/// r‖s as a DER sequence of two integers.
fn der(signature: &[u8]) -> Vec<u8> {
    let integer = |digits: &[u8]| {
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        let digits = &digits[zeros.min(digits.len().saturating_sub(1))..];
        let padding: &[u8] = if digits.first().is_none_or(|digit| *digit >= 0x80) { &[0] } else { &[] };
        tagged(2, &[padding, digits].concat())
    };
    let (r, s) = signature.split_at(signature.len() / 2);
    tagged(0x30, &[integer(r), integer(s)].concat())
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = match content.len() {
        short @ ..0x80 => vec![short as u8],
        long @ ..0x100 => vec![0x81, long as u8],
        long => vec![0x82, (long >> 8) as u8, long as u8],
    };
    [&[tag], &*length, content].concat()
}

type Key = (String, &'static str, ParsedPublicKey);

/// Whose, for which algorithm, and the key.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    const RSA: &[(&str, &dyn VerificationAlgorithm)] = &[
        ("rsa-sha256", &lc::RSA_PKCS1_2048_8192_SHA256),
        ("rsa-sha384", &lc::RSA_PKCS1_2048_8192_SHA384),
        ("rsa-sha512", &lc::RSA_PKCS1_2048_8192_SHA512),
    ];
    const P256: &[(&str, &dyn VerificationAlgorithm)] = &[
        ("ecdsa-sha256", &lc::ECDSA_P256_SHA256_ASN1),
        ("ecdsa-sha384", &lc::ECDSA_P256_SHA384_ASN1),
        ("ecdsa-sha512", &lc::ECDSA_P256_SHA512_ASN1),
    ];
    const P384: &[(&str, &dyn VerificationAlgorithm)] = &[
        ("ecdsa-sha256", &lc::ECDSA_P384_SHA256_ASN1),
        ("ecdsa-sha384", &lc::ECDSA_P384_SHA384_ASN1),
        ("ecdsa-sha512", &lc::ECDSA_P384_SHA512_ASN1),
    ];
    const P521: &[(&str, &dyn VerificationAlgorithm)] = &[
        ("ecdsa-sha256", &lc::ECDSA_P521_SHA256_ASN1),
        ("ecdsa-sha384", &lc::ECDSA_P521_SHA384_ASN1),
        ("ecdsa-sha512", &lc::ECDSA_P521_SHA512_ASN1),
    ];
    let other =
        ISSUER.replace("MTIzNDU2Nzg5MDEyX2lucy0wMTIzNDU2Nzg5YWJjZGVm", "MTIzNDU2Nzg5MDEyX2lucy1mZWRjYmE5ODc2NTQzMjEw");
    let files = [
        (ISSUER, "rsa-2048", RSA),
        (ISSUER, "rsa-2048-next", RSA),
        (ISSUER, "rsa-2048-expired", RSA),
        (ISSUER, "rsa-3072", RSA),
        (ISSUER, "rsa-4096", RSA),
        (ISSUER, "ec-p256", P256),
        (ISSUER, "ec-p384", P384),
        (ISSUER, "ec-p521", P521),
        (&other, "other-idp", RSA),
    ];
    let mut keys = Vec::new();
    for (whose, file, algorithms) in files {
        let der = pem(&format!("keys/{file}.pub.pem"));
        for (name, algorithm) in algorithms {
            keys.push((whose.to_owned(), *name, ParsedPublicKey::new(*algorithm, &*der).expect("a key")));
        }
    }
    keys
});

static SIGNER: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
    let der = pem("keys/ec-p256.key.pem");
    let algorithm = &lc::ECDSA_P256_SHA256_FIXED_SIGNING;
    EcdsaKeyPair::from_pkcs8(algorithm, &der)
        .or_else(|_| EcdsaKeyPair::from_private_key_der(algorithm, &der))
        .expect("a private key")
});

fn pem(file: &str) -> Vec<u8> {
    let text = fs::read_to_string(manifest::path(file)).expect("a key");
    let body = text.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(body.collect::<String>()).expect("PEM")
}

/// `text` with the signature of its assertion made again, as an identity provider would sign its present content. A
/// signature of the response is cut out. `None` where the message has no place for a signature.
pub(crate) fn signed_again(text: &str) -> Option<String> {
    let text = without_response_signature(text)?;
    let text = with_value(&text, "SignatureMethod", Some("Algorithm"), &format!("{MORE}ecdsa-sha256"))?;
    let text = with_value(&text, "DigestMethod", Some("Algorithm"), "http://www.w3.org/2001/04/xmlenc#sha256")?;
    let id = roxmltree::Document::parse(&text).ok().as_ref().and_then(assertion)?.attribute("ID")?.to_owned();
    let text = with_value(&text, "Reference", Some("URI"), &format!("#{id}"))?;

    let document = Document::parse(&text, Limits::RESPONSE).ok()?;
    let element = document.root()?.named(SAML, "Assertion").next()?;
    let signature = child(element, "Signature")?;
    let reference = child(child(signature, "SignedInfo")?, "Reference")?;
    let exclusive = child(reference, "Transforms")?.named(DS, "Transform").nth(1)?;
    let method_of_reference = Method { with_comments: false, ..method(exclusive)? };
    let covered = canonicalize(element, &method_of_reference, Some(signature)).ok()?;
    let text = with_value(&text, "DigestValue", None, &STANDARD.encode(digest(&digest::SHA256, &covered)))?;

    let document = Document::parse(&text, Limits::RESPONSE).ok()?;
    let signature = child(document.root()?.named(SAML, "Assertion").next()?, "Signature")?;
    let info = child(signature, "SignedInfo")?;
    let signed = canonicalize(info, &method(child(info, "CanonicalizationMethod")?)?, None).ok()?;
    let value = SIGNER.sign(&SystemRandom::new(), &signed).ok()?;
    with_value(&text, "SignatureValue", None, &STANDARD.encode(value))
}

fn assertion<'a, 'x>(document: &'a roxmltree::Document<'x>) -> Option<roxmltree::Node<'a, 'x>> {
    document.root_element().children().find(|node| node.has_tag_name((SAML, "Assertion")))
}

fn without_response_signature(text: &str) -> Option<String> {
    let document = roxmltree::Document::parse(text).ok()?;
    let signature = document.root_element().children().find(|node| node.has_tag_name((DS, "Signature")));
    Some(signature.map(|s| s.range()).map_or(text.to_owned(), |s| [&text[..s.start], &text[s.end..]].concat()))
}

/// `text` with another value of an attribute, or of the text, of the part `name` of the assertion's signature.
fn with_value(text: &str, name: &str, attribute: Option<&str>, value: &str) -> Option<String> {
    let document = roxmltree::Document::parse(text).ok()?;
    let signature = assertion(&document)?.children().find(|node| node.has_tag_name((DS, "Signature")))?;
    let part = signature.descendants().find(|node| node.has_tag_name((DS, name)))?;
    let range = match attribute {
        Some(attribute) => part.attribute_node(attribute)?.range_value(),
        None => part.first_child().filter(|child| child.is_text())?.range(),
    };
    Some([&text[..range.start], value, &text[range.end..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeds;
    use crate::verify::outcome;
    use studio_acs_saml::UnverifiedResponse;

    #[test]
    fn what_is_signed_again_is_accepted() {
        let accepted =
            |message: &[u8]| outcome(UnverifiedResponse::from_xml(message.to_vec()).expect("UTF-8")).starts_with("Ok");
        let messages: Vec<_> = seeds::accepted().into_iter().filter(|message| accepted(message)).collect();
        let signed = messages.iter().filter_map(|message| signed_again(std::str::from_utf8(message).ok()?));
        let taken = signed.filter(|message| accepted(message.as_bytes())).count();
        assert!(taken * 10 > messages.len() * 9, "{taken} of {}", messages.len());
    }

    #[test]
    fn the_other_judge_tells_signed_from_changed() {
        let text = String::from_utf8(manifest::read("responses/identity-center.xml")).expect("UTF-8");
        assert!(is_signed(&text, ISSUER));
        for changed in [text.replace("d-a1b2c3d4e5f6", "d-a1b2c3d4e5f7"), text.replace("ana@", "eve@")] {
            assert_ne!(changed, text);
            assert!(!is_signed(&changed, ISSUER));
        }
        assert!(!is_signed(&text, "https://other.example/"));
    }
}
