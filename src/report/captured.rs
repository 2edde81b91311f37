//! A captured credential: a response in the forms that people find it in; a token by itself, or its header.

mod archive;
mod page;

use studio_acs_jwt::UnverifiedToken;
use studio_acs_saml::{BODY_LIMIT, Check, FORM, Rejection, UnverifiedResponse};

const HEADER: &[u8] = b"authorization:";
/// The longest capture that is searched for a response: a browser's archive of a sign-in has some megabytes.
const ARCHIVE_LIMIT: usize = 64 << 20;

/// Takes `capture` for what it looks like: XML begins with `<`, a form has names and values, an address has a query, a
/// page has a form with the response, a browser's archive is JSON, and base64 is the rest.
///
/// # Errors
/// As SAML sign-in's own: `malformed_request`, `malformed_base64`, `malformed_xml`, `too_large`.
pub fn read_captured(capture: &[u8]) -> Result<UnverifiedResponse, Rejection> {
    if capture.len() > ARCHIVE_LIMIT {
        return Err(Check::BodySize.reject(format!("at most {ARCHIVE_LIMIT} bytes"), capture.len()));
    }
    // UTF-16 of ASCII without a mark is UTF-8 of another text.
    if let [b'<', 0, ..] | [0, b'<', ..] = capture {
        return Err(Check::WellFormed.reject("UTF-8", "UTF-16"));
    }
    let text = match std::str::from_utf8(capture) {
        Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text).trim(),
        // Neither base64 nor a form holds such bytes.
        Err(_) => return UnverifiedResponse::from_xml(capture.to_vec()),
    };
    if text.is_empty() {
        Err(nothing("an empty capture"))
    } else if page::is_page(text) {
        only(page::responses(text), "an HTML page without a SAMLResponse")
    } else if text.starts_with('<') {
        UnverifiedResponse::from_xml(capture.to_vec())
    } else if text.starts_with(['{', '[']) {
        only(archive::responses(text), "JSON without a SAMLResponse")
    } else if text.starts_with("-----BEGIN ") {
        Err(nothing("a PEM file"))
    } else if let Some((_, query)) = text.split_once('?').filter(|(address, _)| address.starts_with("http")) {
        UnverifiedResponse::from_form(Some(FORM), query.as_bytes())
    } else if is_form(text) {
        UnverifiedResponse::from_form(Some(FORM), text.as_bytes())
    } else {
        UnverifiedResponse::from_base64(text.as_bytes())
    }
}

/// The one response of a page or an archive.
fn only(mut responses: Vec<String>, otherwise: &'static str) -> Result<UnverifiedResponse, Rejection> {
    responses.sort();
    responses.dedup();
    match &*responses {
        [] => Err(nothing(otherwise)),
        [response] if response.len() > BODY_LIMIT => {
            Err(Check::BodySize.reject(format!("at most {BODY_LIMIT} bytes"), response.len()))
        }
        [response] => UnverifiedResponse::from_base64(response.as_bytes()),
        several => Err(Check::FormFields.reject("one SAMLResponse", format!("{} SAMLResponse", several.len()))),
    }
}

fn nothing(found: &'static str) -> Rejection {
    Check::FormFields.reject("a response, as XML, base64, a form, a page or a browser's archive", found)
}

/// Takes `capture` for a token, for the header's value (`Bearer …`), or for the whole header, with white space around it.
///
/// # Errors
/// As the token API's own.
pub fn read_captured_token(capture: &[u8]) -> Result<UnverifiedToken, studio_acs_jwt::Rejection> {
    let capture = capture.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(capture).trim_ascii();
    let value = match capture.split_at_checked(HEADER.len()) {
        Some((name, value)) if name.eq_ignore_ascii_case(HEADER) => value.trim_ascii_start(),
        _ => capture,
    };
    // No token has a space in it.
    let is_token = !value.iter().any(u8::is_ascii_whitespace);
    let scheme: &[u8] = if is_token { b"Bearer " } else { b"" };
    UnverifiedToken::from_authorization([&*[scheme, value].concat()])
}

/// Base64 has no `%`, no `&`, and `=` only at its end.
fn is_form(text: &str) -> bool {
    text.contains(['%', '&']) || text.trim_end_matches('=').contains('=') || text.starts_with("SAMLResponse=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_one_capture() {
        for capture in
            ["<r/>", " \n<r/>", "\u{FEFF}<r/>", "PHIvPg==", "PHIv\nPg==\n", "RelayState=&SAMLResponse=PHIvPg%3D%3D\n"]
        {
            assert!(read_captured(capture.as_bytes()).is_ok(), "{capture}");
        }
        assert_eq!(read_captured(b"\xff\xfe<\0").unwrap_err().found(), "UTF-16");
        assert_eq!(read_captured(b"what?").unwrap_err().code(), "malformed_base64");
    }

    #[test]
    fn three_forms_of_one_token() {
        // {"alg":"RS256","kid":"k"}
        const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.AA";
        for before in
            ["", "Bearer ", "bearer ", "Authorization: Bearer ", "authorization:bearer ", "\u{FEFF}\n Bearer "]
        {
            for after in ["", "\n", " \r\n\t"] {
                let token = read_captured_token(format!("{before}{TOKEN}{after}").as_bytes());
                assert_eq!(token.expect("a token").unverified_key_id(), Some("k"), "{before:?}{after:?}");
            }
        }
        for (capture, code) in [
            ("", "token_missing"),
            ("Authorization:", "token_missing"),
            ("Authorization: Basic dTpw", "token_missing"),
            ("what?", "token_malformed"),
            ("eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ\n.e30.AA", "token_missing"),
        ] {
            assert_eq!(read_captured_token(capture.as_bytes()).unwrap_err().code(), code, "{capture}");
        }
    }
}
