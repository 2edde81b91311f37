//! A captured credential: a response as XML, its base64, or the whole form body; a token by itself, or its header.

use studio_acs_jwt::UnverifiedToken;
use studio_acs_saml::{Rejection, UnverifiedResponse};

const FORM: &str = "application/x-www-form-urlencoded";
const HEADER: &[u8] = b"authorization:";

/// Takes `capture` for what it looks like: XML begins with `<`, a form has names and values, base64 is the rest.
///
/// # Errors
/// As SAML sign-in's own: `malformed_request`, `malformed_base64`, `malformed_xml`, `too_large`.
pub fn read_captured(capture: &[u8]) -> Result<UnverifiedResponse, Rejection> {
    let text = match std::str::from_utf8(capture) {
        Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text).trim(),
        // Neither base64 nor a form holds such bytes.
        Err(_) => return UnverifiedResponse::from_xml(capture.to_vec()),
    };
    if text.starts_with('<') {
        UnverifiedResponse::from_xml(capture.to_vec())
    } else if is_form(text) {
        UnverifiedResponse::from_form(Some(FORM), text.as_bytes())
    } else {
        UnverifiedResponse::from_base64(text.as_bytes())
    }
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
        assert_eq!(read_captured(b"\xff\xfe<\0").unwrap_err().code(), "malformed_xml");
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
