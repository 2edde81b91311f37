//! The kind of bytes that stand where a response should: for messages only.

use std::str::Utf8Error;

use base64::DecodeError;

/// The kind of a value that is no standard base64.
pub(super) fn not_base64(value: &[u8], folded: &[u8], error: DecodeError) -> String {
    let has = |bytes: &[u8]| bytes.iter().any(|byte| value.contains(byte));
    let kind = if folded.starts_with(b"<") {
        "XML, not base64 of it"
    } else if folded.starts_with(b"%3C") {
        "XML in percent-encoding, not base64 of it"
    } else if folded.starts_with(b"eyJ") && has(b".") {
        "a JSON Web Token"
    } else if has(b"%") {
        "base64 in percent-encoding (%2B): it was encoded twice"
    } else if has(b"-_") && !has(b"+/") {
        "base64 for URLs (- and _ in place of + and /)"
    } else if value.trim_ascii().contains(&b' ') && !has(b"+") {
        "base64 with spaces, where + stood: a form writes it %2B"
    } else if has("…".as_bytes()) || folded.ends_with(b"...") {
        "a value that was cut (…)"
    } else {
        return format!("no base64: {error}");
    };
    kind.to_owned()
}

/// Whether decoded bytes are base64 of XML again.
pub(super) fn is_base64(decoded: &[u8]) -> bool {
    let begins =
        [&b"PHNh"[..], b"PD94", b"PFJl", b"PG5z", b"PHAx", b"77u/"].iter().any(|head| decoded.starts_with(head));
    begins && decoded.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte))
}

/// The kind of bytes that are no UTF-8.
pub(super) fn not_utf8(bytes: &[u8], error: Utf8Error) -> String {
    let kind = match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, ..] | [0, b'<', ..] => "UTF-16",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive",
        [0x1F, 0x8B, ..] => "a gzip file",
        [b'%', b'P', b'D', b'F', ..] => "a PDF file",
        [0x30, 0x82, ..] => "DER, such as a certificate",
        [b'<', ..] => return format!("XML in another encoding ({error})"),
        // RFC 1951 3.2.3: the type of the first block stands in bits 1 and 2.
        [first, ..] if matches!(first & 0b110, 0b010 | 0b100) => {
            "compressed bytes (DEFLATE), as the binding HTTP-Redirect sends them"
        }
        _ => return error.to_string(),
    };
    kind.to_owned()
}
