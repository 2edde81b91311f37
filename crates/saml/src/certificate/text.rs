//! The text of an `X509Certificate`: base64 of DER, and nothing else (XML Signature 4.4.4).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode as _, Header, Reader as _, SliceReader};

use crate::post_binding::unfolded;
use crate::xml::{Child, Element};
use studio_acs_refusal::{Base64Fault, Base64Form, is_plain, pem_label};

/// The advice for a private key.
const NEW_KEY: &str = "remove it, and make a new key, since this one is no secret any more";

/// The content that stands where a certificate should. Each kind has its own repair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateText {
    /// Nothing.
    Empty,
    /// A comment, which two readers could read differently.
    Comment,
    /// An element.
    Element,
    /// A certificate in PEM: its lines with BEGIN and END belong to files.
    Pem,
    /// Several certificates in one element.
    Several,
    /// A PEM of another kind than a certificate, by its label.
    PemOf(String),
    /// The lines that `openssl` writes before a certificate, such as `subject=`.
    Preamble(String),
    /// A character that looks like none, or that a word processor put there.
    Character(char),
    /// Line ends as a program's text writes them: a backslash and a letter.
    Escaped,
    /// base64 for URLs.
    Base64Url,
    /// base64 of a PEM file, not of the certificate.
    Base64OfPem,
    /// base64 of base64.
    Base64Twice,
    /// The DER in hexadecimal digits.
    Hex,
    /// A fingerprint in hexadecimal digits.
    Fingerprint,
    /// A private key in DER.
    PrivateKey,
    /// Another structure in DER, such as a public key.
    Der(&'static str),
    /// base64 that was cut or changed.
    NotBase64(Base64Fault),
}

impl fmt::Display for CertificateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the element is empty"),
            Self::Comment => f.write_str("a comment stands in the element: remove it"),
            Self::Element => f.write_str("an element stands in the element, where only text may"),
            Self::Pem => f.write_str("it is in PEM: remove the lines BEGIN CERTIFICATE and END CERTIFICATE"),
            Self::Several => f.write_str(
                "several certificates stand in one element, as in the file of a chain: keep the one that signs, or give each an element of its own",
            ),
            Self::PemOf(label) if label.contains("PRIVATE") => write!(f, "it is a {label} and no certificate: {NEW_KEY}"),
            Self::PrivateKey => write!(f, "it is a private key and no certificate: {NEW_KEY}"),
            Self::PemOf(label) => write!(f, "it is a {label} in PEM and no certificate"),
            Self::Preamble(text) => write!(f, "text before the certificate (`{text}`): keep only the base64"),
            Self::Character(c) => {
                let name = if *c == '\u{A0}' { "a no-break space" } else { "a character that base64 does not have" };
                write!(f, "{name} (U+{:04X}) stands in the base64: remove it", u32::from(*c))
            }
            Self::Escaped => f.write_str("line ends are written as \\n or \\r in it: write line breaks, or none"),
            Self::Base64Url => f.write_str("it is base64 for URLs (- and _), where standard base64 (+ and /) belongs"),
            Self::Base64OfPem => f.write_str("it is the base64 of a PEM file: put the base64 in that file there"),
            Self::Base64Twice => f.write_str("it was encoded in base64 twice: decode it once"),
            Self::Hex => f.write_str("it is in hexadecimal digits, where base64 belongs: convert it, as by xxd -r -p and base64"),
            Self::Fingerprint => f.write_str("it is the fingerprint of a certificate: put the base64 of the certificate itself there"),
            Self::Der(kind) => write!(f, "it is {kind} and no certificate"),
            Self::NotBase64(fault) => write!(f, "it is no base64: {fault}"),
        }
    }
}

/// Returns the DER of the one certificate in `element`.
pub(super) fn der(element: Element<'_>) -> Result<Vec<u8>, CertificateText> {
    let Some(text) = element.text() else {
        let is_comment = element.children().any(|child| matches!(child, Child::Comment(_)));
        return Err(if is_comment { CertificateText::Comment } else { CertificateText::Element });
    };
    let folded = unfolded(text.as_bytes());
    if folded.is_empty() {
        return Err(CertificateText::Empty);
    }
    // Hexadecimal digits are base64, too.
    if let Some(kind) = hexadecimal(&text) {
        return Err(kind);
    }
    STANDARD.decode(&*folded).map_err(|_| {
        not_base64(&text, &folded)
            .unwrap_or_else(|| CertificateText::NotBase64(Base64Fault::of(text.as_bytes(), Base64Form::Standard)))
    })
}

