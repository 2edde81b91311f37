//! The HTTP-POST binding.

use studio_acs_saml::{BODY_LIMIT, UnverifiedResponse};

use crate::verify;

/// A form is taken or refused as `form_urlencoded` and a base64 decoder of our own would have it, and yields the same
/// message.
pub fn check(body: &[u8]) {
    let ours = UnverifiedResponse::from_form(Some("application/x-www-form-urlencoded"), body);
    let theirs = message(body);
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => {
            let theirs = UnverifiedResponse::from_xml(theirs.clone()).expect("UTF-8");
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "the length of the message");
        }
        (Err(ours), Err(theirs)) => assert_eq!(ours.code(), *theirs),
        _ => panic!("we say {ours:?}, form_urlencoded says {theirs:?}"),
    }
    if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
        // The text is not public, so this compares outcomes, which quote it.
        let theirs = UnverifiedResponse::from_xml(theirs).expect("UTF-8");
        assert_eq!(verify::outcome(ours), verify::outcome(theirs));
    }
}

fn message(body: &[u8]) -> Result<Vec<u8>, &'static str> {
    if body.len() > BODY_LIMIT {
        return Err("too_large");
    }
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    let named = |name: &str| fields.iter().filter(|field| field.0 == name).count();
    if named("SAMLResponse") != 1 || named("RelayState") > 1 {
        return Err("malformed_request");
    }
    let value = fields.iter().find(|field| field.0 == "SAMLResponse").map_or("", |field| &*field.1);
    let xml = base64(value).ok_or("malformed_base64")?;
    if std::str::from_utf8(&xml).is_ok() { Ok(xml) } else { Err("malformed_xml") }
}

/// Base64 (RFC 4648 4) with padding and without stray bits; white space is skipped.
fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [None; 128];
    ALPHABET.bytes().zip(0_u32..).for_each(|(c, value)| values[usize::from(c)] = Some(value));
    let text: Vec<u8> = text.bytes().filter(|c| !b" \t\n\r\x0C".contains(c)).collect();
    let digits = text.iter().rposition(|c| *c != b'=').map_or(0, |last| last + 1);
    if !text.len().is_multiple_of(4) || text.len() - digits > 2 {
        return None;
    }
    let mut bytes = Vec::new();
    for group in text[..digits].chunks(4) {
        let mut bits = 0;
        for c in group {
            bits = bits << 6 | values.get(usize::from(*c)).copied()??;
        }
        let (length, stray) = match group.len() {
            4 => (3, 0),
            3 => (2, 2),
            2 => (1, 4),
            _ => return None,
        };
        if bits & ((1 << stray) - 1) != 0 {
            return None;
        }
        bytes.extend_from_slice(&(bits >> stray).to_be_bytes()[4 - length..]);
    }
    Some(bytes)
}