/// The kind of a text of hexadecimal digits, with colons, dashes or white space between them; `None` for any other text.
fn hexadecimal(text: &str) -> Option<CertificateText> {
    let mut digits = text.chars().filter(|c| !c.is_ascii_whitespace() && !matches!(c, ':' | '-'));
    if !digits.clone().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    match digits.clone().count() {
        // MD5, SHA-1, SHA-256.
        32 | 40 | 64 => Some(CertificateText::Fingerprint),
        // A sequence.
        _ => (digits.next() == Some('3') && digits.next() == Some('0')).then_some(CertificateText::Hex),
    }
}

/// The kind of a text that is no base64.
fn not_base64(text: &str, folded: &[u8]) -> Option<CertificateText> {
    const BEGIN: &str = "-----BEGIN ";
    if let Some((before, rest)) = text.split_once(BEGIN) {
        let label = pem_label(rest);
        return Some(match text.matches(BEGIN).count() {
            _ if !matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") => {
                CertificateText::PemOf(label.to_owned())
            }
            1 if !before.trim().is_empty() => preamble(before),
            1 => CertificateText::Pem,
            _ => CertificateText::Several,
        });
    }
    if text.contains("\\n") || text.contains("\\r") {
        return Some(CertificateText::Escaped);
    }
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let odd = text.chars().find(|c| !is_base64(*c) && !c.is_ascii_whitespace());
    match odd {
        // Its characters are base64, too.
        None if text.trim_start().starts_with("subject=") => Some(preamble(text)),
        // Padding in the middle: where one ends, another begins.
        None if text.trim_end().trim_end_matches('=').contains('=') => Some(CertificateText::Several),
        None => None,
        Some('-' | '_') if URL_SAFE.decode(folded).or_else(|_| URL_SAFE_NO_PAD.decode(folded)).is_ok() => {
            Some(CertificateText::Base64Url)
        }
        Some(_) if has_words(text) => Some(preamble(text)),
        Some(c) => Some(CertificateText::Character(c)),
    }
}

/// Whether a line of it is words, and not base64: it has a colon and a space, or an equals sign that is no padding.
fn has_words(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| line.contains(": ") || line.trim_end_matches('=').contains('='))
}

fn preamble(text: &str) -> CertificateText {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    CertificateText::Preamble(line.chars().filter(|c| is_plain(*c)).take(40).collect())
}

/// The kind of bytes that are no certificate, if it is a known one. (Two certificates in a row are told by the length of
/// the first.)
pub(super) fn not_a_certificate(bytes: &[u8]) -> Option<CertificateText> {
    const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
    if bytes.trim_ascii_start().starts_with(b"-----BEGIN ") {
        return Some(CertificateText::Base64OfPem);
    }
    if STANDARD.decode(&*unfolded(bytes)).is_ok_and(|inner| inner.starts_with(&[0x30, 0x82])) {
        return Some(CertificateText::Base64Twice);
    }
    let mut reader = SliceReader::new(bytes).ok()?;
    let header = Header::decode(&mut reader).ok()?;
    let whole = usize::try_from(header.length()).ok()?.checked_add(usize::try_from(reader.position()).ok()?)?;
    if let Some(rest) = bytes.get(whole..).filter(|rest| !rest.is_empty()) {
        return rest.starts_with(&[0x30, 0x82]).then_some(CertificateText::Several);
    }
    // The first member tells: private keys (RFC 5208 5, RFC 8017 A.1.2, RFC 5915 3) and PKCS #12 have a version, PKCS #7 has
    // its type, a public key its algorithm.
    let inside = bytes.get(usize::try_from(reader.position()).ok()?..)?;
    match inside {
        [0x02, 0x01, 0x00 | 0x01, ..] => return Some(CertificateText::PrivateKey),
        [0x02, 0x01, 0x03, ..] => return Some(CertificateText::Der("a PKCS #12 file (.p12, .pfx)")),
        _ => {}
    }
    let mut inside = SliceReader::new(inside).ok()?;
    if let Ok(oid) = ObjectIdentifier::decode(&mut inside) {
        return (oid == SIGNED_DATA).then_some(CertificateText::Der("a PKCS #7 file (.p7b)"));
    }
    x509_cert::spki::SubjectPublicKeyInfo::<AnyRef<'_>, x509_cert::der::asn1::BitStringRef<'_>>::from_der(bytes)
        .ok()
        .map(|_| CertificateText::Der("a public key"))
}
